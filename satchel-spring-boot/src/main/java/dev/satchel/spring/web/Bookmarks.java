package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.SessionResult;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.spring.internal.SeenVersions;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** {@link SeenVersions} of servlet requests. Thread-safe. */
final class Bookmarks {
    private final SeenVersions seen;

    Bookmarks(boolean cookie) {
        this.seen = new SeenVersions(cookie);
    }

    /**
     * What the client has seen of a user's main database, the newer of header and cookie.
     *
     * @throws IllegalArgumentException if the header is no version; a cookie that is none, or another user's, is ignored
     */
    @Nullable
    Version read(HttpServletRequest request, UserId user) {
        return seen.read(request.getHeader(SyncHeaders.VERSION), () -> cookiesOf(request), user);
    }

    /** Sets the cookie for what an answer shows, if the client has not got it already. */
    void write(HttpServletRequest request, HttpServletResponse response, DatabaseId database, SessionResult result) {
        seen.cookieFor(database, result, () -> cookiesOf(request), request.getContextPath(), request.isSecure())
                .ifPresent(cookie -> response.addHeader(HttpHeaders.SET_COOKIE, cookie.toString()));
    }

    private static Stream<String> cookiesOf(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        return cookies == null
                ? Stream.empty()
                : Stream.of(cookies)
                        .filter(each -> each.getName().equals(SeenVersions.COOKIE))
                        .map(Cookie::getValue);
    }
}
