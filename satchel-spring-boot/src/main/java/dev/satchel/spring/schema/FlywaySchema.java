package dev.satchel.spring.schema;

import dev.satchel.SchemaMigration;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * A schema from Flyway's versioned migrations. A user's database is migrated by Flyway when it is first used after there is a
 * new migration, in one transaction; at any other time Flyway is not asked: {@code PRAGMA user_version} is the number of
 * migrations there are, and is compared first. Each database has its own {@code flyway_schema_history}.
 *
 * <p>Repeatable migrations are refused, since a change of one would go unnoticed. Thread-safe.
 */
public final class FlywaySchema implements SchemaMigration {
    private static final int UNKNOWN = -1;

    private final Supplier<Configuration> settings;
    private volatile int target = UNKNOWN;

    /** A schema from what Flyway is configured with, apart from its DataSource, which is not used. */
    public FlywaySchema(Configuration settings) {
        this(() -> settings);
    }

    /**
     * The same, with settings that are asked for when they are first needed.
     *
     * @param settings always the same
     */
    public FlywaySchema(Supplier<Configuration> settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
    }

    /**
     * How many versioned migrations there are. Looked up once, in an empty database in memory.
     *
     * @throws IllegalStateException if there is none, or a repeatable one
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
        try {
            flyway(connection).migrate();
        } catch (FlywayException e) {
            throw new SQLException("Flyway could not migrate: " + e.getMessage(), e);
        }
    }

    private int count() {
        MigrationInfo[] all;
        try (Connection empty = DriverManager.getConnection("jdbc:sqlite::memory:")) {
            all = flyway(empty).info().all();
        } catch (SQLException e) {
            throw new IllegalStateException("Flyway's migrations cannot be looked up", e);
        }
        @Nullable
        MigrationInfo repeatable = Arrays.stream(all)
                .filter(each -> each.getVersion() == null)
                .findFirst()
                .orElse(null);
        if (repeatable != null) {
            throw new IllegalStateException("Flyway's repeatable migration " + repeatable.getScript()
                    + " cannot be used: a change of it would go unnoticed in the users' databases. Make a versioned migration of it,"
                    + " and a new one for each change");
        }
        long versions =
                Arrays.stream(all).map(MigrationInfo::getVersion).distinct().count();
        if (versions == 0) {
            throw new IllegalStateException("Flyway finds no migration in "
                    + Arrays.toString(settings.get().getLocations())
                    + ": add one such as V1__first.sql, or set spring.flyway.enabled=false");
        }
        return Math.toIntExact(versions);
    }

    private Flyway flyway(Connection connection) {
        return Flyway.configure(settings.get().getClassLoader())
                .configuration(settings.get())
                .dataSource(new OneConnection(connection))
                .load();
    }
}
