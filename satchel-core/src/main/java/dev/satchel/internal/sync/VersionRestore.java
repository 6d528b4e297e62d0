package dev.satchel.internal.sync;

import dev.satchel.ConflictException;
import dev.satchel.LocalStorageException;
import dev.satchel.NotFoundException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.PushCondition;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.internal.replica.PageSource;
import dev.satchel.internal.replica.PageSums;
import java.io.IOException;
import java.nio.file.Path;

/** Makes an older version of a database its newest. Stateless and thread-safe. */
public final class VersionRestore {
    private final DatabaseLoader loader;
    private final StatePublisher publisher;

    /** Loads with {@code loader} and publishes through {@code publisher}. */
    public VersionRestore(DatabaseLoader loader, StatePublisher publisher) {
        this.loader = loader;
        this.publisher = publisher;
    }

    /**
     * Publishes how a version differs from the head, as the version after it.
     *
     * @throws NotFoundException if the store does not have it any more, or not yet
     * @throws ConflictException if the condition does not hold, or another machine was faster
     * @throws OutcomeUnknownException if the store never said whether it took the commit
     */
    public StatePublisher.Published restore(DatabaseLog log, long version, PushCondition condition) {
        try (TemporaryFolder folder = TemporaryFolder.create("satchel-restore");
                DatabaseFile wanted = loader.loadVersion(log, version, folder.file("wanted.sqlite"))) {
            return publisher.publish(log, new OldState(version, wanted), condition, folder.file("head.sqlite"));
        } catch (IOException e) {
            throw new LocalStorageException(
                    "database " + log.id() + ": restoring version " + version + " failed locally: " + e
                            + "; check the space and permissions of the temporary folder",
                    e);
        }
    }

    /** An older version. */
    private record OldState(long version, DatabaseFile file) implements StatePublisher.State {
        @Override
        public PageSource pages() {
            return file;
        }

        @Override
        public int pageSize() {
            return file.pageSize();
        }

        @Override
        public PageSums sums() {
            return file.sums();
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public String origin() {
            return "version " + version;
        }

        @Override
        public String repeat() {
            return "restore it again";
        }

        @Override
        public void toFollow(DatabaseFile head) {
            // A database keeps its page size, and its bytes come back as they were.
        }
    }
}
