package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Digest;
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
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Commits that were acknowledged as pending, on the local disk until the store has them. At most two count: the first to be
 * sent, and one that continues it with everything since. The only local files that matter.
 *
 * <p>A file's name is the commit's version, the order of writing, and the order of the file it continues (0 if it is a first
 * one), 16 hex digits each. Its content is the commit's metadata as pairs of UTF strings behind their count, the LTX file behind
 * its length, and the SHA-256 of all that.
 *
 * <p>A new pair is written from behind, so that whatever is killed in between leaves the old pair or the new one; from the front
 * if there is no old one, so that it leaves the beginning. Confined to the owner's spool lock.
 */
final class Spool {
    private static final String SUFFIX = ".commit";
    private static final String UNFINISHED = SUFFIX + ".new";
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{16}-[0-9a-f]{16}-[0-9a-f]{16}[.]commit");
    private static final int DIGEST_LENGTH = 32;
    private static final HexFormat HEX = HexFormat.of();

    private final DatabaseId id;
    private final Path folder;
    private final List<Entry> entries = new ArrayList<>();
    private long lastOrder;
    /** Whether the folder's own name has been forced to the disk. */
    private boolean folderIsDurable;

    /** A file; the commit's id is known if this process wrote it. */
    private record Entry(
            long version,
            long order,
            long continues,
            Path file,
            @Nullable String commitId) {
        boolean isFirst() {
            return continues == 0;
        }
    }

