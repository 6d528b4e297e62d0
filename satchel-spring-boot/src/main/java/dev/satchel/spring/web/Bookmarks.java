package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.UserId;
import dev.satchel.Version;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;

/**
 * The version that a client has seen: in the header {@link SyncHeaders#VERSION}, which a page's program sends, and in a cookie, if
 * that is wanted. The header is meant for the current user; a cookie outlives a change of user, and so names the database by a short
 * hash. Thread-safe.
 */
final class Bookmarks {
    static final String COOKIE = "satchel-version";

    /** Twelve hexadecimal digits, a point, and at most eighteen digits. */
    private static final int LONGEST_COOKIE = 31;

    private static final LogNames HASHES = new LogNames(false);

    private final boolean cookie;

    Bookmarks(boolean cookie) {
        this.cookie = cookie;
    }

    /**
     * What the client has seen of a user's main database, the newer of header and cookie.
     *
     * @throws IllegalArgumentException if the header is no version; a cookie that is none, or another user's, is ignored
     */
    @Nullable
    Version read(HttpServletRequest request, UserId user) {
        String header = request.getHeader(SyncHeaders.VERSION);
        return Stream.concat(
                        Stream.ofNullable(header).map(Version::parse), cookieOf(request, DatabaseId.of(user)).stream())
                .max(Version::compareTo)
                .orElse(null);
    }

    /** Sets the cookie for what an answer shows, if the client has not got it already. */
    void write(HttpServletRequest request, HttpServletResponse response, DatabaseId database, SessionResult result) {
        if (!cookie || result.version().isNone()) {
            return;
        }
        Optional<Version> brought = cookieOf(request, database);
        boolean isNews = brought.map(result.version()::isAfter).orElse(true);
        // There is no such version, as after a deletion: then the cookie is put right. What is pending does not tell.
        boolean isTooNew = brought.map(seen -> seen.isAfter(result.version())).orElse(false)
                && result.status() != SyncStatus.PENDING;
        if (isNews || isTooNew) {
            response.addHeader(
                    HttpHeaders.SET_COOKIE,
                    ResponseCookie.from(COOKIE, HASHES.of(database) + "." + result.version())
                            .path(request.getContextPath() + "/")
                            .httpOnly(true)
                            .secure(request.isSecure())
                            .sameSite("Lax")
                            .build()
                            .toString());
        }
    }

    private Optional<Version> cookieOf(HttpServletRequest request, DatabaseId database) {
        Cookie[] cookies = request.getCookies();
        if (!cookie || cookies == null) {
            return Optional.empty();
        }
        String prefix = HASHES.of(database) + ".";
        return Stream.of(cookies)
                .filter(each -> each.getName().equals(COOKIE) && each.getValue().length() <= LONGEST_COOKIE)
                .map(Cookie::getValue)
                .filter(value -> value.startsWith(prefix))
                .flatMap(value -> parsed(value.substring(prefix.length())).stream())
                .max(Version::compareTo);
    }

    private static Optional<Version> parsed(String text) {
        try {
            return Optional.of(Version.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
