package dev.satchel.testkit.cloudflare;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
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
    private static final long START_SECONDS = 60;
    private static final long STOP_SECONDS = 10;
    private static final Pattern READY = Pattern.compile("\"event\":\"ready\",\"endpoint\":\"([^\"]+)\"");

    private final Process process;
    private final URI endpoint;
    private final String accessKeyId;
    private final String secretAccessKey;

    private LocalR2(Process process, URI endpoint, String accessKeyId, String secretAccessKey) {
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
        Path script = LocalR2Installation.script();
        String accessKeyId = UUID.randomUUID().toString().replace("-", "");
        String secretAccessKey = UUID.randomUUID().toString().replace("-", "");
        try {
            File errors = File.createTempFile("satchel-local-r2-", ".log");
            errors.deleteOnExit();
            ProcessBuilder builder = new ProcessBuilder(
                            LocalR2Installation.NODE, script.toString(), "--bucket", BUCKET, "--stop-with-stdin")
                    .redirectError(errors);
            builder.environment().put("R2_ACCESS_KEY_ID", accessKeyId);
            builder.environment().put("R2_SECRET_ACCESS_KEY", secretAccessKey);
            Process process = builder.start();
            try {
                URI endpoint = awaitReady(process, errors.toPath());
                return new LocalR2(process, endpoint, accessKeyId, secretAccessKey);
            } catch (RuntimeException e) {
                stop(process);
                throw e;
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "the local R2 cannot be started; it needs " + LocalR2Installation.NODE + " on the PATH", e);
        }
    }

    private static URI awaitReady(Process process, Path errors) {
        CompletableFuture<URI> ready = CompletableFuture.supplyAsync(() -> readEndpoint(process));
        try {
            return ready.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the local R2 did not start: " + tail(errors), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the local R2 started", e);
        }
    }

    @SuppressWarnings("resource") // closed with the process
    private static URI readEndpoint(Process process) {
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        try {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                Matcher matcher = READY.matcher(line);
                if (matcher.find()) {
                    return URI.create(matcher.group(1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException("it ended by itself");
    }

    private static String tail(Path errors) {
        try {
            String text = Files.readString(errors);
            return text.substring(Math.max(0, text.length() - 2000));
        } catch (IOException e) {
            return "(and what it printed cannot be read)";
        }
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
        stop(process);
    }

    /** By closing its input first: killed, the Node process would leave its own child behind, holding the port. */
    private static void stop(Process process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already.
        }
        try {
            if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.addAll(process.descendants().toList());
        all.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
