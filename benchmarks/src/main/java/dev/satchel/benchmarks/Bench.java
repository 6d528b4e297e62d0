package dev.satchel.benchmarks;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/** What a scenario works with: a folder of its own, and a report to fill. Confined to one thread. */
final class Bench implements AutoCloseable {
    private final Path folder;
    private final Report report = new Report();
    private int folders;

    Bench() throws IOException {
        folder = Files.createTempDirectory("satchel-bench");
    }

    Report report() {
        return report;
    }

    /** A new, empty folder. */
    Path newFolder() throws IOException {
        return Files.createDirectory(folder.resolve(Integer.toString(++folders)));
    }

    /** A node that never gives up, so that a busy machine makes figures worse and not wrong. */
    static Satchel start(ObjectStore store, Path localFolder) {
        return start(store, localFolder, SatchelConfig.defaults());
    }

    /** A node with other settings. */
    static Satchel start(ObjectStore store, Path localFolder, SatchelConfig config) {
        return Satchel.builder(store, localFolder)
                .config(config.withTimeouts(Duration.ofMinutes(1), Duration.ofMinutes(1)))
                .build();
    }

    /**
     * Puts a sample database of about so many bytes into a store: one version, with its image.
     *
     * @return the local folder of the node that did, for another one to go on with
     */
    Path createSample(ObjectStore store, DatabaseId id, long bytes) throws Exception {
        Path localFolder = newFolder();
        try (Satchel node = start(store, localFolder)) {
            try (Session session = node.open(id, Freshness.local(), Durability.DURABLE);
                    var connection = session.connection()) {
                SampleDatabase.fill(connection, bytes);
            }
        }
        return localFolder;
    }

    /** Whether a request sent a commit; images and snapshots go up in the background. */
    static boolean isCommit(RequestLog.Entry request) {
        return request.operation() == Operation.PUT && request.key().contains(".ltx/0000/");
    }

    @Override
    public void close() {
        delete(folder);
    }

    static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
