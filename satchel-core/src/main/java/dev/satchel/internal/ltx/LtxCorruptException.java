package dev.satchel.internal.ltx;

import java.io.Serial;

/**
 * Bytes that are not a whole, valid LTX file, or one this reader does not know. Reading them again does not help; another
 * copy, or an older state with the commits after it, does.
 */
public final class LtxCorruptException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** What kind of damage it is. */
    public enum Reason {
        /** The bytes end too early. */
        TRUNCATED,
        /** A field breaks a rule of the format, or two parts of the file contradict each other. */
        MALFORMED,
        /** The structure is right but a checksum is not. */
        CHECKSUM_MISMATCH,
        /** A form that other writers may produce and that is not read here, such as pages in LZ4 frames. */
        UNSUPPORTED
    }

    private final Reason reason;
    private final long offset;

    /**
     * Damage at {@code offset}.
     *
     * @param offset from the start of the file, where the offending field or part begins
     * @param message what is wrong, what was found and what was expected; the offset is put in front
     */
    LtxCorruptException(Reason reason, long offset, String message) {
        super("LTX file, offset " + offset + ": " + message);
        this.reason = reason;
        this.offset = offset;
    }

    /** What kind of damage it is. */
    public Reason reason() {
        return reason;
    }

    /** Where the offending field or part begins, in bytes from the start of the file. */
    public long offset() {
        return offset;
    }
}
