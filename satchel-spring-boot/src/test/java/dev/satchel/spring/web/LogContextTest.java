package dev.satchel.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.spring.FakeSession;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.UserContext;
import dev.satchel.spring.UserContextAccessor;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshotFactory;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** What log lines say of a request is over with the request, on every thread. */
class LogContextTest {
    private static final UserId ALICE = UserId.of("alice");

    private final UserContext context = new UserContext();
    private final SatchelScopes scopes = new SatchelScopes(
            (database, freshness, durability) -> new FakeSession(database),
            context,
            Freshness.latest(),
            Durability.DURABLE);
    private final DatabaseSyncFilter filter = new DatabaseSyncFilter(
            unit -> Optional.of(Version.of(4)),
            scopes,
            context,
            request -> Optional.empty(),
            SyncObserver.NONE,
            new DatabaseSyncSettings(1024, List.of(), false, List.of(), false, Duration.ofSeconds(1)));

    @AfterEach
    void forget() {
        MDC.clear();
    }

    @Test
    void versionIsThatOfTheRequestAndThenWhatItWas() throws Exception {
        MDC.put("satchel.version", "of before");

        request((request, response) -> {
            scopes.session();
            assertThat(version()).isEqualTo("5");
        });

        assertThat(version()).isEqualTo("of before");
    }

    @Test
    void requestThatFailsLeavesNothing() {
        assertThatThrownBy(() -> request((request, response) -> {
                    scopes.session();
                    throw new ServletException("broken");
                }))
                .hasMessage("broken");

        assertThat(version()).isNull();
    }

    @Test
    void threadsThatWorkForARequestAreLeftAsTheyWere() throws Exception {
        ContextRegistry registry = new ContextRegistry();
        ContextSnapshotFactory snapshots =
                ContextSnapshotFactory.builder().contextRegistry(registry).build();
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try (UserContextAccessor ignored = new UserContextAccessor(context, registry)) {
            request((request, response) -> {
                Runnable work = () -> assertThat(versionSeenBySession()).isEqualTo("5");
                Runnable failing = () -> {
                    scopes.session();
                    throw new IllegalStateException("broken");
                };
                join(CompletableFuture.runAsync(snapshots.captureAll().wrap(work), pool));
                assertThatThrownBy(() -> join(CompletableFuture.runAsync(
                                snapshots.captureAll().wrap(failing), pool)))
                        .hasMessageContaining("broken");
            });

            assertThat(pool.submit(LogContextTest::version).get()).isNull();
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void workOfAScopeInsideARequestOfAnotherUserIsNotTakenForIt() throws Exception {
        request((request, response) -> {
            scopes.session();
            scopes.runAs(UserId.of("bob"), scopes::session);
            assertThat(version()).isEqualTo("5");
        });

        assertThat(version()).isNull();
    }

    private String versionSeenBySession() {
        scopes.session();
        return version();
    }

    private static void join(CompletableFuture<?> work) {
        work.join();
    }

    private static @Nullable String version() {
        return MDC.get("satchel.version");
    }

    private void request(FilterChain handler) throws ServletException, IOException {
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.setAttribute(UserContextFilter.USER_ATTRIBUTE, ALICE);
        try (UserContext.Binding ignored = context.bind(ALICE)) {
            filter.doFilter(request, new MockHttpServletResponse(), handler);
        }
    }
}
