package dev.satchel.archive;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Writes a batch as its canonical bytes. */
final class BatchEncoder {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    private BatchEncoder() {}

    static byte[] encode(ArchiveBatch batch) {
        try {
            return new BatchEncoder().write(batch);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Memory does not fail.
        }
    }

    /** The digest that stands at the end. */
    static String digest(byte[] encoded) {
        return HexFormat.of().formatHex(encoded, encoded.length - BatchFormat.DIGEST_BYTES, encoded.length);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform has no SHA-256", e);
        }
    }

    private byte[] write(ArchiveBatch batch) throws IOException {
        out.write(BatchFormat.MAGIC);
        out.writeShort(BatchFormat.VERSION);
        out.write(HexFormat.of().parseHex(batch.id().value()));
        string(batch.database().path());
        string(batch.rule());
        out.writeLong(batch.created().toEpochMilli());
        out.writeInt(batch.tables().size());
        for (ArchivedTable table : batch.tables()) {
            write(table);
        }
        out.write(sha256().digest(bytes.toByteArray()));
        if (bytes.size() > ArchiveLimits.LARGEST.maxBatchBytes()) {
            throw tooLarge();
        }
        return bytes.toByteArray();
    }

    private void write(ArchivedTable table) throws IOException {
        string(table.name());
        out.writeInt(table.columns().size());
        for (ArchivedTable.Column column : table.columns()) {
            string(column.name());
            string(column.declaredType());
        }
        out.writeInt(table.rows().size());
        for (List<Cell> row : table.rows()) {
            for (Cell cell : row) {
                write(cell);
            }
            if (bytes.size() > ArchiveLimits.LARGEST.maxBatchBytes()) {
                throw tooLarge();
            }
        }
    }

    private void write(Cell cell) throws IOException {
        if (cell instanceof Cell.Whole whole) {
            out.writeByte(BatchFormat.WHOLE);
            out.writeLong(whole.value());
        } else if (cell instanceof Cell.Real real) {
            out.writeByte(BatchFormat.REAL);
            out.writeLong(Double.doubleToRawLongBits(real.value()));
        } else if (cell instanceof Cell.Text text) {
            out.writeByte(BatchFormat.TEXT);
            block(text.raw());
        } else if (cell instanceof Cell.Blob blob) {
            out.writeByte(BatchFormat.BLOB);
            block(blob.raw());
        } else {
            out.writeByte(BatchFormat.NULL);
        }
    }

    private void string(String text) throws IOException {
        block(text.getBytes(StandardCharsets.UTF_8));
    }

    private void block(byte[] block) throws IOException {
        out.writeInt(block.length);
        out.write(block);
    }

    private static IllegalArgumentException tooLarge() {
        return new IllegalArgumentException(
                "a batch has at most " + ArchiveLimits.LARGEST.maxBatchBytes() + " bytes; make several");
    }
}
