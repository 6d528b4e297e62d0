package dev.satchel.examples.reels.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTokensTest {
    private static final Instant START = Instant.parse("2026-06-01T10:00:00Z");
    private static final Duration LIFETIME = Duration.ofHours(1);

    private final SessionTokens tokens = tokens("0123456789abcdef", START);

    @ParameterizedTest
    @ValueSource(strings = {"alice", "Alice", "zoë@example.org", "a.b.c", "使用者"})
    void tokenNamesItsUser(String user) {
        assertThat(tokens.verify(tokens.issue(UserId.of(user)))).contains(UserId.of(user));
    }

    @Test
    void tokenIsRefusedFromItsEndOn() {
        String token = tokens.issue(UserId.of("alice"));

        assertThat(tokens("0123456789abcdef", START.plus(LIFETIME).minusSeconds(1))
                        .verify(token))
                .isPresent();
        assertThat(tokens("0123456789abcdef", START.plus(LIFETIME)).verify(token))
                .isEmpty();
    }

    @Test
    void tokenOfAnotherSecretIsRefused() {
        assertThat(tokens("another secret!!", START).verify(tokens.issue(UserId.of("alice"))))
                .isEmpty();
    }

    @Test
    void everyChangedCharacterIsNoticed() {
        String token = tokens.issue(UserId.of("alice"));

        for (int i = 0; i < token.length(); i++) {
            char other = token.charAt(i) == 'x' ? 'y' : 'x';
            String changed = token.substring(0, i) + other + token.substring(i + 1);
            assertThat(tokens.verify(changed)).as(changed).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "...", "alice", "alice.1.", "YWxpY2U.9999999999.", "a.b.c.d"})
    void whatIsNoTokenIsRefused(String text) {
        assertThat(tokens.verify(text)).isEmpty();
    }

    private static SessionTokens tokens(String secret, Instant now) {
        return new SessionTokens(secret.getBytes(StandardCharsets.UTF_8), LIFETIME, InstantSource.fixed(now));
    }
}
