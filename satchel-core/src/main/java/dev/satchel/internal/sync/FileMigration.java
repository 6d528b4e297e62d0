package dev.satchel.internal.sync;

import dev.satchel.ConflictException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.MigrationFailedException;
import dev.satchel.MigrationReport;
import dev.satchel.MigrationReport.State;
import dev.satchel.NotFoundException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.PushCondition;
import dev.satchel.SchemaMigration;
import dev.satchel.Version;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.internal.replica.QuickCheck;
import dev.satchel.internal.replica.WritableFile;
import dev.satchel.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/** Migrates the newest version of a database in a file of its own, and publishes that. Stateless and thread-safe. */
public final class FileMigration {
    private final DatabaseLoader loader;
    private final FilePush pushing;

    /** Loads with {@code loader} and publishes through {@code pushing}. */
    public FileMigration(DatabaseLoader loader, FilePush pushing) {
        this.loader = loader;
        this.pushing = pushing;
    }

    /**
     * Migrates the head; again, if another machine commits meanwhile.
     *
     * @param dryRun whether to publish nothing
     * @throws MigrationFailedException if the migration failed; nothing was changed
     * @throws NotFoundException if there is no such database
     * @throws ConflictException if other machines were faster every time
     * @throws OutcomeUnknownException if the store never said whether it took the commit
     * @throws StoreException if the store cannot be asked, or refuses; nothing was changed
     */
    public MigrationReport migrate(DatabaseLog log, SchemaMigration schema, boolean dryRun) {
        for (int run = 1; ; run++) {
            try {
                return attempt(log, schema, dryRun);
            } catch (ConflictException e) {
                if (run >= Engine.MAX_RUNS) {
                    throw e;
                }
            }
        }
    }

    private MigrationReport attempt(DatabaseLog log, SchemaMigration schema, boolean dryRun) {
        try (TemporaryFolder folder = TemporaryFolder.create("satchel-migrate")) {
            Path file = folder.file("migrated.sqlite");
            Baseline head;
            try (DatabaseFile loaded = loader.loadHead(log, file).file()) {
                head = loaded.baseline();
                QuickCheck.requireSound(log.id(), loaded);
            }
            Version before = Version.of(head.version());
            if (head.isEmpty()) {
                if (before.isNone()) {
                    throw new NotFoundException("database " + log.id() + " is not in the store", null);
                }
                return new MigrationReport(log.id(), State.DELETED, 0, 0, before, before);
            }
            int target = schema.targetVersion();
            int from = migrate(log.id(), file, schema);
            if (from >= target) {
                State state = from > target ? State.NEWER : State.CURRENT;
                return new MigrationReport(log.id(), state, from, from, before, before);
            }
            if (dryRun) {
                return new MigrationReport(log.id(), State.MIGRATED, from, target, before, before);
            }
            StatePublisher.Published published = pushing.push(log, file, PushCondition.ifHead(before));
            Version after = Version.of(published.baseline().version());
            return new MigrationReport(log.id(), State.MIGRATED, from, target, before, after);
        } catch (IOException e) {
            throw new LocalStorageException(
                    "database " + log.id() + ": migrating a copy failed locally: " + e
                            + "; check the space and permissions of the temporary folder",
                    e);
        }
    }

    /** The {@code user_version} that the file had. */
    private static int migrate(DatabaseId id, Path file, SchemaMigration schema) {
        try (Connection connection = WritableFile.open(file)) {
            int from = SchemaRun.migrate(id, connection, schema);
            if (from == schema.targetVersion()) {
                schema.verify(connection, from);
            }
            return from;
        } catch (SQLException e) {
            if (e.getCause() instanceof MigrationFailedException failed) {
                throw failed;
            }
            throw new MigrationFailedException("database " + id + ": " + e.getMessage(), e);
        }
    }
}
