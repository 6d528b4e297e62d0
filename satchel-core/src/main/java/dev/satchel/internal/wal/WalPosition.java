package dev.satchel.internal.wal;

import java.util.HexFormat;

/**
 * A place in a write-ahead log, always just after a commit frame: the cursor of {@link WalReader}. The salts name the
 * generation, one filling of the log from frame 0 to the next restart; positions of one generation are ordered, those of
 * different ones are not. Immutable; {@link #toString} and {@link #parse} are inverse, so a position can be kept on disk.
 *
 * @param salt1 the first salt of the generation
 * @param salt2 the second salt of the generation
 * @param frames how many frames of the generation were read; 0 only in {@link #START}
 * @param checksum the running checksum after the last of them; see {@link WalChecksum}
 */
public record WalPosition(int salt1, int salt2, int frames, long checksum) {
    /** Nothing read yet, and the end of a log without a commit. */
    public static final WalPosition START = new WalPosition(0, 0, 0, 0);

    private static final String START_TEXT = "start";

    /** Checks that a position without frames is {@link #START}. */
    public WalPosition {
        if (frames < 0 || (frames == 0 && (salt1 != 0 || salt2 != 0 || checksum != 0))) {
            throw new IllegalArgumentException("frames must be > 0, or everything 0: " + frames);
        }
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static WalPosition parse(String text) {
        if (text.equals(START_TEXT)) {
            return START;
        }
        String[] parts = text.split(":", -1);
        try {
            if (parts.length == 3) {
                long salts = HexFormat.fromHexDigitsToLong(parts[0]);
                long checksum = HexFormat.fromHexDigitsToLong(parts[2]);
                WalPosition position =
                        new WalPosition((int) (salts >>> 32), (int) salts, Integer.parseInt(parts[1]), checksum);
                if (position.toString().equals(text)) {
                    return position;
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a position in a WAL: " + text, e);
        }
        throw new IllegalArgumentException("not a position in a WAL: " + text);
    }

    /** Whether nothing was read. */
    public boolean isStart() {
        return frames == 0;
    }

    /** Whether both are of one generation, and so ordered; {@link #START} goes with every generation. */
    public boolean isSameGeneration(WalPosition other) {
        return isStart() || other.isStart() || (salt1 == other.salt1 && salt2 == other.salt2);
    }

    /**
     * Whether everything up to {@code other} is also up to this position.
     *
     * @throws IllegalArgumentException if the two are of different generations
     */
    public boolean isAtOrAfter(WalPosition other) {
        if (!isSameGeneration(other)) {
            throw new IllegalArgumentException("positions of different generations: " + this + ", " + other);
        }
        return frames >= other.frames;
    }

    /** {@code start}, or the salts, the frame count and the checksum: {@code 16 hex digits:decimal:16 hex digits}. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return isStart()
                ? START_TEXT
                : hex.toHexDigits(salt1) + hex.toHexDigits(salt2) + ':' + frames + ':' + hex.toHexDigits(checksum);
    }
}
