package dev.satchel.internal.replica;

import dev.satchel.DatabaseId;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one replica: {@code <folder>/<user>/<name>.sqlite} with SQLite's {@code -wal}, the sidecar that says which
 * version a closed file holds, the copy being loaded, and the spool.
 */
public final class ReplicaFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaFiles.class);
    private static final String DATABASE_SUFFIX = ".sqlite";
    private static final String LOADING_SUFFIX = ".loading";
    private static final String SPOOL_SUFFIX = ".spool";

    private final Path folder;
    private final String name;

    /** The files of {@code id} below the node's local folder. */
    public ReplicaFiles(Path localFolder, DatabaseId id) {
        this.folder = localFolder.resolve(id.user().encoded());
        this.name = id.encodedName();
    }

    /** The main file. */
    public Path database() {
        return folder.resolve(name + DATABASE_SUFFIX);
    }

    /** SQLite's write-ahead log. */
    public Path wal() {
        return folder.resolve(name + ".sqlite-wal");
    }

    /** SQLite's index of the write-ahead log; in memory where other processes are kept out. */
    Path walIndex() {
        return folder.resolve(name + ".sqlite-shm");
    }

    /** SQLite's rollback journal, which a database in WAL mode does not have. */
    Path journal() {
        return folder.resolve(name + ".sqlite-journal");
    }

    /** What a closed main file holds. */
    public Path sidecar() {
        return folder.resolve(name + ".replica");
    }

    /** Where a copy from the store is put together. */
    public Path loading() {
        return folder.resolve(name + LOADING_SUFFIX);
    }

    /** Which parts of a large copy have arrived, if its loading broke off. */
    Path loadingParts() {
        return folder.resolve(name + ".loading-parts");
    }

    /** A snapshot that a copy is made of. */
    private Path loadingSnapshot() {
        return folder.resolve(name + ".loading-snapshot");
    }

    /** Where an image is put together for the store. */
    public Path image() {
        return folder.resolve(name + ".image");
    }

    /** The pages a snapshot is made of. */
    public Path snapshotPages() {
        return folder.resolve(name + ".pages");
    }

    /** Where a snapshot is put together for the store. */
    public Path snapshot() {
        return folder.resolve(name + ".snapshot");
    }

    /** Commits that were acknowledged as pending. */
    public Path spool() {
        return folder.resolve(name + SPOOL_SUFFIX);
    }

    /** Creates the user's folder. */
    public void createFolder() throws IOException {
        Files.createDirectories(folder);
    }

    /** Removes everything but the spool. Nothing may have the main file open. */
    public void deleteReplica() throws IOException {
        deleteLoading();
        deleteCopy();
    }

    /** Removes what a load that broke off has left. */
    public void deleteLoading() throws IOException {
        for (Path file : List.of(loading(), loadingParts(), loadingSnapshot())) {
            Files.deleteIfExists(file);
        }
    }

    /** Removes everything but the spool and the copy that is being loaded. */
    void deleteCopy() throws IOException {
        for (Path file :
                List.of(sidecar(), database(), wal(), walIndex(), journal(), image(), snapshotPages(), snapshot())) {
            Files.deleteIfExists(file);
        }
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            // Another database of the user, or a spool, lives here.
        }
    }

    /** The bytes on disk, spool apart. */
    public long size() throws IOException {
        return sizeOf(database()) + sizeOf(wal()) + sizeOf(loading());
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** The databases below a node's local folder that have a spool with something in it. */
    public static List<DatabaseId> withSpool(Path localFolder) throws IOException {
        List<DatabaseId> found = new java.util.ArrayList<>();
        try (DirectoryStream<Path> users = Files.newDirectoryStream(localFolder, Files::isDirectory)) {
            for (Path user : users) {
                try (DirectoryStream<Path> spools = Files.newDirectoryStream(user, "*" + SPOOL_SUFFIX)) {
                    for (Path spool : spools) {
                        String file = spool.getFileName().toString();
                        if (!addDatabase(found, user, file, SPOOL_SUFFIX)) {
                            LOG.warn(
                                    "folder is not named like pending commits of a database, left alone folder={}",
                                    spool);
                        }
                    }
                }
            }
        }
        return found;
    }

    /** False if it is a file of somebody else: no database of ours has that name. */
    private static boolean addDatabase(Collection<DatabaseId> found, Path user, String file, String suffix) {
        try {
            found.add(DatabaseId.decode(
                    user.getFileName().toString(), file.substring(0, file.length() - suffix.length())));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The databases below a node's local folder that have a main file, or some of one. */
    public static Set<DatabaseId> withReplica(Path localFolder) throws IOException {
        Set<DatabaseId> found = new LinkedHashSet<>();
        try (DirectoryStream<Path> users = Files.newDirectoryStream(localFolder, Files::isDirectory)) {
            for (Path user : users) {
                for (String suffix : List.of(DATABASE_SUFFIX, LOADING_SUFFIX)) {
                    try (DirectoryStream<Path> databases = Files.newDirectoryStream(user, "*" + suffix)) {
                        for (Path database : databases) {
                            addDatabase(found, user, database.getFileName().toString(), suffix);
                        }
                    }
                }
            }
        }
        return found;
    }
}
