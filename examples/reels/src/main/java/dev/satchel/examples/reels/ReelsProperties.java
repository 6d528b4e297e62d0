package dev.satchel.examples.reels;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the application itself; those of Satchel begin with {@code satchel}.
 *
 * @param demo Whether the header X-User-ID may say who asks, without signing in.
 * @param sessionSecret Secret that session cookies are signed with, at least 16 characters. When not set, a random one is made at each start, and a start signs everybody out.
 * @param sessionLifetime Time after which a session cookie is no longer accepted.
 * @param archiveAfter How long ago a project must have been completed to be archived.
 */
@ConfigurationProperties("reels")
public record ReelsProperties(
        @DefaultValue("false") boolean demo,
        @Nullable String sessionSecret,
        @DefaultValue("30d") Duration sessionLifetime,
        @DefaultValue("30d") Duration archiveAfter) {

    private static final int MIN_SECRET_LENGTH = 16;

    /** Refuses what would not be safe. */
    public ReelsProperties {
        if (sessionSecret != null && sessionSecret.length() < MIN_SECRET_LENGTH) {
            throw new IllegalArgumentException("reels.session-secret must have at least " + MIN_SECRET_LENGTH
                    + " characters, it has " + sessionSecret.length());
        }
        if (sessionLifetime.isNegative() || sessionLifetime.isZero()) {
            throw new IllegalArgumentException(
                    "reels.session-lifetime must be longer than nothing: " + sessionLifetime);
        }
        if (archiveAfter.isNegative()) {
            throw new IllegalArgumentException("reels.archive-after must not be negative: " + archiveAfter);
        }
    }
}
