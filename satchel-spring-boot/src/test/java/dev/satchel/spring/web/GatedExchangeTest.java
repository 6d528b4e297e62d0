package dev.satchel.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.spring.FakeSession;
import dev.satchel.spring.UnitOfWork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** When the units of a request end that works on a thread of its own. */
class GatedExchangeTest {
    private final List<FakeSession> sessions = new ArrayList<>();
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private final GatedExchange exchange = new GatedExchange(
            new MockHttpServletRequest(),
            response,
            () -> new UnitOfWork(
                    DatabaseId.of("alice"), Freshness.latest(), Durability.DURABLE, (id, freshness, durability) -> {
                        FakeSession session = new FakeSession(id);
                        sessions.add(session);
                        return session;
                    }),
            1024,
            SyncObserver.NONE,
            unit -> Optional.of(Version.of(4)),
            new Bookmarks(false),
            "alice");

    @Test
    void workThatTheRequestWaitsForIsPublishedWhenItEnds() throws Exception {
        UnitOfWork worked = exchange.workBegins();
        worked.session();
        exchange.workEnds(worked);

        assertThat(completed(0)).isTrue();
        assertThat(exchange.dispatchBegins()).isSameAs(worked);
        exchange.finish();

        assertThat(sessions).hasSize(1);
        assertThat(response.getHeader(SyncHeaders.VERSION)).isEqualTo("7");
    }

    @Test
    void workWhoseTimeIsUpKeepsItsUnitAndTheAnswerHasItsOwn() throws Exception {
        ExecutorService worker = Executors.newSingleThreadExecutor();
        UnitOfWork worked = worker.submit(exchange::workBegins).get();
        worked.session();

        UnitOfWork answering = exchange.dispatchBegins();
        assertThat(answering).isNotSameAs(worked);
        exchange.response().getOutputStream().print("its time is up");
        // What it has not published is not for the other unit's gate to let out.
        assertThatThrownBy(() -> worker.submit(() -> {
                            exchange.response().getOutputStream().write(new byte[2000]);
                            return null;
                        })
                        .get())
                .hasRootCauseInstanceOf(IOException.class);
        exchange.finish();

        assertThat(response.getContentAsString()).isEqualTo("its time is up");
        assertThat(completed(0)).isFalse();
        worked.session();
        worker.submit(() -> exchange.workEnds(worked)).get();
        worker.shutdown();
        assertThat(completed(0)).isTrue();
        assertThat(sessions).hasSize(1);
    }

    @Test
    void workWhoseClientIsGoneKeepsItsUnitAndCannotWriteToAnybody() {
        UnitOfWork worked = exchange.workBegins();
        worked.session();

        exchange.abandon();

        assertThatThrownBy(() -> exchange.response().getOutputStream().print("more"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("client is gone");
        assertThat(completed(0)).isFalse();
        exchange.workEnds(worked);
        assertThat(completed(0)).isTrue();
    }

    @Test
    void nothingLeavesAfterAPublishHasFailedThatNobodyCouldBeToldOf() throws Exception {
        exchange.dispatchBegins().session();
        failAtItsEnd(0, new UnavailableException("", null));
        exchange.pause();

        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> exchange.response().getOutputStream().write(new byte[2000]))
                    .isInstanceOf(UnavailableException.class);
        }
        exchange.finish();

        assertThat(response.getStatus()).isEqualTo(503);
        assertThat(response.getContentAsString()).contains("not-saved");
    }

    @Test
    void failureThatIsNotOfTheEngineLetsNothingLeaveEither() throws Exception {
        exchange.dispatchBegins().session();
        failAtItsEnd(0, new IllegalArgumentException("broken"));
        assertThatThrownBy(exchange::pause).isInstanceOf(IllegalArgumentException.class);

        assertThatThrownBy(() -> exchange.response().getOutputStream().write(new byte[2000]))
                .isInstanceOf(OutcomeUnknownException.class);
        exchange.finish();

        assertThat(response.getStatus()).isEqualTo(503);
        assertThat(response.getContentAsString()).contains("\"outcome\":\"unknown\"");
    }

    @Test
    void failureAfterAPartWasPublishedSaysSo() throws Exception {
        exchange.dispatchBegins().session();
        sessions.get(0).commit();
        exchange.pause();
        exchange.dispatchBegins().session();
        failAtItsEnd(1, new UnavailableException("", null));
        exchange.finish();

        assertThat(response.getStatus()).isEqualTo(503);
        assertThat(response.getContentAsString()).contains("partly-saved", "\"version\":7");
        assertThat(response.getHeader(SyncHeaders.VERSION)).isEqualTo("7");
    }

    @Test
    void partWhoseOutcomeIsUnknownIsNotCalledLost() throws Exception {
        exchange.dispatchBegins().session();
        sessions.get(0).commit();
        exchange.pause();
        exchange.dispatchBegins().session();
        failAtItsEnd(1, new OutcomeUnknownException("", null));
        exchange.finish();

        assertThat(response.getContentAsString()).contains("\"outcome\":\"unknown\"");
    }

    @Test
    void failureBeforeTheClientHungUpIsLogged() {
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(GatedExchange.class);
        logger.addAppender(logged);
        logged.start();
        try {
            exchange.dispatchBegins().session();
            failAtItsEnd(0, new UnavailableException("the store is away", null));
            exchange.pause();

            exchange.abandon();
        } finally {
            logger.detachAppender(logged);
        }
        assertThat(logged.list)
                .filteredOn(event -> event.getLevel() == Level.WARN)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getFormattedMessage()).startsWith("publish failed after the answer of a request");
                    assertThat(event.getThrowableProxy().getMessage()).isEqualTo("the store is away");
                });
    }

    private void failAtItsEnd(int session, RuntimeException failure) {
        sessions.get(session).onComplete(() -> {
            throw failure;
        });
    }

    private boolean completed(int session) {
        return sessions.get(session).events().contains("complete");
    }
}
