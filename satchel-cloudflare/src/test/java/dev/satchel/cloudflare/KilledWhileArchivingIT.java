package dev.satchel.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.UnavailableException;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveBatch;
import dev.satchel.archive.ArchiveLimits;
import dev.satchel.archive.ArchiveReport;
import dev.satchel.archive.ArchiveRule;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.archive.ArchivedEntry;
import dev.satchel.archive.ArchivedRows;
import dev.satchel.archive.BatchId;
import dev.satchel.archive.BatchInfo;
import dev.satchel.store.RetryPolicy;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.cloudflare.LocalDurableObjects;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cloudflare's runtime ends as with {@code kill -9} while the archiver moves rows: none is lost, none is there twice. */
class KilledWhileArchivingIT {
    private static final DatabaseId ANN = DatabaseId.of("ann");
    private static final int PROJECTS = 24;
    private static final RetryPolicy ONCE = new RetryPolicy(1, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    private static final ArchiveRule RULE = ArchiveRule.builder("finished-projects", "projects")
            .where("finished = 1")
            .build();

    /** The archiver stores 12 batches and then loads them: among the first, among the last, and between the two. */
    private static final int[] KILLED_AT = {3, 11, 17};

    @TempDir
    Path folder;

    @Test
    void noRowIsLostOrThereTwiceAndTheArchiverFinishesWhenRunAgain() throws Exception {
        try (LocalDurableObjects cloudflare = LocalDurableObjects.start(folder.resolve("objects"));
                KillingTier tier = new KillingTier(cloudflare);
                InMemoryObjectStore store = new InMemoryObjectStore();
                Satchel node = Satchel.builder(store, folder.resolve("node")).build()) {
            create(node);
            Archive archive = Archive.builder(node).tier(tier).rule(RULE).build();
            List<String> all = live(node);

            for (int at : KILLED_AT) {
                tier.killAt(at);
                assertThatThrownBy(() -> archive.run(ANN)).isInstanceOf(UnavailableException.class);
                cloudflare.restart();
                assertThat(together(node, archive)).isEqualTo(all);
            }

            ArchiveReport report = archive.run(ANN);

            assertThat(report.archived()).hasSize(PROJECTS / 2);
            assertThat(together(node, archive)).isEqualTo(all);
            assertThat(live(node)).hasSize(all.size() / 2);
            for (ArchivedEntry entry : archive.list(ANN)) {
                archive.restore(ANN, entry.batch());
            }
            assertThat(live(node)).isEqualTo(all);
        }
    }

    /** Every second project is finished; each has values of every kind. */
    private static void create(Satchel node) throws SQLException {
        node.<@Nullable Void, SQLException>write(ANN, session -> {
            try (Connection connection = session.connection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("CREATE TABLE projects(id INTEGER PRIMARY KEY AUTOINCREMENT, finished INTEGER)");
                statement.execute(
                        "CREATE TABLE clips(id INTEGER PRIMARY KEY, project INTEGER REFERENCES projects, whole,"
                                + " real, text, blob, empty)");
                for (int id = 1; id <= PROJECTS; id++) {
                    statement.execute("INSERT INTO projects VALUES (" + id + ", " + id % 2 + ")");
                    statement.execute("INSERT INTO clips VALUES (NULL, " + id + ", 9223372036854775807 - " + id
                            + ", -0.1 / " + id + ", 'a' || char(0) || char(128249) || CAST(x'ff' AS TEXT),"
                            + " randomblob(20000), NULL)");
                }
                connection.commit();
                return null;
            }
        });
    }

    private static List<String> together(Satchel node, Archive archive) throws SQLException {
        List<String> together = live(node);
        try (ArchivedRows archived = archive.open(ANN);
                Connection connection = archived.connection()) {
            if (!archive.list(ANN).isEmpty()) {
                together.addAll(rows(connection));
            }
        }
        Collections.sort(together);
        return together;
    }

    private static List<String> live(Satchel node) throws SQLException {
        return node.read(ANN, session -> {
            try (Connection connection = session.connection()) {
                return rows(connection);
            }
        });
    }

    /** All rows exactly, sorted, and as often as they are there. */
    private static List<String> rows(Connection connection) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(
                        "SELECT 'project' || id || ' ' || finished FROM projects UNION ALL SELECT 'clip ' || id || ' '"
                                + " || project || ' ' || quote(whole) || ' ' || hex(real) || ' ' || typeof(text) ||"
                                + " hex(CAST(text AS BLOB)) || ' ' || typeof(blob) || hex(blob) || quote(empty) FROM"
                                + " clips")) {
            while (found.next()) {
                rows.add(found.getString(1));
            }
        }
        Collections.sort(rows);
        return rows;
    }

    /** Kills the runtime while one of its calls is under way. */
    private static final class KillingTier implements ArchiveTier {
        private final LocalDurableObjects cloudflare;
        private final DurableObjectsArchive archive;
        private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);

        KillingTier(LocalDurableObjects cloudflare) {
            this.cloudflare = cloudflare;
            this.archive = DurableObjectsArchive.connect(
                    DurableObjectsConfig.of(cloudflare.url(), cloudflare.key()).withRetry(ONCE));
        }

        void killAt(int call) {
            left.set(call);
        }

        private <T> T during(Supplier<T> call) {
            if (left.decrementAndGet() != 0) {
                return call.get();
            }
            CompletableFuture<Void> killing = CompletableFuture.runAsync(cloudflare::kill);
            try {
                return call.get();
            } finally {
                killing.join();
            }
        }

        @Override
        public String name() {
            return archive.name();
        }

        @Override
        public ArchiveLimits limits() {
            return archive.limits();
        }

        @Override
        public void store(ArchiveBatch batch) {
            during(() -> {
                archive.store(batch);
                return true;
            });
        }

        @Override
        public Optional<ArchiveBatch> load(DatabaseId database, BatchId id) {
            return during(() -> archive.load(database, id));
        }

        @Override
        public List<BatchInfo> list(DatabaseId database, Optional<BatchId> after, int limit) {
            return during(() -> archive.list(database, after, limit));
        }

        @Override
        public boolean remove(DatabaseId database, BatchId id) {
            return during(() -> archive.remove(database, id));
        }

        @Override
        public void erase(DatabaseId database) {
            during(() -> {
                archive.erase(database);
                return true;
            });
        }

        @Override
        public void close() {
            archive.close();
        }
    }
}
