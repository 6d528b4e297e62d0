package dev.satchel.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/** One value of a row, exactly as SQLite has it: one of its five storage classes. Immutable. */
public sealed interface Cell {
    /** The NULL. */
    Cell NULL = new Null();

    /** An INTEGER. */
    static Cell of(long value) {
        return new Whole(value);
    }

    /** A REAL. */
    static Cell of(double value) {
        return new Real(value);
    }

    /** A TEXT. Half a surrogate pair has no UTF-8 form and becomes a question mark; {@link #text(byte[])} takes any bytes. */
    static Cell of(String value) {
        return new Text(value.getBytes(StandardCharsets.UTF_8));
    }

    /** A TEXT of these bytes, which are its UTF-8 form, or whatever a program has stored as text. */
    static Cell text(byte[] utf8) {
        return new Text(utf8);
    }

    /** A BLOB. */
    static Cell blob(byte[] value) {
        return new Blob(value);
    }

    /** NULL. */
    record Null() implements Cell {}

    /**
     * INTEGER.
     *
     * @param value all 64 bits
     */
    record Whole(long value) implements Cell {}

    /** REAL. Equal when all bits are: 0.0 and -0.0 differ. */
    record Real(double value) implements Cell {
        @Override
        public boolean equals(Object other) {
            return other instanceof Real real
                    && Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(real.value);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(Double.doubleToRawLongBits(value));
        }
    }

    /** TEXT, as its bytes: SQLite keeps U+0000 and bytes that are no UTF-8, and so must an archive. */
    final class Text implements Cell {
        private final byte[] bytes;

        private Text(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        /** A copy of the bytes, UTF-8 unless a program has stored something else. */
        public byte[] bytes() {
            return bytes.clone();
        }

        /** How many bytes. */
        public int length() {
            return bytes.length;
        }

        /** As a string; what is no UTF-8 becomes U+FFFD. */
        public String string() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        byte[] raw() {
            return bytes;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Text text && Arrays.equals(bytes, text.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Text[" + string() + "]";
        }
    }

    /** BLOB. */
    final class Blob implements Cell {
        private final byte[] bytes;

        private Blob(byte[] bytes) {
            this.bytes = Objects.requireNonNull(bytes, "bytes").clone();
        }

        /** A copy of the bytes. */
        public byte[] bytes() {
            return bytes.clone();
        }

        /** How many bytes. */
        public int length() {
            return bytes.length;
        }

        byte[] raw() {
            return bytes;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Blob blob && Arrays.equals(bytes, blob.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Blob[" + HexFormat.of().formatHex(bytes) + "]";
        }
    }
}
