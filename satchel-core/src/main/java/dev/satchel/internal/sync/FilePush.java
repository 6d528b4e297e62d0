package dev.satchel.internal.sync;

import dev.satchel.ConflictException;
import dev.satchel.LocalStorageException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.PushCondition;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.replica.AdoptedFile;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.internal.replica.PageSource;
import dev.satchel.internal.replica.PageSums;
import dev.satchel.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;

/** Publishes a SQLite file from elsewhere as the next version of a database. Stateless and thread-safe. */
public final class FilePush {
    private final StatePublisher publisher;

    /** Pushes through {@code publisher}. */
    public FilePush(StatePublisher publisher) {
        this.publisher = publisher;
    }

    /**
     * Takes a consistent copy of the file and publishes how it differs from the head.
     *
     * @throws ConflictException if the condition does not hold, or another machine was faster
     * @throws OutcomeUnknownException if the store never said whether it took the commit
     * @throws IllegalArgumentException if the file cannot be a version of this database
     * @throws StoreException if the store cannot be asked, or refuses; nothing was changed
     */
    public StatePublisher.Published push(DatabaseLog log, Path source, PushCondition condition) {
        try (TemporaryFolder folder = TemporaryFolder.create("satchel-push");
                AdoptedFile ours = AdoptedFile.copyOf(source, folder.file("ours.sqlite"))) {
            return publisher.publish(log, new FileState(log, source, ours), condition, folder.file("head.sqlite"));
        } catch (IOException e) {
            throw new LocalStorageException(
                    "database " + log.id() + ": copying " + source + " failed: " + e
                            + "; check the space and permissions of the temporary folder",
                    e);
        }
    }

    /** A file from elsewhere. */
    private record FileState(DatabaseLog log, Path source, AdoptedFile file) implements StatePublisher.State {
        @Override
        public PageSource pages() {
            return file;
        }

        @Override
        public int pageSize() {
            return file.pageSize();
        }

        @Override
        public PageSums sums() throws IOException {
            return file.sums();
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public String origin() {
            return source.toString();
        }

        @Override
        public String repeat() {
            return "push the same file again";
        }

        @Override
        public void toFollow(DatabaseFile head) throws IOException {
            requirePageSize(head.pageSize());
            file.takeCountersOf(head);
        }

        private void requirePageSize(int theirs) {
            if (file.pageSize() != theirs) {
                throw new IllegalArgumentException("database " + log.id() + " has pages of " + theirs + " bytes, "
                        + source + " of " + file.pageSize()
                        + ", and a database keeps its page size. Make a copy that fits and push that: sqlite3 "
                        + source.getFileName() + " \"PRAGMA page_size=" + theirs
                        + "; VACUUM INTO 'copy.sqlite'\"");
            }
        }
    }
}
