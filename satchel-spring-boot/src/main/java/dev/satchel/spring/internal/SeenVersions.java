package dev.satchel.spring.internal;

import dev.satchel.DatabaseId;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.spring.web.LogNames;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;

/**
 * The version that a client has seen: in the header {@code X-Satchel-Version}, which a page's program sends, and in a cookie, if
 * that is wanted. The header is meant for the current user; a cookie outlives a change of user, and so names the database by a short
 * hash. Thread-safe.
 */
public final class SeenVersions {
    /** The name of the cookie. */
    public static final String COOKIE = "satchel-version";

    /** Twelve hexadecimal digits, a point, and at most eighteen digits. */
    private static final int LONGEST_COOKIE = 31;

    private static final LogNames HASHES = new LogNames(false);

    private final boolean cookie;

    /** With or without the cookie. */
    public SeenVersions(boolean cookie) {
        this.cookie = cookie;
    }

    /**
     * What the client has seen of a user's main database, the newer of header and cookie.
     *
     * @param header null if there is none
     * @param cookies values of the cookies of that name; not asked for without the cookie
     * @throws IllegalArgumentException if the header is no version; a cookie that is none, or another user's, is ignored
     */
    public @Nullable Version read(@Nullable String header, Supplier<Stream<String>> cookies, UserId user) {
        return Stream.concat(Stream.ofNullable(header).map(Version::parse), seen(cookies, DatabaseId.of(user)).stream())
                .max(Version::compareTo)
                .orElse(null);
    }

    /**
     * The cookie for what an answer shows; empty if the client has got it already.
     *
     * @param path the context path of the application
     */
    public Optional<ResponseCookie> cookieFor(
            DatabaseId database, SessionResult result, Supplier<Stream<String>> cookies, String path, boolean secure) {
        if (!cookie || result.version().isNone()) {
            return Optional.empty();
        }
        Optional<Version> brought = seen(cookies, database);
        boolean isNews = brought.map(result.version()::isAfter).orElse(true);
        // There is no such version, as after a deletion: then the cookie is put right. What is pending does not tell.
        boolean isTooNew = brought.map(seen -> seen.isAfter(result.version())).orElse(false)
                && result.status() != SyncStatus.PENDING;
        if (!isNews && !isTooNew) {
            return Optional.empty();
        }
        return Optional.of(ResponseCookie.from(COOKIE, HASHES.of(database) + "." + result.version())
                .path(path + "/")
                .httpOnly(true)
                .secure(secure)
                .sameSite("Lax")
                .build());
    }

    private Optional<Version> seen(Supplier<Stream<String>> cookies, DatabaseId database) {
        if (!cookie) {
            return Optional.empty();
        }
        String prefix = HASHES.of(database) + ".";
        return cookies.get()
                .filter(value -> value.length() <= LONGEST_COOKIE && value.startsWith(prefix))
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
