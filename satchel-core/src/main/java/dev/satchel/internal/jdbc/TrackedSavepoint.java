package dev.satchel.internal.jdbc;

import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;

/** A savepoint of one transaction of one connection. Immutable. */
final class TrackedSavepoint implements Savepoint {
    private final int id;
    private final @Nullable String name;

    TrackedSavepoint(int id, @Nullable String name) {
        this.id = id;
        this.name = name;
    }

    /** What SQLite knows it by. Not the given name: SQLite would take the newest of several equal ones. */
    String sqlName() {
        return "satchel_" + id;
    }

    @Override
    public int getSavepointId() throws SQLException {
        if (name != null) {
            throw new SQLException("The savepoint has a name and no id.", "3B001");
        }
        return id;
    }

    @Override
    public String getSavepointName() throws SQLException {
        if (name == null) {
            throw new SQLException("The savepoint has an id and no name.", "3B001");
        }
        return name;
    }
}
