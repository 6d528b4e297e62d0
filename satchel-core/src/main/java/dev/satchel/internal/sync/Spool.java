package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.Digest;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.ltx.LtxCorruptException;
import dev.satchel.internal.ltx.LtxDecoder;
import dev.satchel.store.ObjectInfo;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Commits that were acknowledged as pending, on the local disk until the store has them. At most two at a time: the one being
 * sent, and one on top with everything since. The only local files that matter.
 *
 * <p>A file is the commit's metadata as pairs of UTF strings behind their count, the LTX file behind its length, and the
 * SHA-256 of all that. Confined to the owner's spool lock.
 */
final class Spool {
    private static final String SUFFIX = ".commit";
    private static final int DIGEST_LENGTH = 32;

    private final DatabaseId id;
    private final Path folder;
    private final SortedMap<Long, Path> files = new TreeMap<>();
    private long nextOrder;

    Spool(DatabaseId id, Path folder) {
        this.id = id;
        this.folder = folder;
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            List<Path> sorted = new ArrayList<>();
            found.forEach(sorted::add);
            sorted.sort((a, b) -> a.getFileName().compareTo(b.getFileName()));
            for (Path file : sorted) {
                // Name: version, order of writing. Of two with one version the later contains the earlier.
                String name = file.getFileName().toString();
                files.put(HexFormat.fromHexDigitsToLong(name, 0, 16), file);
                nextOrder = HexFormat.fromHexDigitsToLong(name, 17, 33) + 1;
            }
        } catch (NoSuchFileException e) {
            // Nothing was spooled.
        } catch (IOException e) {
            throw failure("reading", e);
        }
    }

    boolean isEmpty() {
        return files.isEmpty();
    }

    boolean contains(long version) {
        return files.containsKey(version);
    }

    /** Writes a commit and fsyncs it; it replaces an earlier one of the same version, which it contains. */
    void write(Commit commit) {
        long version = commit.version();
        Path file = folder.resolve(
                HexFormat.of().toHexDigits(version) + "-" + HexFormat.of().toHexDigits(nextOrder++) + SUFFIX);
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.createDirectories(folder);
            byte[] bytes = encode(commit);
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            syncFolder();
            Path replaced = files.put(version, file);
            if (replaced != null) {
                Files.deleteIfExists(replaced);
            }
        } catch (IOException e) {
            throw failure("writing", e);
        }
    }

    private void syncFolder() throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Removes the commits up to a version: the store has them, or a conflict object. */
    void removeUpTo(long version) {
        if (files.isEmpty()) {
            return;
        }
        try {
            for (Path file : files.headMap(version + 1).values()) {
                Files.deleteIfExists(file);
            }
            files.headMap(version + 1).clear();
            if (files.isEmpty()) {
                Files.deleteIfExists(folder);
            }
        } catch (DirectoryNotEmptyException e) {
            // A file that was being written when the process ended; the next write replaces or keeps it company.
        } catch (IOException e) {
            throw failure("clearing", e);
        }
    }

    /** All commits, oldest first. */
    List<Commit> read() {
        List<Commit> commits = new ArrayList<>();
        for (Map.Entry<Long, Path> file : files.entrySet()) {
            try {
                commits.add(decode(file.getValue(), Files.readAllBytes(file.getValue())));
            } catch (IOException e) {
                throw failure("reading", e);
            }
        }
        return commits;
    }

    private static byte[] encode(Commit commit) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(commit.bytes().length + 1024);
        DataOutputStream out = new DataOutputStream(bytes);
        Map<String, String> metadata = commit.provenance().toMetadata();
        out.writeInt(metadata.size());
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeUTF(entry.getValue());
        }
        out.writeInt(commit.bytes().length);
        out.write(commit.bytes());
        out.write(Digest.sha256().digest(bytes.toByteArray()));
        return bytes.toByteArray();
    }

    private Commit decode(Path file, byte[] bytes) {
        try {
            int length = bytes.length - DIGEST_LENGTH;
            if (length < 8) {
                throw new IOException("it is too short");
            }
            java.security.MessageDigest digest = Digest.sha256();
            digest.update(bytes, 0, length);
            if (!java.util.Arrays.equals(digest.digest(), 0, DIGEST_LENGTH, bytes, length, bytes.length)) {
                throw new IOException("its digest does not match");
            }
            DataInputStream in = new DataInputStream(new java.io.ByteArrayInputStream(bytes, 0, length));
            Map<String, String> metadata = new LinkedHashMap<>();
            for (int i = in.readInt(); i > 0; i--) {
                metadata.put(in.readUTF(), in.readUTF());
            }
            byte[] body = in.readNBytes(in.readInt());
            ObjectInfo info = new ObjectInfo(file.getFileName().toString(), body.length, "", Instant.EPOCH, metadata);
            return new Commit(Provenance.of(id, info), LtxDecoder.decode(body), body);
        } catch (IOException | LtxCorruptException e) {
            throw new CorruptException(
                    "database " + id + ": pending commit " + file + " is damaged: " + e.getMessage()
                            + "; move it away to go on without the changes it holds",
                    e);
        }
    }

    private LocalStorageException failure(String doing, IOException cause) {
        return new LocalStorageException(
                "database " + id + ": " + doing + " pending commits in " + folder + " failed: " + cause.getMessage()
                        + "; check the disk's space and permissions",
                cause);
    }
}
