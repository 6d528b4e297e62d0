package dev.satchel.testkit.cloudflare;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A running local R2 with one empty bucket, on a free port of the loopback interface. Starting takes about a second.
 *
 * <p>It is a child process that ends when {@link #close} is called, and also when this JVM dies in whatever way: it holds the
 * other end of the child's standard input. Thread-safe.
 *
 * <p>Known differences from R2: any number of writes a second to one key, at most 2 KB of metadata, no 429 and no latency.
 */
public final class LocalR2 implements AutoCloseable {
    private static final String BUCKET = "satchel-test";
    private static final NodeInstallation INSTALLATION = new NodeInstallation(
            "local-r2",
            Path.of("satchel-testkit", "local-r2"),
            "/dev/satchel/testkit/cloudflare",
            List.of("local-r2.mjs", "package.json", "package-lock.json"));
    private static final Pattern READY = Pattern.compile("\"event\":\"ready\",\"endpoint\":\"([^\"]+)\"");

    private final NodeProcess process;
    private final URI endpoint;
    private final String accessKeyId;
    private final String secretAccessKey;

    private LocalR2(NodeProcess process, URI endpoint, String accessKeyId, String secretAccessKey) {
        this.process = process;
        this.endpoint = endpoint;
        this.accessKeyId = accessKeyId;
        this.secretAccessKey = secretAccessKey;
    }

    /**
     * Starts one; the first time on a machine this fetches its parts with npm.
     *
     * @throws IllegalStateException if Node is missing or it does not start; the message has what it printed
     */
    public static LocalR2 start() {
        String accessKeyId = UUID.randomUUID().toString().replace("-", "");
        String secretAccessKey = UUID.randomUUID().toString().replace("-", "");
        NodeProcess process = NodeProcess.start(
                "the local R2",
                INSTALLATION.script(),
                List.of("--bucket", BUCKET),
                Map.of("R2_ACCESS_KEY_ID", accessKeyId, "R2_SECRET_ACCESS_KEY", secretAccessKey),
                READY);
        return new LocalR2(process, URI.create(process.ready()), accessKeyId, secretAccessKey);
    }

    /** Where its S3 API is, with a path and without the bucket. */
    public URI endpoint() {
        return endpoint;
    }

    /** Its only bucket. */
    public String bucket() {
        return BUCKET;
    }

    /** Made up for this instance. */
    public String accessKeyId() {
        return accessKeyId;
    }

    /** Made up for this instance. */
    public String secretAccessKey() {
        return secretAccessKey;
    }

    /** The whole bucket as a store's URI. */
    public String uri() {
        return uri("");
    }

    /**
     * A part of the bucket as a store's URI.
     *
     * @param prefix without a slash at either end, percent-encoded; empty for the whole bucket
     */
    public String uri(String prefix) {
        return "r2://" + BUCKET + (prefix.isEmpty() ? "" : "/" + prefix) + "?endpoint=" + endpoint;
    }

    /** The environment variables that go with {@link #uri()}: its credentials. */
    public Map<String, String> environment() {
        return Map.of("R2_ACCESS_KEY_ID", accessKeyId, "R2_SECRET_ACCESS_KEY", secretAccessKey);
    }

    /** Stops it and waits until it is gone, with its objects. */
    @Override
    public void close() {
        process.stop();
    }
}
