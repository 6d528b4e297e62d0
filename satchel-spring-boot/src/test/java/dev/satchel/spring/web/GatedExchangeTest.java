package dev.satchel.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Version;
import dev.satchel.spring.FakeSession;
import dev.satchel.spring.UnitOfWork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
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
        UnitOfWork worked = exchange.workBegins();
        worked.session();

        UnitOfWork answering = exchange.dispatchBegins();
        assertThat(answering).isNotSameAs(worked);
        exchange.response().getOutputStream().print("its time is up");
        exchange.finish();

        assertThat(response.getContentAsString()).isEqualTo("its time is up");
        assertThat(completed(0)).isFalse();
        worked.session();
        exchange.workEnds(worked);
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

    private boolean completed(int session) {
        return sessions.get(session).events().contains("complete");
    }
}
