package dev.satchel.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.SatchelException;
import dev.satchel.Session;
import dev.satchel.VersionEvent;
import dev.satchel.internal.sync.Await;
import dev.satchel.internal.sync.Nodes;
import dev.satchel.internal.sync.Sql;
import dev.satchel.internal.sync.TestNode;
import dev.satchel.store.DirectoryObjectStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Every transaction makes all cells, which lie on many pages, one greater: whoever sees two values sees a mix. */
@DisplayName("W03 The file is swapped under a live WAL connection")
class W03SwappedFileTest {
    static final DatabaseId ID = DatabaseId.of("alice");
    static final String VALUES = "SELECT DISTINCT value FROM cell";

    private static final int REPLACEMENTS = 200;
    private static final int KILLS = 5;

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    @TempDir
    private Path folder;

    private static void create(Session session) {
        Sql.run(
                session,
                "CREATE TABLE cell(id INTEGER PRIMARY KEY, value INTEGER, filler TEXT)",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)"
                        + " INSERT INTO cell SELECT i, 0, hex(randomblob(900)) FROM n");
    }

    private static void increment(Session session) {
        Sql.run(session, "UPDATE cell SET value = value + 1");
    }

    private static int value(Session session) {
        List<String> values = Sql.query(session, VALUES);
        assertThat(values).as("values of one snapshot").hasSize(1);
        return Integer.parseInt(values.get(0));
    }

    @Test
    void readersAndWritersOfACopyThatIsReplacedNeverSeeAMix() {
        TestNode there = nodes.start("there");
        TestNode here = nodes.start("here");
        there.engine().write(ID, session -> {
            create(session);
            return null;
        });
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger written = new AtomicInteger();
        List<CompletableFuture<Integer>> load = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            load.add(nodes.async(() -> readUntil(over, here)));
        }
        Semaphore turns = new Semaphore(1);
        load.add(nodes.async(() -> writeUntil(over, here, written, turns)));

        while (replacements(here) < REPLACEMENTS) {
            turns.release(); // A writer without a pause would leave the other node no chance.
            writeOnce(there, written);
            int newest = there.engine().read(ID, W03SwappedFileTest::value);
            here.engine().read(ID, session -> {
                assertThat(value(session)).isGreaterThanOrEqualTo(newest);
                assertThat(Sql.query(session, "PRAGMA integrity_check")).containsExactly("ok");
                return null;
            });
        }
        over.set(true);
        turns.release();

        load.forEach(each -> assertThat(Await.get(each)).isPositive());
        assertThat(here.engine().<Integer, RuntimeException>read(ID, W03SwappedFileTest::value))
                .isEqualTo(written.get());
        assertThat(nodes.query(ID, nodes.head(ID), VALUES)).containsExactly("" + written.get());
    }

    private static long replacements(TestNode node) {
        return node.events().stream()
                .filter(event -> event.kind() == VersionEvent.Kind.APPLIED)
                .count();
    }

    /** A transaction sees one snapshot from beginning to end, whatever is replaced meanwhile. Returns how many did. */
    private static int readUntil(AtomicBoolean over, TestNode node) {
        int read = 0;
        while (!over.get()) {
            try (Session session = node.openLocal(ID);
                    Connection connection = session.connection()) {
                connection.setReadOnly(true);
                connection.setAutoCommit(false);
                List<String> before = Sql.query(connection, VALUES);
                assertThat(before).hasSize(1);
                Thread.yield();
                assertThat(Sql.query(connection, VALUES)).isEqualTo(before);
                connection.rollback();
                read++;
            } catch (SatchelException e) {
                assertThat(e.isRetryable()).as("%s", e).isTrue();
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
        return read;
    }

    private static int writeUntil(AtomicBoolean over, TestNode node, AtomicInteger written, Semaphore turns) {
        int own = 0;
        while (!over.get()) {
            turns.acquireUninterruptibly();
            own += writeOnce(node, written);
        }
        return own;
    }

    private static int writeOnce(TestNode node, AtomicInteger written) {
        try {
            node.engine().write(ID, session -> {
                increment(session);
                return null;
            });
            return written.incrementAndGet() > 0 ? 1 : 0;
        } catch (SatchelException e) {
            assertThat(e.isRetryable()).as("%s", e).isTrue(); // the other node was faster each time
            return 0;
        }
    }

    @Test
    void processThatIsKilledWhileItsCopyIsReplacedLeavesNothingThatIsTakenForTheNewContent() throws Exception {
        Path local = folder.resolve("local");
        try (DirectoryObjectStore store = new DirectoryObjectStore(folder.resolve("bucket"), false);
                Satchel writer =
                        Satchel.builder(store, folder.resolve("writer")).build()) {
            writer.write(ID, session -> {
                create(session);
                return null;
            });
            for (int kill = 1; kill <= KILLS; kill++) {
                killWhileReplacing(writer, local, 3 * kill);

                try (Satchel next = Satchel.builder(store, local).build()) {
                    int stored = writer.<Integer, RuntimeException>read(ID, W03SwappedFileTest::value);
                    assertThat(next.<Integer, RuntimeException>read(ID, W03SwappedFileTest::value))
                            .isEqualTo(stored);
                    assertThat(next.<List<String>, RuntimeException>read(
                                    ID, session -> Sql.query(session, "PRAGMA integrity_check")))
                            .containsExactly("ok");
                }
            }
        }
    }

    /** Writes versions until the other process has taken over some, and kills it in the middle of its work. */
    private void killWhileReplacing(Satchel writer, Path local, int replacements) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReplacingProcess.class.getName(),
                        folder.resolve("bucket").toString(),
                        local.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            int seen = 0;
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                assertThat(line).isIn("ready", "replaced");
                writer.write(ID, session -> {
                    increment(session);
                    return null;
                });
                if (++seen == replacements) {
                    process.toHandle().destroyForcibly(); // Process would close the output too
                }
            }
            assertThat(seen).isGreaterThanOrEqualTo(replacements);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void writeAheadLogOfAnotherTimeIsNotApplied() throws IOException {
        TestNode node = nodes.start("a");
        node.engine().write(ID, session -> {
            create(session);
            return null;
        });
        try (Session session = node.openLocal(ID)) {
            increment(session);
        }
        Path wal = nodes.folder("old-wal");
        Files.copy(node.folder().resolve("alice/database.sqlite-wal"), wal);
        assertThat(wal).isNotEmptyFile();
        TestNode other = nodes.start("other");
        for (int i = 0; i < 3; i++) {
            other.engine().write(ID, session -> {
                increment(session);
                return null;
            });
        }
        other.close();
        Path planted = other.folder().resolve("alice/database.sqlite-wal");
        assertThat(planted).doesNotExist();
        Files.copy(wal, planted);

        TestNode again = nodes.node("again").folder(other.folder()).start();

        try (Session session = again.engine().open(ID, Freshness.local(), Durability.DURABLE)) {
            assertThat(value(session)).isEqualTo(4);
            assertThat(Sql.query(session, "PRAGMA integrity_check")).containsExactly("ok");
        }
    }
}
