package dev.satchel.cloudflare;

import dev.satchel.store.RetryPolicy;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * Where the Worker is, and how long to wait for it.
 *
 * @param url the Worker's address, {@code https://satchel-archive.example.workers.dev}; plain http only on this machine
 * @param key the secret that the Worker has as {@code ARCHIVE_KEY} or {@code ARCHIVE_KEY_PREVIOUS}, at least 32 characters
 * @param connectTimeout for a connection
 * @param requestTimeout for one attempt of a request with its answer
 * @param retry how often and how long an operation is attempted
 */
public record DurableObjectsConfig(
        URI url, String key, Duration connectTimeout, Duration requestTimeout, RetryPolicy retry) {
    private static final int MIN_KEY_LENGTH = 32;
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    private static final RetryPolicy RETRY =
            new RetryPolicy(5, Duration.ofSeconds(30), Duration.ofMillis(200), Duration.ofSeconds(5));

    /** Checks each value; {@link IllegalArgumentException} says which is wrong. */
    public DurableObjectsConfig {
        url = checked(url);
        if (key.length() < MIN_KEY_LENGTH || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("the key of the archive must have at least " + MIN_KEY_LENGTH
                    + " characters, ASCII and without spaces: openssl rand -hex 32 makes one");
        }
        positive("connectTimeout", connectTimeout);
        positive("requestTimeout", requestTimeout);
        Objects.requireNonNull(retry, "retry");
    }

    /** With 5 seconds for a connection, 30 for an attempt, and five attempts that begin within 30 seconds. */
    public static DurableObjectsConfig of(URI url, String key) {
        return new DurableObjectsConfig(url, key, CONNECT_TIMEOUT, REQUEST_TIMEOUT, RETRY);
    }

    /** With another time-out for an attempt. */
    public DurableObjectsConfig withRequestTimeout(Duration timeout) {
        return new DurableObjectsConfig(url, key, connectTimeout, timeout, retry);
    }

    /** With other attempts. */
    public DurableObjectsConfig withRetry(RetryPolicy policy) {
        return new DurableObjectsConfig(url, key, connectTimeout, requestTimeout, policy);
    }

    private static URI checked(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        String host = url.getHost();
        boolean secure =
                scheme.equals("https") || (scheme.equals("http") && host != null && THIS_MACHINE.contains(host));
        boolean bare = url.getUserInfo() == null && url.getQuery() == null && url.getFragment() == null;
        String path = url.getRawPath();
        if (!secure || host == null || !bare || !(path.isEmpty() || path.equals("/"))) {
            throw new IllegalArgumentException("the URL of the archive must have the form https://HOST (http only on"
                    + " localhost), without path, query or user: " + (bare ? url : scheme + "://" + host + "…"));
        }
        return URI.create(scheme + "://" + url.getRawAuthority());
    }

    private static void positive(String name, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(name + " must be greater than 0: " + duration);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "DurableObjectsConfig[url=" + url + ", connectTimeout=" + connectTimeout + ", requestTimeout="
                + requestTimeout + ", retry=" + retry + "]";
    }
}
