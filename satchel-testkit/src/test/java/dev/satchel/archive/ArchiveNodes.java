package dev.satchel.archive;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Nodes at one store, whose wall clock stands until a test moves it. Closed after each test. */
final class ArchiveNodes implements BeforeEachCallback, AfterEachCallback {
    static final Instant BEGINNING = Instant.parse("2026-09-01T12:00:00Z");

    private final AtomicLong skipped = new AtomicLong();
    private final InMemoryObjectStore store = new InMemoryObjectStore(clock(), false);
    private final List<Satchel> nodes = new ArrayList<>();
    private Path root = Path.of("");

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        begin();
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        end();
    }

    void begin() throws IOException {
        root = Files.createTempDirectory("satchel-archive-test");
    }

    void end() throws IOException {
        nodes.forEach(Satchel::close);
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Gone after the test. */
    Path folder() {
        return root;
    }

    InMemoryObjectStore store() {
        return store;
    }

    InstantSource clock() {
        return () -> BEGINNING.plusMillis(skipped.get());
    }

    void skip(Duration time) {
        skipped.addAndGet(time.toMillis());
    }

    /** Another node. */
    Satchel start() {
        return start(store);
    }

    Satchel start(ObjectStore over) {
        return start(over, builder -> builder);
    }

    Satchel start(ObjectStore over, UnaryOperator<Satchel.Builder> more) {
        SatchelConfig quiet = SatchelConfig.defaults().withIdle(64, Duration.ofDays(1), Duration.ofDays(1));
        Satchel node = more.apply(Satchel.builder(over, root.resolve("node-" + nodes.size()))
                        .config(quiet)
                        .clock(clock()))
                .build();
        nodes.add(node);
        return node;
    }

    /** An archive of a node, in its own bucket. */
    Archive.Builder archive(Satchel node) {
        return Archive.builder(node).clock(clock());
    }

    static void run(Satchel node, DatabaseId database, String... statements) throws SQLException {
        node.<@Nullable Void, SQLException>write(database, session -> {
            try (Connection connection = session.connection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                for (String sql : statements) {
                    statement.execute(sql);
                }
                connection.commit();
                return null;
            }
        });
    }

    static List<String> query(Satchel node, DatabaseId database, String sql) throws SQLException {
        return node.read(database, session -> {
            try (Connection connection = session.connection()) {
                return query(connection, sql);
            }
        });
    }

    /** The rows, their values joined by bars. */
    static List<String> query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(rows.getString(i));
                }
                found.add(String.join("|", row));
            }
            return found;
        }
    }
}
