package dev.satchel.spring.schema;

import dev.satchel.SchemaMigration;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.UpdateSummaryEnum;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.database.core.SQLiteDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;
import liquibase.resource.ResourceAccessor;
import org.jspecify.annotations.Nullable;

/**
 * A schema from a change log of Liquibase. A user's database is updated by Liquibase when it is first used after there is a new
 * change set, in one transaction; at any other time Liquibase is not asked: {@code PRAGMA user_version} is the number of change
 * sets there are, and is compared first. Each database has its own {@code DATABASECHANGELOG}.
 *
 * <p>Change sets with {@code runOnChange} or {@code runAlways} are refused, since nothing would run them again. Thread-safe; one
 * database is updated at a time, since Liquibase shares state between threads.
 */
public final class LiquibaseSchema implements SchemaMigration {
    private static final int UNKNOWN = -1;

    private final Settings settings;
    private final ResourceAccessor resources;
    private final ReentrantLock running = new ReentrantLock();
    private volatile int target = UNKNOWN;

    /**
     * A schema from a change log.
     *
     * @param resources where it is
     */
    public LiquibaseSchema(Settings settings, ResourceAccessor resources) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.resources = Objects.requireNonNull(resources, "resources");
    }

    /**
     * How many change sets there are. Looked up once, in an empty database in memory.
     *
     * @throws IllegalStateException if the change log cannot be read, has none, or has one that wants to run again
     */
    @Override
    public int targetVersion() {
        int known = target;
        if (known == UNKNOWN) {
            known = count();
            target = known;
        }
        return known;
    }

    @Override
    public void migrate(Connection connection, int from) throws SQLException {
        running.lock();
        try {
            liquibase(connection).update(contexts(), labels());
        } catch (LiquibaseException e) {
            throw new SQLException("Liquibase could not update the schema: " + e.getMessage(), e);
        } finally {
            running.unlock();
        }
    }

    private int count() {
        List<ChangeSet> all;
        running.lock();
        try (Connection empty = DriverManager.getConnection("jdbc:sqlite::memory:")) {
            all = liquibase(empty).getDatabaseChangeLog().getChangeSets();
        } catch (LiquibaseException | SQLException e) {
            throw new IllegalStateException(
                    "Liquibase's change log " + settings.changeLog() + " cannot be read: " + e.getMessage(), e);
        } finally {
            running.unlock();
        }
        for (ChangeSet each : all) {
            if (each.isRunOnChange() || each.isAlwaysRun()) {
                throw new IllegalStateException("Liquibase's change set " + each
                        + " cannot be used: runOnChange and runAlways would go unnoticed in the users' databases. Make a new change"
                        + " set for each change");
            }
        }
        if (all.isEmpty()) {
            throw new IllegalStateException("Liquibase's change log " + settings.changeLog()
                    + " has no change set: add one, or set spring.liquibase.enabled=false");
        }
        return all.size();
    }

    private Liquibase liquibase(Connection connection) throws LiquibaseException {
        Database database = new SQLiteDatabase();
        database.setConnection(new JdbcConnection(InnerConnection.of(connection)));
        database.setDatabaseChangeLogTableName(settings.changeLogTable());
        database.setDatabaseChangeLogLockTableName(settings.changeLogLockTable());
        Liquibase liquibase = new Liquibase(settings.changeLog(), resources, database);
        liquibase.setShowSummary(UpdateSummaryEnum.OFF);
        settings.parameters().forEach(liquibase::setChangeLogParameter);
        return liquibase;
    }

    private Contexts contexts() {
        return new Contexts(settings.contexts());
    }

    private LabelExpression labels() {
        return new LabelExpression(settings.labels());
    }

    /**
     * What is run.
     *
     * @param changeLog path of the change log
     * @param contexts those to run, separated by commas; null for all
     * @param labels an expression of those to run; null for all
     * @param parameters for the change log
     * @param changeLogTable name of the table in each database that says what has been run
     * @param changeLogLockTable name of the table that Liquibase locks with
     */
    public record Settings(
            String changeLog,
            @Nullable String contexts,
            @Nullable String labels,
            Map<String, String> parameters,
            String changeLogTable,
            String changeLogLockTable) {
        /** All change sets of a change log, with Liquibase's own names of tables. */
        public static Settings of(String changeLog) {
            return new Settings(changeLog, null, null, Map.of(), "DATABASECHANGELOG", "DATABASECHANGELOGLOCK");
        }

        /** Copies the parameters. */
        public Settings {
            parameters = Map.copyOf(parameters);
        }
    }
}
