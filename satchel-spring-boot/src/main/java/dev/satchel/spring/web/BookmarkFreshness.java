package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.UserId;
import dev.satchel.Version;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Never shows a page an older version than it has seen: a request whose {@link SyncHeaders#VERSION} header names a newer one than
 * this node knows makes it ask the store, whatever the application's freshness is. Otherwise the application's applies. Used
 * unless there is another {@link FreshnessResolver}. Thread-safe; asks neither store nor database itself.
 */
public final class BookmarkFreshness implements FreshnessResolver {
    private final Function<DatabaseId, Optional<Version>> known;

    /** For the databases of a node. */
    public BookmarkFreshness(Satchel satchel) {
        Objects.requireNonNull(satchel, "satchel");
        this.known = database -> satchel.status(database).map(DatabaseStatus::version);
    }

    @Override
    public Optional<Freshness> resolve(HttpServletRequest request) {
        String header = request.getHeader(SyncHeaders.VERSION);
        if (header == null || !(request.getAttribute(UserContextFilter.USER_ATTRIBUTE) instanceof UserId user)) {
            return Optional.empty();
        }
        Version bookmark = Version.parse(header);
        boolean newer = known.apply(DatabaseId.of(user)).map(bookmark::isAfter).orElse(true);
        return newer ? Optional.of(Freshness.atLeast(bookmark)) : Optional.empty();
    }
}
