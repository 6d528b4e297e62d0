package dev.satchel.docs;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

// snippet: quick-start
public final class QuickStart {
    public static void main(String[] args) throws SQLException {
        Path folder = Path.of(args.length > 0 ? args[0] : "data");
        try (ObjectStore store = ObjectStores.open(folder.resolve("bucket").toString(), System.getenv());
                Satchel satchel =
                        Satchel.builder(store, folder.resolve("user_data")).build()) {
            DatabaseId alice = DatabaseId.of("alice");
            long notes = satchel.write(alice, session -> {
                try (Connection connection = session.connection();
                        Statement statement = connection.createStatement()) {
                    statement.execute("create table if not exists note (text)");
                    statement.execute("insert into note values ('remember the milk')");
                    ResultSet count = statement.executeQuery("select count(*) from note");
                    count.next();
                    return count.getLong(1);
                }
            });
            // Here the note is in the bucket: as version 1, or one more for each run of this program.
            System.out.println(notes + " notes, " + satchel.status(alice).orElseThrow());
        }
    }
}
// end
