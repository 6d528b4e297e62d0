package dev.satchel.cli;

import dev.satchel.DatabaseId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The report of a migration as a file, from which it goes on when it was broken off: a line of JSON that says which migration it is,
 * and one for each database and attempt; the last of a database counts. Lines are only ever added. What a kill keeps out of it is
 * found in the store. Confined to one thread.
 */
final class MigrationFile implements AutoCloseable {
    /**
     * Which migration.
     *
     * @param run random; commits of the migration have it in their writer
     * @param store where the databases are
     * @param scripts the checksum of all scripts together
     * @param target the {@code user_version} they lead to
     */
    record Header(String run, String store, String scripts, int target) {
        private Map<String, Object> fields() {
            return Json.object()
                    .with("migration", run)
                    .with("store", store)
                    .with("scripts", scripts)
                    .with("target", target)
                    .fields();
        }

        private static Header read(Map<String, String> fields) {
            return new Header(
                    fields.getOrDefault("migration", ""),
                    fields.getOrDefault("store", ""),
                    fields.getOrDefault("scripts", ""),
                    Integer.parseInt(fields.getOrDefault("target", "0")));
        }
    }

    private final Path path;
    private final Header header;
    private final boolean resumed;
    private final Map<DatabaseId, MigrationRecord> latest;
    private final Writer out;

    private MigrationFile(
            Path path, Header header, boolean resumed, Map<DatabaseId, MigrationRecord> latest, Writer out) {
        this.path = path;
        this.header = header;
        this.resumed = resumed;
        this.latest = latest;
        this.out = out;
    }

    /**
     * Goes on with a file, or begins it.
     *
     * @param fresh what to write into a new file; null if there must be one
     * @throws FailedException if it is the file of another migration, or no such file, or cannot be used
     */
    static MigrationFile open(Path path, @Nullable Header fresh) {
        try {
            boolean exists = Files.exists(path) && Files.size(path) > 0;
            if (!exists && fresh == null) {
                throw new FailedException(
                        "there is no report " + path + "; name with --state the file that the migration wrote");
            }
            Map<DatabaseId, MigrationRecord> latest = new LinkedHashMap<>();
            Header header = exists ? read(path, latest) : fresh;
            if (header == null) {
                throw new IllegalStateException("there is a file or a header for it");
            }
            if (fresh != null && exists) {
                requireSame(path, header, fresh);
            }
            Writer out = Files.newBufferedWriter(
                    path, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            MigrationFile file = new MigrationFile(path, header, exists, latest, out);
            file.add(exists ? Map.of() : header.fields());
            return file;
        } catch (IOException | UncheckedIOException e) {
            throw new FailedException("the report " + path + " cannot be used: " + e + "; name another with --state");
        }
    }

    private static void requireSame(Path path, Header found, Header wanted) {
        if (!found.store().equals(wanted.store()) || !found.scripts().equals(wanted.scripts())) {
            throw new FailedException("the report " + path + " is of another migration, of "
                    + (found.store().equals(wanted.store()) ? "other scripts" : found.store())
                    + "; name another file with --state");
        }
    }

    private static Header read(Path path, Map<DatabaseId, MigrationRecord> latest) throws IOException {
        // Not readAllLines: a kill may have cut a character in two.
        List<String> lines = new String(Files.readAllBytes(path), StandardCharsets.UTF_8)
                .lines()
                .toList();
        Header header = null;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                continue;
            }
            try {
                Map<String, String> fields = Json.flat(lines.get(i));
                if (header == null) {
                    header = Header.read(fields);
                } else {
                    MigrationRecord record = MigrationRecord.read(fields);
                    latest.put(record.database(), record);
                }
            } catch (IllegalArgumentException e) {
                if (header == null) {
                    break;
                }
                // A line that a kill cut off: what it was about is found in the store.
            }
        }
        if (header == null || header.run().isEmpty()) {
            throw new FailedException(path + " is not the report of a migration; name another file with --state");
        }
        return header;
    }

    Path path() {
        return path;
    }

    Header header() {
        return header;
    }

    /** Whether an earlier run began it. */
    boolean isResumed() {
        return resumed;
    }

    /** What was last done with each, in the order in which they first came; does not change any more. */
    Map<DatabaseId, MigrationRecord> latest() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(latest));
    }

    /** Adds a line. */
    void add(MigrationRecord record) {
        latest.put(record.database(), record);
        try {
            add(record.fields());
        } catch (IOException e) {
            throw new FailedException(
                    "the report " + path + " cannot be written: " + e + "; make space and run the same command again");
        }
    }

    /** An empty line ends what a kill may have cut off. */
    private void add(Map<String, Object> fields) throws IOException {
        out.write(fields.isEmpty() ? "\n" : Json.text(fields) + "\n");
        out.flush();
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the report " + path + " cannot be closed: " + e, e);
        }
    }
}
