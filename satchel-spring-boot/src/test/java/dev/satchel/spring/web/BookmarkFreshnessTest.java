package dev.satchel.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.satchel.DatabaseId;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.testkit.InMemoryObjectStore;
import java.nio.file.Path;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.web.MockHttpServletRequest;

class BookmarkFreshnessTest {
    private static final UserId ALICE = UserId.of("alice");

    @TempDir
    private Path folder;

    private Satchel satchel;
    private BookmarkFreshness bookmarks;

    @BeforeEach
    void open() throws Exception {
        satchel = Satchel.builder(new InMemoryObjectStore(), folder).build();
        bookmarks = new BookmarkFreshness(satchel);
        satchel.write(DatabaseId.of(ALICE), session -> {
            try (Statement statement = session.connection().createStatement()) {
                return statement.execute("create table t (x)");
            }
        });
    }

    @AfterEach
    void close() {
        satchel.close();
    }

    @Test
    void newerBookmarkThanThisNodeKnowsMakesItAskTheStore() {
        assertThat(bookmarks.resolve(request("alice", "2"))).contains(Freshness.atLeast(Version.of(2)));
        assertThat(bookmarks.resolve(request("bob", "1")))
                .as("a database that is not open here")
                .contains(Freshness.atLeast(Version.of(1)));
    }

    @Test
    void bookmarkThatThisNodeHasLeavesTheFreshnessToTheApplication() {
        assertThat(bookmarks.resolve(request("alice", "1"))).isEmpty();
        assertThat(bookmarks.resolve(request("alice", null))).isEmpty();
        assertThat(bookmarks.resolve(request(null, "2"))).isEmpty();
    }

    @Test
    void whatIsNoVersionIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> bookmarks.resolve(request("alice", "newest")));
    }

    private static MockHttpServletRequest request(@Nullable String user, @Nullable String bookmark) {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/notes");
        if (user != null) {
            request.setAttribute(UserContextFilter.USER_ATTRIBUTE, UserId.of(user));
        }
        if (bookmark != null) {
            request.addHeader(SyncHeaders.VERSION, bookmark);
        }
        return request;
    }
}
