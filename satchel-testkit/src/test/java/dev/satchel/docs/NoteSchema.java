package dev.satchel.docs;

import dev.satchel.SchemaMigration;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

// snippet: schema
/** One step for each user_version. A step that has been released is never changed; a change is a new step. */
final class NoteSchema implements SchemaMigration {
    @Override
    public int targetVersion() {
        return 2;
    }

    @Override
    public void migrate(Connection connection, int from) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (from < 1) {
                statement.execute("create table note (id integer primary key, text text not null)");
            }
            if (from < 2) {
                statement.execute("alter table note add column done integer not null default 0");
            }
        }
    }
}
// end
