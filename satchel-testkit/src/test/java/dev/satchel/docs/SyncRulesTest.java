package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.UnavailableException;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of the rules sync-r2-always and sync-on-mutation do what the pages say. */
class SyncRulesTest extends Examples {
    private final InMemoryObjectStore bucket = new InMemoryObjectStore();
    private final List<String> mails = new ArrayList<>();

    @Test
    void whatIsAnnouncedAfterTheSessionIsInTheStore() throws SQLException {
        Satchel satchel = node(bucket);

        renderThenAnnounce(satchel);

        assertThat(mails).containsExactly("Your film is ready");
        assertThat(query(node(bucket), "select name from film")).containsExactly("holiday");
    }

    @Test
    void whatIsAnnouncedInsideTheSessionMayNeverBeSaved() {
        FaultyObjectStore unreachable = new FaultyObjectStore(bucket);
        unreachable.on(".*", Operation.PUT).always().inject(Fault.NOT_SENT);
        Satchel satchel =
                node(unreachable, SatchelConfig.defaults().withTimeouts(Duration.ofMillis(200), Duration.ofSeconds(1)));

        Throwable tooEarly = catchThrowable(() -> announceThenSave(satchel));

        assertThat(tooEarly).isInstanceOf(UnavailableException.class);
        assertThat(mails).containsExactly("Your film is ready");

        mails.clear();
        Throwable inTime = catchThrowable(() -> renderThenAnnounce(satchel));

        assertThat(inTime).isInstanceOf(UnavailableException.class);
        assertThat(mails).isEmpty();
    }

    private void announceThenSave(Satchel satchel) throws SQLException {
        // snippet: sync-r2-always-wrong
        try (Session session = satchel.open(ALICE)) {
            saveFilm(session);
            mail("Your film is ready"); // nothing is in the store yet
        }
        // end
    }

    private void renderThenAnnounce(Satchel satchel) throws SQLException {
        // snippet: sync-r2-always-right
        try (Session session = satchel.open(ALICE)) {
            saveFilm(session);
        } // here it is in the store, or an exception says that it is not
        mail("Your film is ready");
        // end
    }

    private void saveFilm(Session session) throws SQLException {
        execute(session, "create table if not exists film (name)", "insert into film values ('holiday')");
    }

    private void mail(String text) {
        mails.add(text);
    }

    @Test
    void readingIsUploadedOnlyIfItWrites() throws SQLException {
        Satchel satchel = node(bucket);
        execute(satchel, "create table clip (name)", "create table visit (at)", "insert into clip values ('opening')");
        bucket.requests().reset();

        List<String> clips = clips(satchel);

        assertThat(clips).containsExactly("opening");
        assertThat(bucket.requests().count(Operation.PUT)).isZero();

        execute(satchel, "update clip set name = name");

        assertThat(bucket.requests().count(Operation.PUT)).isZero();

        clipsAndVisit(satchel);

        assertThat(bucket.requests().count(Operation.PUT)).isEqualTo(1);
    }

    private static List<String> clipsAndVisit(Satchel satchel) throws SQLException {
        // snippet: sync-on-mutation-wrong
        return satchel.write(ALICE, session -> {
            execute(session, "insert into visit values (datetime('now'))"); // each look makes a version
            return query(session, "select name from clip");
        });
        // end
    }

    private static List<String> clips(Satchel satchel) throws SQLException {
        // snippet: sync-on-mutation-right
        return satchel.read(ALICE, session -> query(session, "select name from clip"));
        // end
    }
}