    Spool(DatabaseId id, Path folder) {
        this.id = id;
        this.folder = folder;
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            for (Path file : found) {
                if (file.toString().endsWith(UNFINISHED)) {
                    Files.delete(file); // Nobody was promised what it holds.
                } else if (file.toString().endsWith(SUFFIX)) {
                    entries.add(entry(file));
                }
            }
        } catch (NoSuchFileException e) {
            // Nothing was spooled.
        } catch (IOException e) {
            throw failure("reading", e);
        }
        lastOrder = entries.stream().mapToLong(Entry::order).max().orElse(0);
    }

    private Entry entry(Path file) {
        String name = file.getFileName().toString();
        if (!NAME.matcher(name).matches()) {
            throw new CorruptException(
                    CorruptException.Kind.PENDING_COMMIT,
                    "database " + id + ": " + file + " is not named like a pending commit; move it away",
                    null);
        }
        return new Entry(
                HexFormat.fromHexDigitsToLong(name, 0, 16),
                HexFormat.fromHexDigitsToLong(name, 17, 33),
                HexFormat.fromHexDigitsToLong(name, 34, 50),
                file,
                null);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whether this very commit is here as the first. */
    boolean beginsWith(Commit commit) {
        Entry first = first();
        return first != null && commit.id().equals(first.commitId());
    }

    /** Keeps these instead of everything that is here; they contain it. */
    void replace(Commit first, @Nullable Commit rest) {
        List<Entry> replaced = List.copyOf(entries);
        long firstOrder = ++lastOrder;
        long restOrder = ++lastOrder;
        if (rest != null && replaced.isEmpty()) {
            // Alone the first one is a commit that was on its way; the other would pass for one whose first has landed.
            write(first, firstOrder, 0);
            write(rest, restOrder, firstOrder);
            return;
        }
        if (rest != null) {
            write(rest, restOrder, firstOrder);
        }
        write(first, firstOrder, 0);
        remove(replaced);
    }

    /** Keeps a commit that continues the first, instead of another that does. */
    void replaceRest(Commit rest) {
        Entry first = first();
        if (first == null) {
            throw new IllegalStateException("there is nothing to continue in " + folder);
        }
        List<Entry> replaced =
                entries.stream().filter(entry -> !entry.equals(first)).toList();
        write(rest, ++lastOrder, first.order());
        remove(replaced);
    }

    /**
     * The newest of the first ones. If there is none, the store has it, and what continued it is the first now; a newer one
     * without its first was being written with it.
     */
    private @Nullable Entry first() {
        Comparator<Entry> byOrder = Comparator.comparingLong(Entry::order);
        return entries.stream()
                .filter(Entry::isFirst)
                .max(byOrder)
                .or(() -> entries.stream().min(byOrder))
                .orElse(null);
    }

    /** Writes a commit and fsyncs it. */
    private void write(Commit commit, long order, long continues) {
        Path file = folder.resolve(HEX.toHexDigits(commit.version()) + "-" + HEX.toHexDigits(order) + "-"
                + HEX.toHexDigits(continues) + SUFFIX);
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
            sync(folder);
            if (!folderIsDurable) {
                // Its own name is in the user's folder, and that one's in the node's; last, since it then costs next to
                // nothing.
                Path user = Objects.requireNonNull(folder.getParent(), "user's folder");
                sync(user);
                sync(Objects.requireNonNull(user.getParent(), "node's folder"));
                folderIsDurable = true;
            }
            entries.add(new Entry(commit.version(), order, continues, file, commit.id()));
        } catch (IOException e) {
            throw failure("writing", e);
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Removes the commits up to a version: the store has them, or a conflict object. */
    void removeUpTo(long version) {
        remove(entries.stream().filter(entry -> entry.version() <= version).toList());
    }

    /** Removes everything. */
    void removeAll() {
        remove(List.copyOf(entries));
    }

    private void remove(List<Entry> some) {
        if (some.isEmpty()) {
            return;
        }
        try {
            // The first ones last: without its first, one that was replaced would count again.
            List<Entry> firstLast = new ArrayList<>(some);
            firstLast.sort(Comparator.comparing(Entry::isFirst));
            for (Entry entry : firstLast) {
                Files.deleteIfExists(entry.file());
                entries.remove(entry);
            }
            if (entries.isEmpty()) {
                folderIsDurable = false;
                Files.deleteIfExists(folder);
            }
        } catch (DirectoryNotEmptyException e) {
            // Somebody put a file of his own there.
        } catch (IOException e) {
            throw failure("clearing", e);
        }
    }

    /** The commits that count, oldest first. */
    List<Commit> read() {
        Entry first = first();
        if (first == null) {
            return List.of();
        }
        List<Commit> commits = new ArrayList<>();
        commits.add(read(first));
        entries.stream()
                .filter(entry -> entry.continues() == first.order())
                .max(Comparator.comparingLong(Entry::order))
                .ifPresent(rest -> commits.add(read(rest)));
        return commits;
    }

    private Commit read(Entry entry) {
        try {
            Commit commit = decode(id, entry.file(), Files.readAllBytes(entry.file()));
            if (commit.version() != entry.version()) {
                throw damaged(id, entry.file(), "it holds version " + commit.version(), null);
            }
            return commit;
        } catch (IOException e) {
            throw failure("reading", e);
        }
    }

    static byte[] encode(Commit commit) throws IOException {
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

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws CorruptException if it is anything else, or of another database; the message names the file
     */
    static Commit decode(DatabaseId id, Path file, byte[] bytes) {
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
            int size = in.readInt();
            if (size != in.available()) {
                throw new IOException("it has " + in.available() + " bytes of a commit of " + size);
            }
            byte[] body = in.readNBytes(size);
            return DatabaseLog.commit(
                    id, new ObjectInfo(file.getFileName().toString(), body.length, "", Instant.EPOCH, metadata), body);
        } catch (IOException | CorruptException e) {
            throw damaged(id, file, String.valueOf(e.getMessage()), e);
        }
    }

    private static CorruptException damaged(DatabaseId id, Path file, String why, @Nullable Throwable cause) {
        return new CorruptException(
                CorruptException.Kind.PENDING_COMMIT,
                "database " + id + ": pending commit " + file + " is damaged: " + why
                        + "; move it away to go on without the changes it holds",
                cause);
    }

    private LocalStorageException failure(String doing, IOException cause) {
        return new LocalStorageException(
                "database " + id + ": " + doing + " pending commits in " + folder + " failed: " + cause.getMessage()
                        + "; check the disk's space and permissions",
                cause);
    }
}
