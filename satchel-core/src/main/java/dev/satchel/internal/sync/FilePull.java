package dev.satchel.internal.sync;

import dev.satchel.LocalStorageException;
import dev.satchel.NotFoundException;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.DatabaseFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a state of a database into a file of the caller's: whole or not at all. Stateless and thread-safe. */
public final class FilePull {
    private static final Logger LOG = LoggerFactory.getLogger(FilePull.class);
    /** What SQLite would take for a part of the database. */
    private static final List<String> COMPANIONS = List.of("-wal", "-shm", "-journal");

    private final RandomGenerator random;

    /** Names temporary files with {@code random}. */
    public FilePull(RandomGenerator random) {
        this.random = random;
    }

    /**
     * A pulled file.
     *
     * @param baseline the version it holds
     * @param bytes its size
     */
    public record Pulled(Baseline baseline, long bytes) {}

    /** Puts a database together in a file. */
    public interface Source {
        /** Loads it; the caller closes it. */
        DatabaseFile load(Path target) throws IOException;
    }

    /**
     * Loads and checks a version beside the target and then gives it its name.
     *
     * @param source puts the database together
     * @param replace whether an existing file is replaced, with what SQLite has left beside it
     * @throws NotFoundException if the store does not have it
     * @throws LocalStorageException if the disk refuses or the file exists
     */
    public Pulled pull(DatabaseLog log, Source source, Path target, boolean replace) {
        Path file = target.toAbsolutePath().normalize();
        Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw refused(log, file, "its folder does not exist; create it first", null);
        }
        if (Files.isDirectory(file)) {
            throw refused(log, file, "it is a folder; name a file in it", null);
        }
        if (!replace) {
            requireAbsent(log, file);
        }
        Path loading = folder.resolve("." + HexFormat.of().toHexDigits(random.nextLong()) + ".pulling");
        try {
            Pulled pulled = load(log, source, loading);
            if (replace) {
                // A crash between the two leaves the old file without its WAL, which the caller has given up already.
                for (String companion : COMPANIONS) {
                    Files.deleteIfExists(companion(file, companion));
                }
                Files.move(loading, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } else {
                nameAnew(loading, file);
            }
            return pulled;
        } catch (FileAlreadyExistsException e) {
            throw refused(log, file, "it exists already", e);
        } catch (IOException e) {
            throw refused(log, file, e + "; check the disk's space and permissions", e);
        } finally {
            delete(loading);
        }
    }

    private static void requireAbsent(DatabaseLog log, Path file) {
        for (String suffix : List.of("", "-wal", "-journal")) {
            Path existing = companion(file, suffix);
            if (Files.exists(existing)) {
                String what =
                        suffix.isEmpty() ? "it exists already" : existing + " of another database is in its place";
                throw refused(log, file, what, new FileAlreadyExistsException(existing.toString()));
            }
        }
    }

    private static Pulled load(DatabaseLog log, Source source, Path loading) throws IOException {
        try (DatabaseFile loaded = source.load(loading)) {
            if (loaded.baseline().isEmpty()) {
                long version = loaded.baseline().version();
                throw new NotFoundException(
                        "database " + log.id()
                                + (version == 0 ? " is not in the store" : " was deleted at version " + version),
                        null);
            }
            try (FileChannel channel = FileChannel.open(loading, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            return new Pulled(loaded.baseline(), (long) loaded.sizeInPages() * loaded.pageSize());
        }
    }

    /** Linking fails if the name is taken, even by somebody who was quicker; not all file systems can link. */
    private static void nameAnew(Path loading, Path file) throws IOException {
        try {
            Files.createLink(file, loading);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | IOException e) {
            LOG.debug("linking failed, moving instead file={}", file, e);
            Files.move(loading, file);
        }
    }

    private static Path companion(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private static void delete(Path loading) {
        try {
            Files.deleteIfExists(loading);
        } catch (IOException e) {
            LOG.warn("a temporary file could not be removed file={}", loading, e);
        }
    }

    private static LocalStorageException refused(
            DatabaseLog log, Path file, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new LocalStorageException("database " + log.id() + " cannot be pulled to " + file + ": " + why, cause);
    }
}
