package dev.satchel.examples.reels.library;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Segments as a BLOB: a format byte of 1, then for each segment start, end (ms) and speed (thousandths) as big-endian
 * 32-bit integers.
 */
final class SegmentCodec {
    private static final byte FORMAT = 1;
    private static final int SEGMENT_LENGTH = 3 * Integer.BYTES;

    private SegmentCodec() {}

    static byte[] encode(List<Segment> segments) {
        ByteBuffer out = ByteBuffer.allocate(1 + segments.size() * SEGMENT_LENGTH);
        out.put(FORMAT);
        for (Segment segment : segments) {
            out.putInt(segment.startMs());
            out.putInt(segment.endMs());
            out.putInt((int) Math.round(segment.speed() * 1000));
        }
        return out.array();
    }

    static List<Segment> decode(byte[] blob) {
        if (blob.length % SEGMENT_LENGTH != 1 || blob[0] != FORMAT) {
            throw new IllegalStateException("not a list of segments: " + blob.length + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(blob, 1, blob.length - 1);
        List<Segment> segments = new ArrayList<>();
        while (in.hasRemaining()) {
            segments.add(new Segment(in.getInt(), in.getInt(), in.getInt() / 1000.0));
        }
        return segments;
    }
}
