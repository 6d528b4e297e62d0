package dev.satchel.archive;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a batch's canonical bytes, and trusts none of them: the digest before the meaning, lengths before what they announce. */
final class BatchDecoder {
    private final byte[] encoded;
    private final ByteBuffer in;

    BatchDecoder(byte[] encoded) {
        this.encoded = encoded;
        this.in = ByteBuffer.wrap(encoded);
    }

    ArchiveBatch decode() {
        int content = encoded.length - BatchFormat.DIGEST_BYTES;
        if (content < BatchFormat.MAGIC.length || encoded.length > ArchiveLimits.LARGEST.maxBatchBytes()) {
            throw corrupt("it has " + encoded.length + " bytes", null);
        }
        if (!Arrays.equals(encoded, 0, BatchFormat.MAGIC.length, BatchFormat.MAGIC, 0, BatchFormat.MAGIC.length)) {
            throw corrupt("it does not begin like one", null);
        }
        var sha256 = BatchEncoder.sha256();
        sha256.update(encoded, 0, content);
        if (!Arrays.equals(sha256.digest(), 0, BatchFormat.DIGEST_BYTES, encoded, content, encoded.length)) {
            throw corrupt("its digest does not fit its content", null);
        }
        in.limit(content);
        try {
            return read();
        } catch (BufferUnderflowException | IllegalArgumentException | CharacterCodingException e) {
            throw corrupt("at byte " + in.position() + " of " + encoded.length, e);
        }
    }

    private ArchiveBatch read() throws CharacterCodingException {
        in.position(BatchFormat.MAGIC.length);
        int version = in.getShort();
        if (version != BatchFormat.VERSION) {
            throw corrupt("it is of format " + version + ", and this program reads " + BatchFormat.VERSION, null);
        }
        byte[] id = new byte[16];
        in.get(id);
        DatabaseId database = database(string());
        String rule = string();
        Instant created = Instant.ofEpochMilli(in.getLong());
        int count = count(12);
        List<ArchivedTable> tables = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tables.add(table());
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException("bytes are left");
        }
        return new ArchiveBatch(new BatchId(HexFormat.of().formatHex(id)), database, rule, created, tables);
    }

    private static DatabaseId database(String path) {
        int slash = path.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("not a database");
        }
        return DatabaseId.decode(path.substring(0, slash), path.substring(slash + 1));
    }

    private ArchivedTable table() throws CharacterCodingException {
        String name = string();
        int columnCount = count(8);
        List<ArchivedTable.Column> columns = new ArrayList<>(columnCount);
        for (int i = 0; i < columnCount; i++) {
            columns.add(new ArchivedTable.Column(string(), string()));
        }
        int rowCount = count(columnCount);
        if (columnCount == 0 && rowCount > 0) {
            throw new IllegalArgumentException("rows without columns");
        }
        List<List<Cell>> rows = new ArrayList<>(rowCount);
        for (int i = 0; i < rowCount; i++) {
            List<Cell> row = new ArrayList<>(columnCount);
            for (int c = 0; c < columnCount; c++) {
                row.add(cell());
            }
            rows.add(row);
        }
        return new ArchivedTable(name, columns, rows);
    }

    private Cell cell() {
        int kind = in.get();
        return switch (kind) {
            case BatchFormat.NULL -> Cell.NULL;
            case BatchFormat.WHOLE -> Cell.of(in.getLong());
            case BatchFormat.REAL -> Cell.of(Double.longBitsToDouble(in.getLong()));
            case BatchFormat.TEXT -> Cell.text(block());
            case BatchFormat.BLOB -> Cell.blob(block());
            default -> throw new IllegalArgumentException("no kind of value: " + kind);
        };
    }

    /** A number of things that take at least so many bytes each. */
    private int count(int bytesEach) {
        int count = in.getInt();
        if (count < 0 || (long) count * bytesEach > in.remaining()) {
            throw new IllegalArgumentException("a count of " + count);
        }
        return count;
    }

    private byte[] block() {
        byte[] block = new byte[count(1)];
        in.get(block);
        return block;
    }

    private String string() throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(block()))
                .toString();
    }

    private static CorruptException corrupt(String what, @Nullable Throwable cause) {
        return new CorruptException(
                CorruptException.Kind.ARCHIVE,
                "an archived batch is damaged: " + what
                        + "; restore an older version of the database, or what the archive tier keeps of its own",
                cause);
    }
}
