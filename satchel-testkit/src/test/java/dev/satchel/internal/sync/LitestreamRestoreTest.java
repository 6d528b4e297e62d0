package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.litestream.LitestreamRestore;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Litestream restores from the buckets that Satchel writes: shown with a reader that shares no code with the writer. */
class LitestreamRestoreTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final String STATE = "SELECT count(*) || '/' || coalesce(sum(id * length(text)), 0) FROM note";
    private static final int STEPS = 40;

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private LitestreamRestore litestream() {
        return new LitestreamRestore(nodes.store(), "alice/database.ltx");
    }

    private static String grow(Random random) {
        return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + (1 + random.nextInt(40))
                + ") INSERT INTO note(text) SELECT hex(randomblob(" + random.nextInt(1500) + ")) FROM n";
    }

    /** Takes the database out, makes it smaller, and brings it back. */
    private void shrink(Bucket bucket, Random random) throws SQLException {
        Path file = nodes.folder("smaller.sqlite");
        bucket.pull(ALICE, file, StandardCopyOption.REPLACE_EXISTING);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM note WHERE abs(random()) % 100 < " + (30 + random.nextInt(60)));
            statement.execute("VACUUM");
        }
        bucket.push(ALICE, file);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void restoresEveryVersionOfASeededHistory(long seed) throws SQLException, IOException {
        Random random = new Random(seed);
        TestNode a = nodes.start("a");
        TestNode b = nodes.start("b");
        Bucket bucket = Bucket.of(nodes.store());
        a.run(ALICE, Sql.CREATE, Sql.note("first"));
        List<String> expected = new ArrayList<>();
        List<Long> versions = new ArrayList<>();
        int conflicts = 0;
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(6)) {
                case 0 -> shrink(bucket, random);
                case 1 -> bucket.restore(ALICE, Version.of(1 + random.nextInt((int) nodes.head(ALICE))));
                case 2 -> a.run(ALICE, "DELETE FROM note WHERE id % 3 = " + random.nextInt(3), grow(random));
                case 3 -> {
                    b.notes(ALICE);
                    a.run(ALICE, grow(random));
                    b.runLocal(ALICE, grow(random));
                    conflicts++;
                }
                default -> (random.nextBoolean() ? a : b).run(ALICE, grow(random));
            }
            versions.add(nodes.head(ALICE));
            expected.add(nodes.query(ALICE, nodes.head(ALICE), STATE).get(0));
        }
        assertThat(bucket.conflicts(ALICE)).hasSize(conflicts);

        Path ours = nodes.folder("ours.sqlite");
        Path theirs = nodes.folder("theirs.sqlite");
        for (long version = 1; version <= nodes.head(ALICE); version++) {
            litestream().transaction(version, theirs);
            bucket.pull(ALICE, Version.of(version), ours, StandardCopyOption.REPLACE_EXISTING);
            assertThat(Files.mismatch(ours, theirs))
                    .as("seed %d version %d", seed, version)
                    .isEqualTo(-1);
            if (versions.contains(version)) {
                assertThat(Nodes.queryFile(theirs, STATE))
                        .as("seed %d version %d", seed, version)
                        .containsExactly(expected.get(versions.lastIndexOf(version)));
            }
        }
        litestream().latest(theirs);
        assertThat(Nodes.queryFile(theirs, "PRAGMA integrity_check")).containsExactly("ok");
        bucket.pull(ALICE, ours, StandardCopyOption.REPLACE_EXISTING);
        assertThat(Files.mismatch(ours, theirs)).isEqualTo(-1);
    }

    @Test
    void versionThatIsNotThereIsNotRestored() {
        nodes.start("a").run(ALICE, Sql.CREATE);

        assertThatThrownBy(() -> litestream().transaction(2, nodes.folder("x")))
                .hasMessageContaining("transaction not available");
        assertThatThrownBy(() -> new LitestreamRestore(nodes.store(), "bob/database.ltx").latest(nodes.folder("x")))
                .hasMessageContaining("no matching backup files");
    }

    /** One version a minute, by one clock for the store and the machine that commits. */
    @Test
    void restoresWhatWasCommittedBeforeAnInstant() throws SQLException, IOException {
        Instant beginning = Instant.parse("2026-01-01T00:00:00Z");
        AtomicLong minutes = new AtomicLong();
        InstantSource clock = () -> beginning.plus(Duration.ofMinutes(minutes.get()));
        InMemoryObjectStore store = new InMemoryObjectStore(clock, false);
        Path file = nodes.folder("timed.sqlite");
        try (Bucket bucket = Bucket.builder(store).clock(clock).build();
                Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE note(id INTEGER PRIMARY KEY, text)");
            for (int version = 1; version <= 5; version++) {
                minutes.set(version);
                statement.execute("INSERT INTO note(text) VALUES ('x')");
                bucket.push(ALICE, file);
            }
        }
        LitestreamRestore litestream = new LitestreamRestore(store, "alice/database.ltx");
        Path restored = nodes.folder("restored.sqlite");
        Instant third = beginning.plus(Duration.ofMinutes(3));

        litestream.before(third, restored);
        assertThat(Nodes.queryFile(restored, "SELECT count(*) FROM note")).containsExactly("2");
        litestream.before(third.plusMillis(1), restored);
        assertThat(Nodes.queryFile(restored, "SELECT count(*) FROM note")).containsExactly("3");
        for (long minute : new long[] {0, 6}) {
            assertThatThrownBy(() -> litestream.before(beginning.plus(Duration.ofMinutes(minute)), restored))
                    .hasMessageContaining("timestamp does not exist");
        }
    }
}
