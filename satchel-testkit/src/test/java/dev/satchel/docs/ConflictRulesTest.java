package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Conflict;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.testkit.InMemoryObjectStore;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The examples of the rules conflict-last-write-wins, conflict-log-warning and conflict-websocket do what the pages say. */
class ConflictRulesTest extends Examples {
    private final InMemoryObjectStore bucket = new InMemoryObjectStore();
    private final List<String> told = new ArrayList<>();
    private Satchel elsewhere;

    @BeforeEach
    void putSomethingIn() throws SQLException {
        elsewhere = node(bucket);
        execute(elsewhere, "create table clip (name)");
    }

    @Test
    void sessionsOverwriteAndFunctionsRunAgain() throws SQLException {
        Satchel satchel = node(bucket);

        SessionResult overwritten = slowSession(satchel);

        assertThat(overwritten.status()).isEqualTo(SyncStatus.CONFLICT);
        assertThat(overwritten.conflict().map(Conflict::head)).contains(Version.of(2));
        assertThat(query(satchel, "select name from clip")).containsExactly("ours");

        repeatable(satchel);

        assertThat(query(satchel, "select name from clip")).containsExactly("ours", "theirs", "ours");
    }

    private SessionResult slowSession(Satchel satchel) throws SQLException {
        // snippet: conflict-last-write-wins-wrong
        try (Session session = satchel.open(ALICE)) {
            askSomebody(); // meanwhile another node commits
            execute(session, "insert into clip values ('ours')");
            return session.complete(); // CONFLICT: their version is no longer the head
        }
        // end
    }

    private void repeatable(Satchel satchel) throws SQLException {
        // snippet: conflict-last-write-wins-right
        askSomebody(); // meanwhile another node commits
        satchel.write(
                ALICE,
                session -> { // runs again on the newer version if another node was faster
                    execute(session, "insert into clip values ('ours')");
                    return null;
                });
        // end
    }

    private void askSomebody() throws SQLException {
        execute(elsewhere, "insert into clip values ('theirs')");
    }

    @Test
    void refusedChangesAreNotForgotten() throws SQLException {
        Satchel satchel = node(bucket, SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT));

        swallow(satchel);

        assertThat(told).isEmpty();

        tell(satchel);

        assertThat(told).singleElement().asString().startsWith("alice/database.conflicts/");
        assertThat(bucket.head(told.get(0))).isPresent();
        assertThat(query(satchel, "select name from clip")).containsExactly("theirs", "theirs");
    }

    private void swallow(Satchel satchel) throws SQLException {
        // snippet: conflict-log-warning-wrong
        try (Session session = satchel.open(ALICE)) {
            askSomebody();
            execute(session, "insert into clip values ('ours')");
        } catch (ConflictException e) {
            // the user believes that it was saved
        }
        // end
    }

    private void tell(Satchel satchel) throws SQLException {
        // snippet: conflict-log-warning-right
        try (Session session = satchel.open(ALICE)) {
            askSomebody();
            execute(session, "insert into clip values ('ours')");
        } catch (ConflictException e) {
            tellUser(e.conflict().keptAs()); // not saved as a version, but kept under this key
        }
        // end
    }

    private void tellUser(String keptAs) {
        told.add(keptAs);
    }

    @Test
    void listenersHearOfVersions() throws SQLException {
        Browsers browsers = (user, kind, version) -> told.add(user + " " + kind + " " + version);
        Satchel satchel = keep(withListener(newFolder(), browsers));

        execute(satchel, "insert into clip values ('ours')");

        assertThat(told).containsExactly("alice PUBLISHED 2");
    }

    private Satchel withListener(Path localFolder, Browsers browsers) {
        // snippet: conflict-websocket-right
        return Satchel.builder(bucket, localFolder)
                .listener(event -> browsers.send(event.database().user(), event.kind(), event.version()))
                .build();
        // end
    }

    static void poll(ScheduledExecutorService scheduler, Satchel satchel, Set<UserId> online, Browsers browsers) {
        // snippet: conflict-websocket-wrong
        scheduler.scheduleAtFixedRate(
                () -> online.forEach(user -> {
                    Version newest = satchel.read(DatabaseId.of(user), Session::version); // a store request each
                    browsers.send(user, VersionEvent.Kind.APPLIED, newest);
                }),
                1,
                1,
                TimeUnit.SECONDS);
        // end
    }

    // snippet: conflict-websocket-browsers
    /** The application's open WebSockets; sending queues and returns at once. */
    interface Browsers {
        void send(UserId user, VersionEvent.Kind kind, Version version);
    }
    // end
}
