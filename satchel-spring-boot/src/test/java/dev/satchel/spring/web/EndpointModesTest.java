package dev.satchel.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.spring.FakeSession;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.UserContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.method.HandlerMethod;

class EndpointModesTest {
    private final UserContext context = new UserContext();
    private final EndpointModes modes = new EndpointModes(context);
    private final MockHttpServletRequest request = new MockHttpServletRequest();
    private final List<String> opened = new ArrayList<>();

    @Test
    void methodGoesBeforeItsClassAndTheClassBeforeWhatIsConfigured() throws NoSuchMethodException {
        assertThat(openedBy(new Plain(), "plain")).isEqualTo(Freshness.latest() + " DURABLE");
        assertThat(openedBy(new Relaxed(), "asTheClass")).isEqualTo(Freshness.local() + " DEFERRED");
        assertThat(openedBy(new Relaxed(), "recent")).isEqualTo(Freshness.within(Duration.ofSeconds(5)) + " DEFERRED");
        assertThat(openedBy(new Relaxed(), "saved")).isEqualTo(Freshness.local() + " DURABLE");
    }

    @Test
    void whatTheResolverSaidGoesBeforeTheFreshnessOfTheEndpoint() throws NoSuchMethodException {
        request.setAttribute(DatabaseSyncFilter.FRESHNESS_ATTRIBUTE, Freshness.latest());

        assertThat(openedBy(new Relaxed(), "asTheClass")).isEqualTo(Freshness.latest() + " DEFERRED");
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
        UnitOfWork unit = new UnitOfWork(
                DatabaseId.of("alice"), Freshness.latest(), Durability.DURABLE, (id, freshness, durability) -> {
                    opened.add(freshness + " " + durability);
                    return new FakeSession(id);
                });
        try (UserContext.Binding ignored = context.bind(unit)) {
            modes.preHandle(request, new MockHttpServletResponse(), new HandlerMethod(controller, method));
            unit.session();
        }
        return opened.get(opened.size() - 1);
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
