package dev.satchel.testkit.cloudflare;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The archive's Worker with its Durable Objects in Cloudflare's own runtime, on a free port of the loopback interface. Starting
 * takes half a second. Needs Node, and the module satchel-cloudflare on the class path, whose Worker it runs.
 *
 * <p>Child processes that end when {@link #close} is called, and also when this JVM dies in whatever way. Thread-safe, but for
 * {@link #kill} and {@link #restart}.
 *
 * <p>What it has confirmed is on the disk, as in the service. Known differences: none of its limits on rates, CPU time and total
 * size.
 */
public final class LocalDurableObjects implements AutoCloseable {
    private static final NodeInstallation INSTALLATION = new NodeInstallation(
            "local-archive",
            Path.of("satchel-cloudflare", "worker"),
            "/dev/satchel/cloudflare/worker",
            List.of(
                    "local.mjs",
                    "local.capnp",
                    "package.json",
                    "package-lock.json",
                    "src/auth.js",
                    "src/batch.js",
                    "src/object.js",
                    "src/protocol.js",
                    "src/worker.js"));
    private static final Pattern READY = Pattern.compile("\"event\":\"ready\",\"url\":\"([^\"]+)\"");

    private final Path folder;
    private final String key;
    private final Map<String, String> variables;
    private NodeProcess process;

    private LocalDurableObjects(Path folder, String key, Map<String, String> variables) {
        this.folder = folder;
        this.key = key;
        this.variables = Map.copyOf(variables);
        this.process = process(0);
    }

    /**
     * Starts one; the first time on a machine this fetches its parts with npm.
     *
     * @param folder where the objects are kept; one process at a time
     * @throws IllegalStateException if Node is missing or it does not start; the message has what it printed
     */
    public static LocalDurableObjects start(Path folder) {
        return start(folder, Map.of());
    }

    /**
     * Starts one whose Worker has more variables than the key.
     *
     * @param variables {@code ARCHIVE_KEY_PREVIOUS}, {@code MAX_OBJECT_BYTES}
     */
    public static LocalDurableObjects start(Path folder, Map<String, String> variables) {
        String key = (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
        return new LocalDurableObjects(folder, key, variables);
    }

    /** Where the Worker answers; the same after {@link #restart}. */
    public URI url() {
        return URI.create(process.ready());
    }

    /** The secret {@code ARCHIVE_KEY}, made up for this instance. */
    public String key() {
        return key;
    }

    /** Ends the runtime as {@code kill -9} does, whatever it is doing. */
    public void kill() {
        process.killChildren();
    }

    /** After {@link #kill}: starts it again on the same folder and port. */
    public void restart() {
        process = process(url().getPort());
    }

    private NodeProcess process(int port) {
        Map<String, String> environment = new HashMap<>(variables);
        environment.put("ARCHIVE_KEY", key);
        return NodeProcess.start(
                "the local archive",
                INSTALLATION.script(),
                List.of("--port", Integer.toString(port), "--data", folder.toString()),
                environment,
                READY);
    }

    /** Stops it and waits until it is gone; the folder stays. */
    @Override
    public void close() {
        process.stop();
    }
}
