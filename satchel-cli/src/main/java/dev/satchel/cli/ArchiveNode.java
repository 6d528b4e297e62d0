package dev.satchel.cli;

import dev.satchel.Satchel;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveRule;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A node for as long as a command needs an archive, with local files of its own, which are removed. */
final class ArchiveNode implements AutoCloseable {
    private final Path folder;
    private final Satchel node;
    private final Archive archive;

    private ArchiveNode(Path folder, Satchel node, Archive archive) {
        this.folder = folder;
        this.node = node;
        this.archive = archive;
    }

    /**
     * Begins.
     *
     * @param tier null for the bucket; the caller closes it
     */
    static ArchiveNode start(
            ObjectStore store, @Nullable ArchiveTier tier, List<ArchiveRule> rules, InstantSource clock)
            throws IOException {
        Path folder = Files.createTempDirectory("satchel-archive");
        try {
            Satchel node = Satchel.builder(store, folder).build();
            Archive.Builder builder = Archive.builder(node).clock(clock);
            if (tier != null) {
                builder.tier(tier);
            }
            rules.forEach(builder::rule);
            return new ArchiveNode(folder, node, builder.build());
        } catch (RuntimeException e) {
            remove(folder);
            throw e;
        }
    }

    Satchel node() {
        return node;
    }

    Archive archive() {
        return archive;
    }

    @Override
    public void close() throws IOException {
        try {
            node.close();
        } finally {
            remove(folder);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
