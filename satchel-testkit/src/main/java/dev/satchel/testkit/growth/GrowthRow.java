package dev.satchel.testkit.growth;

import java.time.Duration;

/**
 * What one size costs. Times and bytes of changes are medians.
 *
 * @param bytes of the database
 * @param change of one row
 * @param opening on a machine without a copy
 */
public record GrowthRow(long bytes, Change change, Opening opening) {
    /**
     * A change of one row: session, commit, upload.
     *
     * @param uploaded bytes of the commit
     * @param requests to the store
     * @param time of the session
     * @param barePut time of a put of as many bytes, in turns with the sessions
     * @param allocated bytes of heap by the session's thread
     */
    public record Change(long uploaded, int requests, Duration time, Duration barePut, long allocated) {
        /** How many times as long as the bare put. */
        public double ratio() {
            return (double) time.toNanos() / Math.max(1, barePut.toNanos());
        }
    }

    /**
     * The first SELECT on a machine without a copy, in a process with a small heap.
     *
     * @param moved bytes that were read from the store
     * @param requests to the store
     * @param time to the answer
     * @param bareGet time of a get of the image to a file, in one piece
     * @param heapLimit what the process may take
     * @param heapPeak what it took at most, garbage included
     */
    public record Opening(long moved, int requests, Duration time, Duration bareGet, long heapLimit, long heapPeak) {
        /** How many times as long as the bare get. */
        public double ratio() {
            return (double) time.toNanos() / Math.max(1, bareGet.toNanos());
        }
    }
}
