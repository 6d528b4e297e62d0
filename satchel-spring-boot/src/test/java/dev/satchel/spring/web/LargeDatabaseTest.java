package dev.satchel.spring.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.UserId;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.SessionOpener;
import dev.satchel.spring.UserContext;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import jakarta.servlet.FilterChain;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** A request does not wait for all of a large database. */
class LargeDatabaseTest {
    private static final UserId ALICE = UserId.of("alice");
    private static final DatabaseId DATABASE = DatabaseId.of(ALICE);

    @TempDir
    private Path folder;

    private final InMemoryObjectStore objects = new InMemoryObjectStore();
    private final UserContext context = new UserContext();

    private void writeLargeDatabase() throws SQLException {
        try (Satchel writer = Satchel.builder(objects, folder.resolve("writer")).build()) {
            writer.write(DATABASE, session -> {
                try (Connection connection = session.connection();
                        Statement statement = connection.createStatement()) {
                    statement.execute("CREATE TABLE clip(body BLOB)");
                    statement.execute("WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 18)"
                            + " INSERT INTO clip SELECT randomblob(1048576) FROM n");
                }
                return null;
            });
        }
    }

    private MockHttpServletResponse answer(DatabaseSyncFilter filter) throws Exception {
        FilterChain handler = (request, response) -> {
            try (Connection connection = context.unit().orElseThrow().connection()) {
                response.getWriter().write("clips " + connection.getAutoCommit());
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        };
        MockHttpServletResponse response = new MockHttpServletResponse();
        try (UserContext.Binding ignored = context.bind(ALICE)) {
            filter.doFilter(new MockHttpServletRequest("GET", "/clips"), response, handler);
        }
        return response;
    }

    @Test
    void requestIsToldHowFarItIsAndTheNextOneFindsItLoaded() throws Exception {
        writeLargeDatabase();
        FaultyObjectStore store = new FaultyObjectStore(objects);
        FaultyObjectStore.Pause pause =
                store.on(".*\\.sqlite", Operation.GET).nth(3).pauseBefore();
        try (Satchel satchel = Satchel.builder(store, folder.resolve("reader")).build()) {
            DatabaseSyncFilter filter = new DatabaseSyncFilter(
                    satchel,
                    new SatchelScopes(SessionOpener.of(satchel), context, Freshness.latest(), Durability.DURABLE),
                    context,
                    request -> Optional.empty(),
                    SyncObserver.NONE,
                    new DatabaseSyncSettings(1 << 16, List.of(), false, List.of(), false, Duration.ZERO));

            MockHttpServletResponse first = answer(filter);

            assertThat(first.getStatus()).isEqualTo(503);
            assertThat(Integer.parseInt(first.getHeader("Retry-After"))).isPositive();
            assertThat(first.getContentAsString())
                    .contains("\"type\":\"urn:satchel:problem:loading\"", "\"loadedBytes\":", "\"totalBytes\":")
                    .contains("\"outcome\":\"not-saved\"", "\"retryable\":true");
            pause.release();
            satchel.load(DATABASE, Duration.ofMinutes(5));
            assertThat(answer(filter).getContentAsString()).isEqualTo("clips true");
        }
    }
}
