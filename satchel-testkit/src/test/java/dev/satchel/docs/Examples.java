package dev.satchel.docs;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.store.ObjectStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What the examples share: nodes that are closed after the test, and short ways to look at a database. */
abstract class Examples {
    static final DatabaseId ALICE = DatabaseId.of("alice");

    @TempDir
    Path folder;

    private final List<Satchel> nodes = new ArrayList<>();

    /** A node with a folder of its own. */
    Satchel node(ObjectStore store) {
        return node(store, SatchelConfig.defaults());
    }

    Satchel node(ObjectStore store, SatchelConfig config) {
        return keep(Satchel.builder(store, newFolder()).config(config).build());
    }

    Path newFolder() {
        return folder.resolve("node-" + nodes.size());
    }

    Satchel keep(Satchel satchel) {
        nodes.add(satchel);
        return satchel;
    }

    @AfterEach
    void closeNodes() {
        nodes.forEach(Satchel::close);
    }

    static void execute(Satchel satchel, String... statements) throws SQLException {
        satchel.write(ALICE, session -> {
            execute(session, statements);
            return null;
        });
    }

    static void execute(Session session, String... statements) throws SQLException {
        try (Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static List<String> query(Satchel satchel, String sql) throws SQLException {
        return satchel.read(ALICE, session -> query(session, sql));
    }

    static List<String> query(Session session, String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = session.connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }
}
