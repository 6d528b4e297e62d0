package dev.satchel.internal.replica;

import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.ltx.PageChecksum;
import java.time.Instant;

/**
 * The published state a replica is based on.
 *
 * @param version 0 for a database that has no commit
 * @param commitId of the commit that made it; empty at version 0
 * @param writer of that commit; empty at version 0
 * @param timestamp of that commit
 * @param checksum rolling page checksum
 * @param sizeInPages of the database; 0 if it has no commit, or was deleted and not used since
 * @param life version of the deletion that this life of the database began after, or 0
 */
public record Baseline(
        long version, String commitId, String writer, Instant timestamp, long checksum, int sizeInPages, long life) {
    /** Nothing committed yet. */
    public static final Baseline NONE = new Baseline(0, "", "", Instant.EPOCH, PageChecksum.EMPTY, 0, 0);

    /** The state an object with this provenance holds or makes. */
    public static Baseline of(Provenance provenance, int sizeInPages) {
        return new Baseline(
                provenance.version(),
                provenance.commitId(),
                provenance.writer(),
                provenance.timestamp(),
                provenance.checksum(),
                sizeInPages,
                provenance.life());
    }

    /** Whether there is nothing in it: no commit yet, or none since it was deleted. */
    public boolean isEmpty() {
        return sizeInPages == 0;
    }
}
