package dev.satchel.archive;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Whole object graphs on their way to, in or from the archive: the rows of one or several root rows and of everything that
 * belongs to them. Immutable, and held in memory: a batch has at most {@link ArchiveLimits#LARGEST} bytes.
 *
 * <p>Its encoded form is canonical: the same batch has the same bytes everywhere. A tier may keep those bytes, or the rows in
 * any form from which it can make an equal batch.
 */
public final class ArchiveBatch {
    private final BatchId id;
    private final DatabaseId database;
    private final String rule;
    private final Instant created;
    private final List<ArchivedTable> tables;
    private final byte[] encoded;

    /**
     * Makes a batch.
     *
     * @param id names it within its database
     * @param database whose rows they are
     * @param rule by which rule it was made
     * @param created when; cut to milliseconds
     * @param tables the rows, tables that are referred to before those that refer to them
     * @throws IllegalArgumentException if the batch would be larger than {@link ArchiveLimits#LARGEST}, or a table stands twice
     */
    public ArchiveBatch(BatchId id, DatabaseId database, String rule, Instant created, List<ArchivedTable> tables) {
        this.id = Objects.requireNonNull(id, "id");
        this.database = Objects.requireNonNull(database, "database");
        this.rule = Objects.requireNonNull(rule, "rule");
        this.created = created.truncatedTo(ChronoUnit.MILLIS);
        this.tables = List.copyOf(tables);
        if (tables.stream().map(ArchivedTable::name).distinct().count() != tables.size()) {
            throw new IllegalArgumentException("a table stands twice in batch " + id);
        }
        this.encoded = BatchEncoder.encode(this);
    }

    /**
     * Reads an encoded form.
     *
     * @throws CorruptException of kind {@code ARCHIVE} if it is not one, or not as it was written
     */
    public static ArchiveBatch decode(byte[] encoded) {
        return new BatchDecoder(encoded).decode();
    }

    /** Names it within its database. */
    public BatchId id() {
        return id;
    }

    /** Whose rows they are. */
    public DatabaseId database() {
        return database;
    }

    /** The name of the rule that it was made by. */
    public String rule() {
        return rule;
    }

    /** When it was made, in milliseconds. */
    public Instant created() {
        return created;
    }

    /** The rows, tables that are referred to before those that refer to them. */
    public List<ArchivedTable> tables() {
        return tables;
    }

    /** How many rows it has, of all tables. */
    public int rows() {
        return tables.stream().mapToInt(table -> table.rows().size()).sum();
    }

    /** The size of the encoded form. */
    public long bytes() {
        return encoded.length;
    }

    /** The longest TEXT or BLOB in bytes; 0 if there is none. */
    public int longestCell() {
        return tables.stream()
                .flatMap(table -> table.rows().stream())
                .flatMap(List::stream)
                .mapToInt(ArchiveBatch::length)
                .max()
                .orElse(0);
    }

    private static int length(Cell cell) {
        if (cell instanceof Cell.Text text) {
            return text.length();
        }
        return cell instanceof Cell.Blob blob ? blob.length() : 0;
    }

    /** The SHA-256 of everything in it, 64 hexadecimal digits. */
    public String digest() {
        return BatchEncoder.digest(encoded);
    }

    /** A copy of the canonical bytes; docs/formats/archive-batch.md has the layout. */
    public byte[] encoded() {
        return encoded.clone();
    }

    /** Without the rows. */
    public BatchInfo info() {
        return new BatchInfo(id, rule, created, rows(), bytes(), digest());
    }

    /** Whether everything is the same, rows too. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ArchiveBatch batch && Arrays.equals(encoded, batch.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    @Override
    public String toString() {
        return "batch " + id + " of database " + database + ", " + rows() + " rows";
    }
}
