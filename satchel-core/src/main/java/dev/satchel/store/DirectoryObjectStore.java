package dev.satchel.store;

import static dev.satchel.store.DurableFiles.parent;

import dev.satchel.store.Sidecar.Entry;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An object store in a plain folder: the embedded default. Any number of threads, of instances and of processes on one machine
 * use one folder at once, and each may be killed at any instruction.
 *
 * <p>An object's bytes are the file {@code <root>/<key>}, so that any program can read them in place: {@code sqlite3
 * bucket/alice/database.sqlite} works. Files put there by hand are objects without metadata. What SQLite leaves beside a
 * database ({@code -wal}, {@code -shm}, {@code -journal}) is not an object; keys that end so are refused, and so are those below
 * {@code .satchel} and those with a name longer than 255 bytes. Symbolic links are followed. On a file system that folds upper
 * and lower case, keys that differ only in that are one object: do not use such keys.
 *
 * <p>Metadata is in {@code <root>/.satchel/meta/<key>}, see {@link Sidecar}. A copy of the whole folder, made while nobody
 * writes, is a copy of the store, whether it keeps times of modification or not.
 *
 * <p><b>How bytes and metadata stay together.</b> Two files cannot be replaced in one step. A put first replaces the sidecar by
 * one that describes the old bytes and the new, then the bytes. Whoever reads takes the entry that fits the bytes: by size and
 * time of modification, which every put makes different from the last, or else by their CRC32C. Writers of a key exclude each
 * other ({@link StripedFileLock}); readers take no lock and never wait.
 *
 * <p><b>How long it takes.</b> A put makes four fsyncs, a delete one, unless they are turned off. A listing reads the sidecar of
 * each object it returns, and every folder on its way whole. An object whose file has another time of modification than it was
 * put with is read whole to be described.
 *
 * <p>An interrupt ends a call early with {@link StoreException.Reason#IO}, before it has changed anything.
 */
public final class DirectoryObjectStore implements ObjectStore {
    private static final String RESERVED = ".satchel";
    private static final String FORMAT = "satchel directory store 1\n";
    private static final List<String> SQLITE_SUFFIXES = List.of("-wal", "-shm", "-journal");
    private static final int MAX_NAME_BYTES = 255;
    private static final Duration ABANDONED_AFTER = Duration.ofDays(1);
    private static final int MAX_ATTEMPTS = 1000;
    private static final int BUFFER_BYTES = 64 * 1024;

    /** A body that has been written to a file of its own. */
    private record Upload(Path file, long size, int crc32c, Instant modified) {}

    /** An object whose bytes cannot change any more, whatever happens to its key. */
    private record OpenObject(Entry entry, FileChannel file) {}

    private interface FileStep {
        void run() throws IOException;
    }

    private final Path root;
    private final Path meta;
    private final Path temporary;
    private final Path format;
    private final DurableFiles files;
    private final InstantSource clock = InstantSource.system();
    private final RandomGenerator random = new SecureRandom();
    private final StripedFileLock locks;
    private volatile boolean closed;

    /**
     * Opens a folder, and makes it if need be.
     *
     * @throws StoreException if it is a file, or cannot be made or written to
     */
    public DirectoryObjectStore(Path root) {
        this(root, true);
    }

    /**
     * Opens a folder, and makes it if need be.
     *
     * @param fsync whether what is stored is to survive a power failure too. Without it, killed processes still lose nothing
     * @throws StoreException if it is a file, or cannot be made or written to
     */
    public DirectoryObjectStore(Path root, boolean fsync) {
        this.root = root.toAbsolutePath().normalize();
        this.files = new DurableFiles(fsync);
        Path reserved = this.root.resolve(RESERVED);
        this.meta = reserved.resolve("meta");
        this.temporary = reserved.resolve("tmp");
        this.format = reserved.resolve("format");
        if (Files.exists(this.root) && !Files.isDirectory(this.root)) {
            throw rejected("cannot open a store in " + this.root + ": it is a file; name a folder");
        }
        try {
            Path lockFolder = reserved.resolve("locks");
            for (Path folder : List.of(meta, temporary, lockFolder)) {
                Files.createDirectories(folder);
            }
            checkFormat();
            removeAbandoned();
            this.locks = new StripedFileLock(lockFolder);
        } catch (IOException e) {
            throw failure("cannot open a store in " + this.root, e);
        }
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        Path data = file(key);
        Objects.requireNonNull(range, "range");
        try {
            OpenObject found = open(key, data);
            return found == null ? Optional.empty() : Optional.of(body(key, data, found, range));
        } catch (IOException e) {
            throw failure("cannot read " + key, e);
        }
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        Path data = file(key);
        try {
            Entry found = describe(key, data);
            return found == null ? Optional.empty() : Optional.of(info(key, found, found.metadata()));
        } catch (IOException e) {
            throw failure("cannot read " + key, e);
        }
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        Path data = file(key);
        Map<String, String> checked = StoreRules.checkMetadata(metadata);
        Objects.requireNonNull(condition, "condition");
        Upload upload;
        try {
            if (condition instanceof PutCondition.IfAbsent && attributes(data) != null) {
                return PutResult.PreconditionFailed.INSTANCE;
            }
            upload = upload(body);
        } catch (IOException e) {
            throw failure("cannot store " + key, e);
        }
        try {
            return commit(key, data, upload, checked, condition);
        } finally {
            DurableFiles.removeQuietly(upload.file);
        }
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        requireOpen();
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(startAfter, "startAfter");
        StoreRules.checkListLimit(limit);
        List<ObjectInfo> found = new ArrayList<>();
        try {
            new KeyWalk(root, DirectoryObjectStore::isListed, prefix, startAfter).visit(key -> {
                Entry entry = listed(key, root.resolve(key));
                if (entry != null) {
                    found.add(info(key, entry, Map.of()));
                }
                return found.size() <= limit;
            });
            requireRoot();
        } catch (IOException e) {
            throw failure("cannot list " + prefix, e);
        }
        boolean more = found.size() > limit;
        return new ListPage(more ? found.subList(0, limit) : found, more);
    }

    @Override
    @SuppressWarnings("try") // the lock is only held
    public void delete(String key) {
        Path data = file(key);
        boolean removed = false;
        try (Closeable lock = locks.acquire(key)) {
            if (attributes(data) != null) {
                // 1. The bytes: from here on there is no object. A crash after this leaves a sidecar that describes
                // nothing.
                Files.delete(data);
                removed = true;
                files.syncRemoval(parent(data), root);
            }
            // 2. The sidecar. It goes last, or a crash in between would leave an object without its metadata.
            Path sidecar = meta.resolve(key);
            if (attributes(sidecar) != null) {
                Files.delete(sidecar);
            }
            // 3. Folders that are empty now, so that their names are free to be keys.
            DurableFiles.removeEmptyFolders(parent(data), root);
            DurableFiles.removeEmptyFolders(parent(sidecar), meta);
        } catch (IOException e) {
            throw removed ? unknown("deleted " + key + ", perhaps not durably", e) : failure("cannot delete " + key, e);
        }
    }

    @Override
    public String location() {
        return root.toUri().toString();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            locks.close();
        } catch (IOException e) {
            // A put that hangs still holds a lock. The files stay open for it; nothing else is left to release.
        }
    }

    // opening

    private void checkFormat() throws IOException {
        try {
            String found = Files.readString(format);
            if (!found.equals(FORMAT)) {
                throw rejected("cannot open a store in " + root + ": it was made by a version that writes \""
                        + found.strip() + "\", this one knows \"" + FORMAT.strip() + "\"");
            }
        } catch (NoSuchFileException e) {
            Path file = temporary.resolve(randomName());
            files.write(file, FORMAT.getBytes(StandardCharsets.US_ASCII));
            Files.move(file, format, StandardCopyOption.ATOMIC_MOVE);
            files.sync(parent(format));
            files.sync(root);
        }
    }

    /** Removes what processes that have been killed were writing. */
    private void removeAbandoned() throws IOException {
        Instant oldest = clock.instant().minus(ABANDONED_AFTER);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary)) {
            for (Path file : files) {
                if (lastModified(file).isBefore(oldest)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static Instant lastModified(Path file) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (NoSuchFileException e) {
            return Instant.MAX; // finished just now
        }
    }

    // keys

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the store in " + root + " is closed");
        }
    }

    /** The file of a key that this store can have. */
    private Path file(String key) {
        requireOpen();
        StoreRules.checkKey(key);
        for (String name : key.split("/", -1)) {
            int bytes = name.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_NAME_BYTES) {
                throw rejected("a folder cannot store " + key + ": between two slashes it has " + bytes
                        + " bytes, and file names are limited to " + MAX_NAME_BYTES);
            }
        }
        if (isReserved(key)) {
            throw rejected("a folder cannot store " + key + ": " + RESERVED + " is the store's own");
        }
        if (isOfSqlite(key)) {
            throw rejected("a folder cannot store " + key + ": SQLite puts files of that name beside its databases");
        }
        try {
            return root.resolve(key);
        } catch (InvalidPathException e) {
            throw new StoreException(
                    StoreException.Reason.REJECTED,
                    "the file system of " + root + " has no such names, perhaps for want of a UTF-8 locale: " + key,
                    e);
        }
    }

    /** Whether a listing may have the key, or keys inside the folder if it ends with a slash. */
    private static boolean isListed(String key) {
        boolean folder = key.endsWith("/");
        if (isReserved(key) || (!folder && isOfSqlite(key))) {
            return false;
        }
        try {
            StoreRules.checkKey(folder ? key.substring(0, key.length() - 1) : key);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isReserved(String key) {
        return key.regionMatches(true, 0, RESERVED, 0, RESERVED.length())
                && (key.length() == RESERVED.length() || key.charAt(RESERVED.length()) == '/');
    }

    private static boolean isOfSqlite(String key) {
        return SQLITE_SUFFIXES.stream().anyMatch(key::endsWith);
    }

    // reading

    /** As {@link #describe}; an object whose sidecar is damaged is there, and hides no other. */
    private @Nullable Entry listed(String key, Path data) throws IOException {
        try {
            return describe(key, data);
        } catch (DamagedFileException e) {
            BasicFileAttributes attributes = attributes(data);
            return attributes == null
                    ? null
                    : new Entry(
                            "unreadable",
                            attributes.size(),
                            0,
                            attributes.lastModifiedTime().toInstant(),
                            Map.of());
        }
    }

    private @Nullable Entry describe(String key, Path data) throws IOException {
        BasicFileAttributes attributes = attributes(data);
        if (attributes == null) {
            return null;
        }
        // The sidecar is read after the file was looked at: if it describes that file, the two belong together.
        Entry entry = matchingByTime(entries(key), attributes);
        if (entry != null) {
            return entry;
        }
        OpenObject found = open(key, data);
        if (found == null) {
            return null;
        }
        found.file.close();
        return found.entry;
    }

    /**
     * Opens the file and finds its entry. The file is looked at twice: if it is the same before the sidecar was read and after
     * the file was opened, then that file was the object all the while, and the sidecar is of its time. Otherwise a writer came
     * between, and it is tried again.
     */
    private @Nullable OpenObject open(String key, Path data) throws IOException {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            BasicFileAttributes before = attributes(data);
            if (before == null) {
                return null;
            }
            List<Entry> entries = entries(key);
            FileChannel file = null;
            Entry entry = null;
            try {
                file = FileChannel.open(data, StandardOpenOption.READ);
                if (isSame(before, attributes(data))) {
                    entry = matchingByTime(entries, before);
                    if (entry == null) {
                        entry = matchingByContent(entries, before, file);
                    }
                    return new OpenObject(entry, file);
                }
            } catch (NoSuchFileException e) {
                // Deleted in between.
            } finally {
                if (entry == null && file != null) {
                    file.close();
                }
            }
        }
        throw new IOException(data + " is replaced over and over");
    }

    private static boolean isSame(BasicFileAttributes before, @Nullable BasicFileAttributes after) {
        return after != null
                && Objects.equals(before.fileKey(), after.fileKey())
                && before.size() == after.size()
                && before.lastModifiedTime().equals(after.lastModifiedTime());
    }

    /** The one entry that fits, or null if none does or both do. */
    private static @Nullable Entry matchingByTime(List<Entry> entries, BasicFileAttributes attributes) {
        Instant modified = attributes.lastModifiedTime().toInstant();
        List<Entry> matching = entries.stream()
                .filter(entry -> entry.size() == attributes.size())
                .filter(entry -> entry.modified().equals(modified))
                .toList();
        return matching.size() == 1 ? matching.get(0) : null;
    }

    /** The newest entry that fits, or one that says only what can be seen. */
    private static Entry matchingByContent(List<Entry> entries, BasicFileAttributes attributes, FileChannel file)
            throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long size = 0;
        for (int count = file.read(buffer); count >= 0; count = file.read(buffer)) {
            size += count;
            crc.update(buffer.flip());
            buffer.clear();
        }
        int crc32c = (int) crc.getValue();
        for (int i = entries.size() - 1; i >= 0; i--) {
            if (entries.get(i).size() == size && entries.get(i).crc32c() == crc32c) {
                return entries.get(i);
            }
        }
        return new Entry(
                "plain-%x-%08x".formatted(size, crc32c),
                size,
                crc32c,
                attributes.lastModifiedTime().toInstant(),
                Map.of());
    }

    private List<Entry> entries(String key) throws IOException {
        Path sidecar = meta.resolve(key);
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(sidecar);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            if (attributes(sidecar) == null) {
                return List.of(); // a folder, or inside a file: left behind by a delete that was killed
            }
            throw e;
        }
        try {
            return Sidecar.decode(bytes).entries();
        } catch (IOException e) {
            throw new DamagedFileException(
                    sidecar + " is damaged, " + e.getMessage() + "; remove it to go on without the object's metadata",
                    e);
        }
    }

    /** What is known of a file, or null if there is certainly none. */
    private @Nullable BasicFileAttributes attributes(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isRegularFile() ? attributes : null;
        } catch (NoSuchFileException e) {
            requireRoot();
            return null;
        } catch (FileSystemException e) {
            for (Path above = parent(file); !above.equals(root); above = parent(above)) {
                if (Files.isRegularFile(above)) {
                    return null;
                }
            }
            throw e;
        }
    }

    /** A folder that was unmounted or removed has no files, and yet none of its objects is absent. */
    private void requireRoot() throws IOException {
        if (!Files.exists(format)) {
            throw new IOException(root + " is no longer a store; was it removed, or a disk unmounted?");
        }
    }

    private static StoredObject body(String key, Path data, OpenObject found, ByteRange range) throws IOException {
        Entry entry = found.entry;
        if (range.offset() >= entry.size() && !range.isAll()) {
            found.file.close();
            throw rejected(
                    "range of " + key + " begins at " + range.offset() + ", beyond its " + entry.size() + " bytes");
        }
        long length = Math.min(range.length(), entry.size() - range.offset());
        InputStream body = new FileBodyStream(data, found.file, entry, range.offset(), length);
        return new StoredObject(info(key, entry, entry.metadata()), body, length);
    }

    private static ObjectInfo info(String key, Entry entry, Map<String, String> metadata) {
        return new ObjectInfo(key, entry.size(), entry.etag(), entry.modified(), metadata);
    }

    // writing

    private Upload upload(ObjectBody body) throws IOException {
        Path file = temporary.resolve(randomName());
        CRC32C crc = new CRC32C();
        long size = 0;
        boolean complete = false;
        try (InputStream in = body.open();
                FileChannel out = DurableFiles.create(file)) {
            byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER_BYTES, body.size()))];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                size += count;
                crc.update(buffer, 0, count);
                DurableFiles.writeFully(out, ByteBuffer.wrap(buffer, 0, count));
            }
            if (size != body.size()) {
                throw new IOException("the body has " + size + " bytes instead of " + body.size());
            }
            Instant modified = mark(file);
            files.force(out);
            complete = true;
            return new Upload(file, size, (int) crc.getValue(), modified);
        } finally {
            if (!complete) {
                DurableFiles.removeQuietly(file);
            }
        }
    }

    /** Gives the file a time of modification that no other is likely to have, and returns what the file system made of it. */
    private Instant mark(Path file) throws IOException {
        Instant time = clock.instant().truncatedTo(ChronoUnit.MILLIS).plus(random.nextInt(1000), ChronoUnit.MICROS);
        Files.setLastModifiedTime(file, FileTime.from(time));
        return Files.getLastModifiedTime(file).toInstant();
    }

    @SuppressWarnings("try") // the lock is only held
    private PutResult commit(
            String key, Path data, Upload upload, Map<String, String> metadata, PutCondition condition) {
        boolean placed = false;
        try (Closeable lock = locks.acquire(key)) {
            Entry current = describe(key, data);
            if (!holds(condition, current)) {
                return PutResult.PreconditionFailed.INSTANCE;
            }
            Instant modified = upload.modified;
            if (current != null
                    && current.size() == upload.size
                    && current.modified().equals(modified)) {
                modified = mark(upload.file);
            }
            Entry next = new Entry(randomName(), upload.size, upload.crc32c, modified, metadata);
            makeWay(data);
            // 1. The sidecar describes both. A crash after this changes nothing: the bytes are still the old ones, or
            // none.
            replaceSidecar(key, new Sidecar(current == null ? List.of(next) : List.of(current, next)));
            // 2. The bytes. From here on, the new object is there, whole.
            if (!place(upload.file, data, condition instanceof PutCondition.IfAbsent)) {
                return PutResult.PreconditionFailed.INSTANCE;
            }
            placed = true;
            // 3. Their name is durable too.
            files.sync(parent(data));
            return new PutResult.Stored(next.etag());
        } catch (IOException e) {
            throw placed ? unknown("stored " + key + ", perhaps not durably", e) : failure("cannot store " + key, e);
        }
    }

    private static boolean holds(PutCondition condition, @Nullable Entry current) {
        if (condition instanceof PutCondition.IfMatch match) {
            return current != null && current.etag().equals(match.etag());
        }
        return condition instanceof PutCondition.None || current == null;
    }

    /**
     * Makes sure that the file can be put there, before anything is changed: its folders exist, and no folder is in its place but
     * an empty one that a delete left when it was killed.
     */
    private void makeWay(Path data) throws IOException {
        inFolder(parent(data), root, () -> {
            if (Files.isDirectory(data)) {
                DurableFiles.removeTree(data, false);
                if (Files.isDirectory(data)) {
                    throw rejected("cannot store an object in " + data + ": it is a folder with other files inside");
                }
            }
        });
    }

    private void replaceSidecar(String key, Sidecar sidecar) throws IOException {
        Path target = meta.resolve(key);
        Path file = temporary.resolve(randomName());
        try {
            files.write(file, sidecar.encode());
            if (Files.isDirectory(target)) {
                DurableFiles.removeTree(target, true); // of objects inside a folder that does not exist any more
            }
            inFolder(parent(target), meta, () -> Files.move(file, target, StandardCopyOption.ATOMIC_MOVE));
            files.sync(parent(target));
        } finally {
            DurableFiles.removeQuietly(file);
        }
    }

    /**
     * Gives the file its name. One that must be new is linked, which fails even if somebody who takes no lock was quicker.
     *
     * @return false if it must be new and is not
     */
    private boolean place(Path file, Path data, boolean mustBeNew) throws IOException {
        try {
            inFolder(parent(data), root, () -> {
                if (!mustBeNew || !DurableFiles.link(file, data)) {
                    Files.move(file, data, StandardCopyOption.ATOMIC_MOVE);
                }
            });
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** Makes the folder and takes the step; again if a delete of the last file inside removed the folder in between. */
    private void inFolder(Path folder, Path top, FileStep step) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                createFolders(folder, top);
                step.run();
                return;
            } catch (NoSuchFileException e) {
                requireRoot();
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void createFolders(Path folder, Path top) throws IOException {
        if (folder.equals(top) || Files.isDirectory(folder)) {
            return;
        }
        createFolders(parent(folder), top);
        if (attributes(folder) != null) {
            if (top.equals(root)) {
                throw rejected("cannot store an object in the folder " + folder + ": it is an object itself");
            }
            Files.delete(folder); // the sidecar of an object that does not exist any more
        }
        files.createFolder(folder);
    }

    private String randomName() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    }

    // failures

    private static StoreException rejected(String message) {
        return new StoreException(StoreException.Reason.REJECTED, message, null);
    }

    private static StoreException unknown(String what, IOException cause) {
        return new StoreException(StoreException.Reason.UNKNOWN_OUTCOME, what + ": " + cause, cause);
    }

    private StoreException failure(String what, IOException cause) {
        String found = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        String advice = "";
        if (found.contains("no space left") || found.contains("not enough space") || found.contains("quota")) {
            advice = "; free some space on the disk of " + root;
        } else if (found.contains("read-only")) {
            advice = "; mount it writable, or name another folder";
        } else if (cause instanceof AccessDeniedException) {
            advice = "; give the user that runs this read and write access to " + root;
        }
        if (cause instanceof DamagedFileException) {
            return new StoreException(StoreException.Reason.DAMAGED, what + ": " + cause.getMessage(), cause);
        }
        return new StoreException(StoreException.Reason.IO, what + ": " + cause + advice, cause);
    }
}
