package dev.satchel.examples.reels.account;

import dev.satchel.UserId;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and checks the values of session cookies: {@code <user>.<end>.<signature>}, the user and the HMAC-SHA256 signature
 * in base64url, the end in seconds since 1970. Thread-safe.
 */
final class SessionTokens {
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;
    private final Duration lifetime;
    private final InstantSource clock;

    SessionTokens(byte[] secret, Duration lifetime, InstantSource clock) {
        this.key = new SecretKeySpec(secret, ALGORITHM);
        this.lifetime = lifetime;
        this.clock = clock;
    }

    /** How long a token made now will be accepted. */
    Duration lifetime() {
        return lifetime;
    }

    /** A token for a user. */
    String issue(UserId user) {
        String claim = base64(user.value().getBytes(StandardCharsets.UTF_8)) + "."
                + clock.instant().plus(lifetime).getEpochSecond();
        return claim + "." + base64(sign(claim));
    }

    /** The user of a token; empty if it is not one of ours, was changed, or has ended. */
    Optional<UserId> verify(String token) {
        int end = token.lastIndexOf('.');
        int middle = token.lastIndexOf('.', end - 1);
        if (middle < 0) {
            return Optional.empty();
        }
        String claim = token.substring(0, end);
        if (!MessageDigest.isEqual(
                base64(sign(claim)).getBytes(StandardCharsets.UTF_8),
                token.substring(end + 1).getBytes(StandardCharsets.UTF_8))) {
            return Optional.empty();
        }
        // From here on it is our own text, so it parses.
        Instant until = Instant.ofEpochSecond(Long.parseLong(claim.substring(middle + 1)));
        if (!clock.instant().isBefore(until)) {
            return Optional.empty();
        }
        byte[] user = Base64.getUrlDecoder().decode(claim.substring(0, middle));
        return Optional.of(UserId.of(new String(user, StandardCharsets.UTF_8)));
    }

    private byte[] sign(String claim) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(claim.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException(ALGORITHM + " is not to be had", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
