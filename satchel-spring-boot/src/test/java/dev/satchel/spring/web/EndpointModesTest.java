package dev.satchel.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.spring.FakeSession;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.UserContext;
import dev.satchel.spring.internal.RequestModes;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.method.HandlerMethod;

class EndpointModesTest {
    private final UserContext context = new UserContext();
    private final EndpointModes modes = new EndpointModes(context);
    private final MockHttpServletRequest request = new MockHttpServletRequest();
    private final List<String> opened = new ArrayList<>();

    @BeforeEach
    void begin() {
        request.setAttribute(
                RequestModes.ATTRIBUTE,
                new RequestModes(null, null, EndpointMode.UNSAID, Freshness.latest(), Durability.DURABLE));
    }

    @Test
    void methodGoesBeforeItsClassAndTheClassBeforeWhatIsConfigured() throws NoSuchMethodException {
        assertThat(openedBy(new Plain(), "plain")).isEqualTo(Freshness.latest() + " DURABLE");
        assertThat(openedBy(new Relaxed(), "asTheClass")).isEqualTo(Freshness.local() + " DEFERRED");
        begin();
        assertThat(openedBy(new Relaxed(), "recent")).isEqualTo(Freshness.within(Duration.ofSeconds(5)) + " DEFERRED");
        begin();
        assertThat(openedBy(new Relaxed(), "saved")).isEqualTo(Freshness.local() + " DURABLE");
    }

    @Test
    void firstEndpointThatSaysSomethingCountsForWhatItForwardsTo() throws NoSuchMethodException {
        assertThat(openedBy(new Relaxed(), "recent")).isEqualTo(Freshness.within(Duration.ofSeconds(5)) + " DEFERRED");
        assertThat(openedBy(new Relaxed(), "saved")).isEqualTo(Freshness.within(Duration.ofSeconds(5)) + " DEFERRED");
        assertThat(openedBy(new Plain(), "plain")).isEqualTo(Freshness.within(Duration.ofSeconds(5)) + " DEFERRED");
    }

    @Test
    void connectionThatAFilterHoldsIsSaidToBeInTheWay() throws Exception {
        UnitOfWork unit = unit();
        Connection held = unit.connection();
        HandlerMethod handler = new HandlerMethod(new Relaxed(), "recent");

        try (UserContext.Binding ignored = context.bind(unit)) {
            assertThatThrownBy(() -> modes.preHandle(request, new MockHttpServletResponse(), handler))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("recent()")
                    .hasMessageContaining("satchel.web.endpoints[0].path");
            held.close();
            assertThat(modes.preHandle(request, new MockHttpServletResponse(), handler))
                    .isTrue();
        }
    }

    @Test
    void requestsOfNobodyAreLeftAlone() throws NoSuchMethodException {
        HandlerMethod handler = new HandlerMethod(new Relaxed(), "recent");

        assertThat(modes.preHandle(request, new MockHttpServletResponse(), handler))
                .isTrue();
    }

    @Test
    void valueThatIsNoFreshnessIsNamedWithItsMethod() throws NoSuchMethodException {
        HandlerMethod handler = new HandlerMethod(new Wrong(), "soon");

        assertThatThrownBy(() -> modes.check(handler))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("soon()")
                .hasMessageContaining("must be latest, local or a duration such as 5s: \"quickly\"");
    }

    private String openedBy(Object controller, String method) throws NoSuchMethodException {
        RequestModes requestModes = (RequestModes) request.getAttribute(RequestModes.ATTRIBUTE);
        UnitOfWork unit = unit(requestModes.freshness(), requestModes.durability());
        try (UserContext.Binding ignored = context.bind(unit)) {
            modes.preHandle(request, new MockHttpServletResponse(), new HandlerMethod(controller, method));
            unit.session();
        }
        return opened.get(opened.size() - 1);
    }

    private UnitOfWork unit() {
        return unit(Freshness.latest(), Durability.DURABLE);
    }

    private UnitOfWork unit(Freshness first, Durability firstDurability) {
        return new UnitOfWork(DatabaseId.of("alice"), first, firstDurability, (id, freshness, durability) -> {
            opened.add(freshness + " " + durability);
            return new FakeSession(id);
        });
    }

    static class Plain {
        public void plain() {}
    }

    @RequestFreshness("local")
    @RequestDurability(Durability.DEFERRED)
    static class Relaxed {
        public void asTheClass() {}

        @RequestFreshness("5s")
        public void recent() {}

        @RequestDurability(Durability.DURABLE)
        public void saved() {}
    }

    static class Wrong {
        @RequestFreshness("quickly")
        public void soon() {}
    }
}
