package dev.satchel.cloudflare;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests as {@code worker/src/auth.js} checks them: HMAC-SHA256 over method, path, time and the body's SHA-256.
 * Thread-safe.
 */
final class RequestSigner {
    private static final String SCHEME = "Satchel-HMAC-SHA256";
    private static final String ALGORITHM = "HmacSHA256";
    private static final HexFormat HEX = HexFormat.of();
    /** How far the clock may be set back without times going back; the Worker takes no request that is minutes ahead. */
    private static final long MOST_AHEAD_MILLIS = 60_000;

    private final SecretKeySpec key;
    private final InstantSource clock;
    private final AtomicLong last = new AtomicLong();

    RequestSigner(String key, InstantSource clock) {
        this.key = new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM);
        this.clock = clock;
    }

    /**
     * The value of the header {@code Authorization}. No two have the same time, and later ones have a later one: by that the
     * Worker tells which of two changes came last. Only a clock that is set back by more than a minute is followed at once.
     */
    String authorization(String method, String pathAndQuery, byte[] body) {
        long time = last.updateAndGet(before -> {
            long now = clock.millis();
            return before - now > MOST_AHEAD_MILLIS ? now : Math.max(before + 1, now);
        });
        String content = HEX.formatHex(sha256(body));
        String text = String.join("\n", SCHEME, method, pathAndQuery, Long.toString(time), content);
        return SCHEME + " time=" + time + ", content=" + content + ", signature=" + HEX.formatHex(hmac(text));
    }

    private byte[] hmac(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no " + ALGORITHM, e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no SHA-256", e);
        }
    }
}
