package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Level;
import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionEvent.Kind;
import dev.satchel.VersionFeed;
import dev.satchel.VersionListener;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog.Entry;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What version events save, and that nothing but freshness depends on them. */
class FeedTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration TRUST = SatchelConfig.defaults().feedTrust();

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private final ShakyFeed feed = new ShakyFeed();
    private TestNode node;
    private TestNode other;

    /** Loses events and knows of gaps when it is told to. */
    private static final class ShakyFeed implements VersionFeed {
        private final VersionFeed sound = VersionFeed.onlyProcess();
        private final List<VersionEvent> published = new ArrayList<>();
        private Optional<Coverage> coverage = sound.coverage();
        private boolean losing;

        @Override
        public void publish(VersionEvent event) {
            published.add(event);
            if (!losing) {
                sound.publish(event);
            }
        }

        @Override
        public Subscription subscribe(VersionListener listener) {
            return sound.subscribe(listener);
        }

        @Override
        public Optional<Coverage> coverage() {
            return coverage;
        }

        @Override
        public void close() {
            sound.close();
        }
    }

    @BeforeEach
    void twoNodesWithTheSameDatabase() {
        node = nodes.node("a").feed(feed).start();
        other = nodes.node("b").feed(feed).start();
        other.run(ID, Sql.CREATE, Sql.note("first"));
        node.notes(ID);
        node.requests().reset();
        feed.published.clear();
    }

    private List<Operation> operations() {
        return node.requests().entries().stream().map(Entry::operation).toList();
    }

    private List<String> within(Duration age) {
        return read(Freshness.within(age));
    }

    private List<String> read(Freshness freshness) {
        try (Session session = node.engine().open(ID, freshness, Durability.DURABLE)) {
            return Sql.notes(session);
        }
    }

    @Test
    void withinAsksNobodyWhileTheFeedIsWithoutAGap() {
        nodes.skip(TRUST.minusSeconds(10));

        assertThat(within(SECOND)).containsExactly("first");

        assertThat(operations()).isEmpty();
    }

    @Test
    void withinAsksOnceForWhatAnEventTold() {
        other.run(ID, Sql.note("second"));

        assertThat(within(Duration.ofMinutes(5))).containsExactly("first", "second");
        List<Operation> first = operations();
        nodes.skip(SECOND.multipliedBy(2));
        within(SECOND);

        assertThat(first).containsExactly(Operation.GET, Operation.GET);
        assertThat(operations()).isEqualTo(first);
    }

    @Test
    void lostEventCostsFreshnessForAsLongAsTheFeedIsTrusted() {
        feed.losing = true;
        other.run(ID, Sql.note("second"));

        assertThat(within(SECOND)).containsExactly("first");
        nodes.skip(TRUST.plus(SECOND));
        assertThat(within(SECOND)).containsExactly("first", "second");
    }

    @Test
    void latestAndBookmarksAreRightWhenAllEventsAreLost() {
        feed.losing = true;
        other.run(ID, Sql.note("second"));

        assertThat(read(Freshness.atLeast(Version.of(2)))).containsExactly("first", "second");
        other.run(ID, Sql.note("third"));
        assertThat(read(Freshness.latest())).containsExactly("first", "second", "third");
    }

    @Test
    void gapAfterTheLastComparisonMakesWithinAsk() {
        nodes.skip(SECOND.multipliedBy(5));
        feed.coverage = Optional.of(new VersionFeed.Coverage(SECOND, Duration.ZERO));

        within(SECOND);
        assertThat(operations()).containsExactly(Operation.GET);

        nodes.skip(SECOND.multipliedBy(5));
        feed.coverage = Optional.of(new VersionFeed.Coverage(SECOND.multipliedBy(6), Duration.ZERO));
        within(SECOND);
        assertThat(operations()).containsExactly(Operation.GET);
    }

    @Test
    void feedThatLagsAnswersForNoMoreThanItHasHeard() {
        nodes.skip(SECOND.multipliedBy(10));
        feed.coverage = Optional.of(new VersionFeed.Coverage(Duration.ofHours(1), SECOND.multipliedBy(3)));

        within(SECOND.multipliedBy(4));
        assertThat(operations()).isEmpty();
        within(SECOND.multipliedBy(2));
        assertThat(operations()).containsExactly(Operation.GET);
    }

    @Test
    void withoutCoverageWithinAsksAsIfThereWereNoFeed() {
        feed.coverage = Optional.empty();
        nodes.skip(SECOND.multipliedBy(5));

        within(SECOND);

        assertThat(operations()).containsExactly(Operation.GET);
    }

    @Test
    void eventThatIsNotTrueCostsOneRequest() {
        feed.publish(new VersionEvent(ID, Version.of(4711), Kind.PUBLISHED, "liar"));

        within(SECOND);
        within(SECOND);
        assertThat(operations()).containsExactly(Operation.GET);

        other.run(ID, Sql.note("second"));
        assertThat(within(SECOND)).containsExactly("first", "second");
    }

    @Test
    void functionDoesNotBeginOnAVersionThatIsSaidToBeOld() {
        other.run(ID, Sql.note("second"));
        List<List<String>> seen = new ArrayList<>();

        node.engine().write(ID, session -> {
            seen.add(Sql.notes(session));
            Sql.run(session, Sql.note("third"));
            return null;
        });

        assertThat(seen).containsExactly(List.of("first", "second"));
    }

    @Test
    void publishedConflictingDeletedAndRestoredVersionsAreOnTheFeed() {
        other.run(ID, Sql.note("second"));
        node.runLocal(ID, Sql.note("third"));
        try (Bucket bucket = Bucket.builder(nodes.store()).feed(feed).build()) {
            bucket.restore(ID, Version.of(1));
        }
        other.engine().delete(ID);

        assertThat(feed.published)
                .extracting(VersionEvent::kind, event -> event.version().number())
                .containsExactly(
                        tuple(Kind.PUBLISHED, 2L),
                        tuple(Kind.CONFLICT, 2L),
                        tuple(Kind.PUBLISHED, 3L),
                        tuple(Kind.RESTORED, 4L),
                        tuple(Kind.DELETED, 5L));
    }

    @Test
    void deletionIsSeenWithoutBeingAskedFor() {
        other.engine().delete(ID);

        try (Session session = node.engine().open(ID, Freshness.within(Duration.ofMinutes(5)), Durability.DURABLE)) {
            assertThat(Sql.query(session, "SELECT name FROM sqlite_schema")).isEmpty();
        }
    }

    @Test
    void feedThatFailsFailsNoCommit() {
        VersionFeed broken = new VersionFeed() {
            @Override
            public void publish(VersionEvent event) {
                throw new IllegalStateException("publish");
            }

            @Override
            public Subscription subscribe(VersionListener listener) {
                return () -> {};
            }

            @Override
            public Optional<Coverage> coverage() {
                throw new IllegalStateException("coverage");
            }

            @Override
            public void close() {}
        };
        TestNode third = nodes.node("c").feed(broken).start();

        third.run(ID, Sql.note("second"));
        nodes.skip(SECOND.multipliedBy(5));
        third.engine().open(ID, Freshness.within(SECOND), Durability.DURABLE).close();

        assertThat(nodes.storedNotes(ID)).containsExactly("first", "second");
    }

    @Test
    void errorOfOneSubscriberIsLoggedAndKeepsNobodyFromHearing() {
        VersionFeed sound = VersionFeed.inProcess();
        List<VersionEvent> heard = new ArrayList<>();
        sound.subscribe(event -> {
            throw new NoClassDefFoundError("of a listener");
        });
        sound.subscribe(heard::add);
        TestNode third = nodes.node("c").feed(sound).start();

        try (Logs logs = Logs.record()) {
            third.run(ID, Sql.note("second"));

            assertThat(logs.lines(Level.ERROR)).singleElement().asString().startsWith("ERROR version listener failed");
        }
        assertThat(heard).extracting(VersionEvent::kind).contains(Kind.PUBLISHED);
    }

    @Test
    void errorOfAListenerFailsNoCommit() throws SQLException {
        List<VersionEvent> heard = new ArrayList<>();
        VersionListener broken = event -> {
            throw new NoClassDefFoundError("of a listener");
        };
        try (Satchel third = Satchel.builder(nodes.store(), nodes.folder("c"))
                .listener(broken)
                .listener(heard::add)
                .build()) {
            third.write(ID, session -> {
                try (Statement statement = session.connection().createStatement()) {
                    return statement.executeUpdate("INSERT INTO note (text) VALUES ('second')");
                }
            });
        }

        assertThat(heard).extracting(VersionEvent::kind).contains(Kind.PUBLISHED);
    }

    @Test
    void nodeThatIsClosedIsToldNothing() {
        node.close();
        other.run(ID, Sql.note("second"));

        assertThat(nodes.storedNotes(ID)).containsExactly("first", "second");
    }
}
