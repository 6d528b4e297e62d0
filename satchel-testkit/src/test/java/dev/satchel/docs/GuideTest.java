package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.BusyException;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.DeletionReport;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.SchemaMigration;
import dev.satchel.SchemaScripts;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The examples of docs/guide.md do what the text says. */
class GuideTest extends Examples {
    private final InMemoryObjectStore bucket = new InMemoryObjectStore();

    @Test
    void oneInstanceServesAProcess() throws SQLException {
        try (ObjectStore store = new DirectoryObjectStore(folder.resolve("bucket"));
                Satchel satchel = start(store, folder.resolve("user_data"))) {
            addNote(satchel, "milk");

            assertThat(notes(satchel)).containsExactly("milk");
        }
    }

    private static Satchel start(ObjectStore store, Path userData) {
        // snippet: guide-start
        Satchel satchel = Satchel.builder(store, userData)
                .config(SatchelConfig.defaults()
                        .withConflictPolicy(ConflictPolicy.REJECT)
                        .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(5)))
                .schema(new NoteSchema())
                .build();
        // end
        return satchel;
    }

    private Satchel notesNode(ObjectStore store) {
        return keep(Satchel.builder(store, newFolder()).schema(new NoteSchema()).build());
    }

    private static SessionResult addNote(Satchel satchel, String text) throws SQLException {
        // snippet: guide-session
        try (Session session = satchel.open(DatabaseId.of("alice"))) { // compares with the store
            try (Connection connection = session.connection();
                    PreparedStatement insert = connection.prepareStatement("insert into note (text) values (?)")) {
                insert.setString(1, text);
                insert.executeUpdate();
            }
            return session.complete(); // uploads; SYNCED, and the version that it made
        }
        // end
    }

    // snippet: guide-read
    static List<String> notes(Satchel satchel) throws SQLException {
        return satchel.read(DatabaseId.of("alice"), session -> {
            List<String> notes = new ArrayList<>();
            try (Connection connection = session.connection();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("select text from note order by id")) {
                while (rows.next()) {
                    notes.add(rows.getString("text"));
                }
            }
            return notes;
        });
    }
    // end

    @Test
    void functionsRunAgainWhenAnotherNodeWasFaster() throws Exception {
        Satchel one = notesNode(bucket);
        Satchel two = notesNode(bucket);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Satchel node : List.of(one, two)) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 5; i++) {
                        addOnce(node, "note " + i);
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(notes(one)).containsExactly("note 0", "note 1", "note 2", "note 3", "note 4");
    }

    private static boolean addOnce(Satchel satchel, String text) throws SQLException {
        // snippet: guide-write
        boolean added = satchel.write(DatabaseId.of("alice"), session -> {
            try (Connection connection = session.connection();
                    PreparedStatement insert = connection.prepareStatement(
                            "insert into note (text) select ?1 where not exists (select 1 from note where text = ?1)")) {
                insert.setString(1, text);
                return insert.executeUpdate() == 1;
            }
        });
        // end
        return added;
    }

    @Test
    void freshnessDecidesWhoIsAsked() throws SQLException {
        Satchel satchel = notesNode(bucket);
        addNote(satchel, "milk");
        Version seen = satchel.status(ALICE).orElseThrow().version();
        bucket.requests().reset();

        try (Session session = withoutAsking(satchel, seen)) {
            assertThat(query(session, "select text from note")).containsExactly("milk");
        }
        assertThat(bucket.requests().count()).isZero();
    }

    private static Session withoutAsking(Satchel satchel, Version seen) {
        // snippet: guide-freshness
        Session session = satchel.open(DatabaseId.of("alice"), Freshness.atLeast(seen), Durability.DURABLE);
        // end
        return session;
    }

    @Test
    void deferredChangesAreUploadedByThemselves() throws SQLException {
        FaultyObjectStore store = new FaultyObjectStore(bucket);
        Satchel satchel = notesNode(store);
        addNote(satchel, "milk");
        FaultyObjectStore.Pause upload = store.on(".*[.]ltx", Operation.PUT).pauseBefore();

        SessionResult result = defer(satchel);

        assertThat(result.status()).isEqualTo(SyncStatus.PENDING);

        upload.release();
        satchel.close();

        assertThat(notes(notesNode(bucket))).containsExactly("milk", "bread");
    }

    private static SessionResult defer(Satchel satchel) throws SQLException {
        // snippet: guide-deferred
        try (Session session = satchel.open(ALICE, Freshness.latest(), Durability.DEFERRED)) {
            execute(session, "insert into note (text) values ('bread')");
            return session.complete(); // PENDING: on the local disk, not yet in the store
        }
        // end
    }

    @Test
    void jobsPublishAsTheyGo() throws SQLException {
        Satchel satchel = notesNode(bucket);
        addNote(satchel, "milk");
        bucket.requests().reset();

        importNotes(satchel, List.of(List.of("a", "b"), List.of("c")));

        assertThat(bucket.requests().count(Operation.PUT)).isEqualTo(2);
        assertThat(notes(satchel)).containsExactly("milk", "a", "b", "c");
    }

    private static void importNotes(Satchel satchel, List<List<String>> chunks) throws SQLException {
        // snippet: guide-job
        try (Session session = satchel.open(DatabaseId.of("alice"))) {
            for (List<String> chunk : chunks) {
                insertAll(session, chunk); // closes its connection
                session.flush(); // this chunk is in the store, newer versions of other nodes may come in
            }
        }
        // end
    }

    private static void insertAll(Session session, List<String> texts) throws SQLException {
        for (String text : texts) {
            execute(session, "insert into note (text) values ('" + text + "')");
        }
    }

    @Test
    void usersMayHaveSeveralDatabases() throws SQLException {
        Satchel satchel = notesNode(bucket);

        addToProject(satchel);

        assertThat(bucket.list("alice/", "", 10).objects())
                .singleElement()
                .satisfies(object -> assertThat(object.key()).startsWith("alice/project-7.ltx/"));
    }

    private static void addToProject(Satchel satchel) throws SQLException {
        // snippet: guide-databases
        DatabaseId project = DatabaseId.of("alice", "project-7");
        satchel.write(project, session -> {
            execute(session, "insert into note (text) values ('storyboard')");
            return null;
        });
        // end
    }

    @Test
    void schemaIsMadeOfScriptsAndStepsInJava() throws SQLException {
        // snippet: schema-scripts
        SchemaMigration schema = SchemaScripts.builder()
                .script("V1__notes.sql", "create table note (id integer primary key, text text not null);")
                .script("V1_1__done.sql", "alter table note add column done integer not null default 0;")
                .java("2", "words", connection -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("create table word (note integer references note, word text)");
                    }
                })
                .build();
        // end
        Satchel satchel =
                keep(Satchel.builder(bucket, newFolder()).schema(schema).build());
        satchel.write(DatabaseId.of("alice"), session -> {
            execute(session, "insert into word values (null, 'milk')");
            return null;
        });

        assertThat(schema.targetVersion()).isEqualTo(3);
    }

    @Test
    void failuresSayWhatToDo() throws SQLException {
        FaultyObjectStore store = new FaultyObjectStore(bucket);
        Satchel satchel = keep(Satchel.builder(store, newFolder())
                .config(SatchelConfig.defaults().withTimeouts(Duration.ofMillis(200), Duration.ofSeconds(1)))
                .schema(new NoteSchema())
                .build());
        assertThat(save(satchel, "milk")).isEqualTo("saved");

        store.on(".*[.]ltx", Operation.PUT).always().inject(Fault.LATE);

        assertThat(save(satchel, "bread")).isEqualTo("not known yet");

        store.clear();
        store.releaseLate();

        assertThat(notes(satchel)).containsExactly("milk", "bread");
    }

    private static String save(Satchel satchel, String text) throws SQLException {
        // snippet: guide-errors
        try {
            addNote(satchel, text);
            return "saved";
        } catch (ConflictException e) {
            return "not saved, another node was faster; kept as " + e.conflict().keptAs();
        } catch (OutcomeUnknownException e) {
            return "not known yet"; // read before writing again
        } catch (SatchelException e) {
            return e.isRetryable() ? "not saved, try again" : "not saved, somebody has to look at it";
        }
        // end
    }

    @Test
    void oldVersionsCanBeReadAndRestored() throws SQLException {
        Satchel satchel = notesNode(bucket);
        addNote(satchel, "milk");
        addNote(satchel, "bread");

        assertThat(before(satchel, Version.of(1))).isEqualTo(1);

        restore(bucket, Version.of(1));

        assertThat(notes(satchel)).containsExactly("milk");
        assertThat(satchel.status(ALICE).orElseThrow().version()).isEqualTo(Version.of(3));
    }

    private static int before(Satchel satchel, Version version) throws SQLException {
        // snippet: guide-history
        try (DatabaseAt then = satchel.openAt(DatabaseId.of("alice"), version);
                Connection connection = then.connection();
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("select count(*) from note")) {
            count.next();
            return count.getInt(1);
        }
        // end
    }

    @Test
    void instantsCanBeOpened() throws SQLException {
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-04-30T09:00:00Z"));
        Satchel satchel = keep(Satchel.builder(bucket, newFolder())
                .clock(clock)
                .schema(new NoteSchema())
                .build());
        addNote(satchel, "milk");

        openThen(bucket);
    }

    private static void openThen(ObjectStore store) throws SQLException {
        // snippet: restore-open
        try (Bucket bucket = Bucket.of(store);
                DatabaseAt then = bucket.openAt(DatabaseId.of("alice"), Instant.parse("2026-05-01T12:00:00Z"));
                Connection connection = then.connection()) {
            // read
        }
        // end
    }

    private static void restore(ObjectStore store, Version version) {
        // snippet: guide-restore
        try (Bucket bucket = Bucket.of(store)) {
            bucket.restore(DatabaseId.of("alice"), version);
        }
        // end
    }

    @Test
    void deletedDatabaseIsEmptyAndMayBeginAnew() throws SQLException {
        Satchel satchel = notesNode(bucket);
        addNote(satchel, "milk");

        assertThat(delete(satchel)).startsWith("deleted with version 2, ");

        assertThat(notes(satchel)).isEmpty();
        addNote(satchel, "bread");
        assertThat(notes(satchel)).containsExactly("bread");
        assertThat(satchel.status(ALICE).orElseThrow().version()).isEqualTo(Version.of(3));
    }

    private static String delete(Satchel satchel) {
        // snippet: guide-delete
        DeletionReport report = satchel.delete(DatabaseId.of("alice"));
        return "deleted with version " + report.version() + ", " + report.bytes() + " bytes taken out of the store";
        // end
    }

    @Test
    void statusIsKnownWithoutAsking() throws SQLException {
        Satchel satchel = notesNode(bucket);
        addNote(satchel, "milk");
        bucket.requests().reset();

        assertThat(describe(satchel)).isEqualTo("synced at version 1");
        assertThat(bucket.requests().count()).isZero();
    }

    private static String describe(Satchel satchel) {
        // snippet: guide-status
        Optional<DatabaseStatus> status = satchel.status(DatabaseId.of("alice"));
        return status.map(s -> s.status().token() + " at version " + s.version())
                .orElse("not open here"); // says nothing of the store
        // end
    }

    @Test
    void brandNewUsersCostNoVersion() throws SQLException {
        Satchel satchel = notesNode(bucket);

        assertThat(notes(satchel)).isEmpty();
        assertThat(bucket.list("", "", 10).objects()).isEmpty();
        assertThat(satchel.status(ALICE).map(DatabaseStatus::version)).contains(Version.NONE);
    }

    @Test
    void idsAreEncodedOrRefused() {
        assertThatThrownBy(() -> UserId.of("../alice")).isInstanceOf(IllegalArgumentException.class);
        Map<String, String> encoded = Map.of(
                "alice",
                "alice",
                "Alice",
                "%41lice",
                "ann@example.org",
                "ann@example.org",
                "a/b",
                "a%2fb",
                "Zoë",
                "%5ao%c3%ab",
                "con",
                "%63on");
        encoded.forEach((id, segment) -> assertThat(UserId.of(id).encoded()).isEqualTo(segment));
    }

    @Test
    void writingTransactionsQueue() throws SQLException {
        Satchel satchel = keep(Satchel.builder(bucket, newFolder())
                .config(SatchelConfig.defaults().withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(100)))
                .schema(new NoteSchema())
                .build());
        try (Session session = satchel.open(ALICE);
                Connection first = session.connection();
                Connection second = session.connection()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            execute(first, "insert into note (text) values ('a')");

            assertThatThrownBy(() -> execute(second, "insert into note (text) values ('b')"))
                    .isInstanceOf(SQLFeatureNotSupportedException.class)
                    .hasMessageContaining("this thread already has a writing transaction open");
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void heldReplicasAreNotChanged() throws SQLException {
        Satchel here = keep(Satchel.builder(bucket, newFolder())
                .config(SatchelConfig.defaults().withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(100)))
                .schema(new NoteSchema())
                .build());
        addNote(here, "milk");
        try (Session held = here.open(ALICE)) {
            query(held, "select text from note");
            addNote(notesNode(bucket), "bread");

            assertThatThrownBy(() -> here.open(ALICE)).isInstanceOf(BusyException.class);
            assertThat(query(held, "select text from note")).containsExactly("milk");
        }
        assertThat(notes(here)).containsExactly("milk", "bread");
    }
}
