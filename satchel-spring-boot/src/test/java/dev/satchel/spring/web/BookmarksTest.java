package dev.satchel.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.satchel.DatabaseId;
import dev.satchel.SyncStatus;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.spring.FakeSession;
import dev.satchel.spring.internal.SeenVersions;
import jakarta.servlet.http.Cookie;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class BookmarksTest {
    private static final UserId ALICE = UserId.of("alice");
    private static final UserId BOB = UserId.of("bob");

    private final Bookmarks bookmarks = new Bookmarks(true);
    private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/notes");

    @Test
    void newerOfHeaderAndCookieCounts() {
        request.setCookies(cookieFor(ALICE, 4));
        assertThat(bookmarks.read(request, ALICE)).isEqualTo(Version.of(4));

        request.addHeader(SyncHeaders.VERSION, "3");
        assertThat(bookmarks.read(request, ALICE)).isEqualTo(Version.of(4));

        request.setCookies(cookieFor(ALICE, 2));
        assertThat(bookmarks.read(request, ALICE)).isEqualTo(Version.of(3));
    }

    @Test
    void cookieOfAnotherUserIsIgnoredAndReplaced() {
        request.setCookies(cookieFor(BOB, 900));

        assertThat(bookmarks.read(request, ALICE)).isNull();
        assertThat(cookieSetFor(ALICE, 2)).startsWith("satchel-version=").contains(".2;");
    }

    @Test
    void cookieIsForThisApplicationAloneAndNotForScripts() {
        request.setContextPath("/shop");
        request.setSecure(true);

        assertThat(cookieSetFor(ALICE, 2))
                .matches("satchel-version=[0-9a-f]{12}\\.2; Path=/shop/; Secure; HttpOnly; SameSite=Lax")
                .doesNotContain("alice");
    }

    @Test
    void cookieThatTheBrowserHasIsNotSentAgain() {
        request.setCookies(cookieFor(ALICE, 2));

        assertThat(cookieSetFor(ALICE, 2)).isNull();
        assertThat(cookieSetFor(ALICE, 3)).contains(".3;");
    }

    @Test
    void cookieOfAVersionThatThereIsNotIsPutRight() {
        request.setCookies(cookieFor(ALICE, 999_999));

        assertThat(cookieSetFor(ALICE, 2)).contains(".2;");
    }

    @Test
    void cookieStaysWhileChangesArePending() {
        request.setCookies(cookieFor(ALICE, 3));
        MockHttpServletResponse response = new MockHttpServletResponse();

        bookmarks.write(request, response, DatabaseId.of(ALICE), FakeSession.result(2, SyncStatus.PENDING, true));

        assertThat(response.getHeader("Set-Cookie")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2", ".", "%s.", "%s.x", "%s.-1", "%s.02", "%s.9999999999999999999", "%s.1.1"})
    void cookieThatIsNoneIsIgnored(String value) {
        String digest = cookieFor(ALICE, 1).getValue().substring(0, 12);
        request.setCookies(new Cookie(SeenVersions.COOKIE, value.formatted(digest)));

        assertThat(bookmarks.read(request, ALICE)).isNull();
    }

    @Test
    void headerThatIsNoVersionIsRefused() {
        request.addHeader(SyncHeaders.VERSION, "newest");

        assertThatIllegalArgumentException().isThrownBy(() -> bookmarks.read(request, ALICE));
    }

    @Test
    void withoutTheSettingThereIsNoCookie() {
        Bookmarks none = new Bookmarks(false);
        MockHttpServletResponse response = new MockHttpServletResponse();
        request.setCookies(cookieFor(ALICE, 3));

        none.write(request, response, DatabaseId.of(ALICE), FakeSession.result(9, SyncStatus.SYNCED, true));

        assertThat(response.getHeader("Set-Cookie")).isNull();
        assertThat(none.read(request, ALICE)).isNull();
    }

    private @Nullable String cookieSetFor(UserId user, long version) {
        MockHttpServletResponse response = new MockHttpServletResponse();
        bookmarks.write(request, response, DatabaseId.of(user), FakeSession.result(version, SyncStatus.SYNCED, false));
        return response.getHeader("Set-Cookie");
    }

    private Cookie cookieFor(UserId user, long version) {
        MockHttpServletResponse response = new MockHttpServletResponse();
        bookmarks.write(
                new MockHttpServletRequest(),
                response,
                DatabaseId.of(user),
                FakeSession.result(version, SyncStatus.SYNCED, false));
        String header = String.valueOf(response.getHeader("Set-Cookie"));
        return new Cookie(SeenVersions.COOKIE, header.substring(header.indexOf('=') + 1, header.indexOf(';')));
    }
}
