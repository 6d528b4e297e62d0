package dev.satchel.internal.log;

import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.internal.ltx.LtxCorruptException;
import dev.satchel.internal.ltx.LtxDecoder;
import dev.satchel.internal.ltx.LtxFile;
import dev.satchel.internal.ltx.LtxFormat;
import dev.satchel.internal.ltx.LtxHeader;
import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One database's objects in the store. Immutable; every method is one request, listings one per thousand objects.
 *
 * <p>All methods throw {@link StoreException} if the store cannot be asked, and {@link CorruptException} if what it holds is
 * damaged or belongs to another database.
 */
public final class DatabaseLog {
    private static final int COPY_BUFFER = 64 * 1024;

    private final ObjectStore store;
    private final DatabaseId id;
    private final DatabaseKeys keys;
    private final boolean checksDigests;
    private final Consumer<CorruptException> damage;

    /** The objects of {@code id} in {@code store}. */
    public DatabaseLog(ObjectStore store, DatabaseId id) {
        this(store, id, found -> {}, true);
    }

    /**
     * The objects of {@code id} in {@code store}.
     *
     * @param damage told of what was found damaged and did not keep an answer from being given
     * @param checksDigests always, but in tests that show what it is good for
     */
    public DatabaseLog(ObjectStore store, DatabaseId id, Consumer<CorruptException> damage, boolean checksDigests) {
        this.store = store;
        this.id = id;
        this.keys = new DatabaseKeys(id);
        this.damage = damage;
        this.checksDigests = checksDigests;
    }

    /** Something was found damaged, and there is another way. */
    public void passedOver(CorruptException found) {
        damage.accept(found);
    }

    /** Which database. */
    public DatabaseId id() {
        return id;
    }

    /** Its keys. */
    public DatabaseKeys keys() {
        return keys;
    }

    /**
     * Reads and checks commit {@code version}; empty if there is none. What arrives damaged is asked for once more.
     *
     * @throws DeletionFound if that version is a deletion of the database, or was erased by one
     */
    public Optional<Commit> commit(long version) {
        try {
            return readCommit(version);
        } catch (CorruptException e) {
            passedOver(e);
            return readCommit(version);
        }
    }

    private Optional<StoredObject> get(String key) {
        return checked(key, () -> store.get(key));
    }

    private Optional<ObjectInfo> head(String key) {
        return checked(key, () -> store.head(key));
    }

    private static byte[] readAll(StoredObject object) {
        return checked(object.info().key(), object::readAll);
    }

    /** A store may find damage by itself. */
    private static <T> T checked(String key, Supplier<T> request) {
        try {
            return request.get();
        } catch (StoreException e) {
            if (e.reason() == StoreException.Reason.DAMAGED) {
                throw new CorruptException(
                        DatabaseKeys.kindOf(key), "object " + key + " is damaged: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private Optional<Commit> readCommit(long version) {
        String key = keys.commit(version);
        Optional<StoredObject> found = get(key);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (StoredObject object = found.get()) {
            Provenance provenance = Provenance.of(id, object.info());
            if (provenance.isTombstone()) {
                throw new DeletionFound(id, provenance.life());
            }
            byte[] bytes = readAll(object);
            return Optional.of(checked(key, version, provenance, bytes));
        }
    }

    /**
     * Checks a commit that was kept elsewhere than in the store.
     *
     * @param info its metadata, and what to call it in errors
     * @throws CorruptException if it is damaged, or belongs to another database
     */
    public static Commit commit(DatabaseId id, ObjectInfo info, byte[] bytes) {
        Provenance provenance = Provenance.of(id, info);
        return checked(info.key(), provenance.version(), provenance, bytes, true);
    }

    private Commit checked(String key, long version, Provenance provenance, byte[] bytes) {
        return checked(key, version, provenance, bytes, checksDigests);
    }

    private static Commit checked(
            String key, long version, Provenance provenance, byte[] bytes, boolean checksDigests) {
        requireVersion(key, version, provenance);
        String sha256 = Digest.sha256(bytes);
        if (checksDigests && !sha256.equals(provenance.sha256())) {
            throw new CorruptException(
                    DatabaseKeys.kindOf(key),
                    "object " + key + " is damaged: its digest is " + sha256 + ", expected " + provenance.sha256(),
                    null);
        }
        LtxFile content;
        try {
            content = LtxDecoder.decode(bytes);
        } catch (LtxCorruptException e) {
            throw damaged(key, e);
        }
        if (content.header().minTxid() != version || content.header().maxTxid() != version) {
            throw new CorruptException(
                    DatabaseKeys.kindOf(key), "object " + key + " holds the pages of another version", null);
        }
        return new Commit(provenance, content, bytes);
    }

    private static void requireVersion(String key, long version, Provenance provenance) {
        if (provenance.version() != version) {
            throw new CorruptException(
                    DatabaseKeys.kindOf(key),
                    "object " + key + " says it is version " + provenance.version()
                            + "; it was copied to the wrong key",
                    null);
        }
    }

    private static CorruptException damaged(String key, LtxCorruptException cause) {
        return new CorruptException(
                DatabaseKeys.kindOf(key), "object " + key + " is damaged: " + cause.getMessage(), cause);
    }

    /** What is known of commit {@code version} without its pages; empty if there is none. */
    public Optional<Provenance> commitProvenance(long version) {
        return head(keys.commit(version)).map(info -> provenanceAt(version, info));
    }

    /**
     * As {@link #commitProvenance}, and of a commit that has lost its metadata what its key and the store say, which is enough to put
     * a deletion after it.
     */
    public Optional<Provenance> commitProvenanceOrPlace(CommitEntry entry) {
        return head(keys.commit(entry.version()))
                .map(info -> Provenance.isIn(info)
                        ? provenanceAt(entry.version(), info)
                        : Provenance.lost(id, entry.version(), info.lastModified()));
    }

    /** Describes a listed commit by its metadata and the first bytes of its body; empty if it is gone. */
    public Optional<CommitInfo> describe(CommitEntry entry) {
        long version = entry.version();
        String key = keys.commit(version);
        if (entry.isEmpty()) {
            return commitProvenance(version).map(tombstone -> new CommitInfo(tombstone, 0, 0));
        }
        Optional<StoredObject> found = checked(key, () -> store.get(key, new ByteRange(0, LtxFormat.HEADER_SIZE)));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (StoredObject object = found.get()) {
            Provenance provenance = Provenance.of(id, object.info());
            requireVersion(key, version, provenance);
            if (provenance.isTombstone()) {
                return Optional.of(new CommitInfo(provenance, 0, 0));
            }
            LtxHeader header = header(key, readAll(object));
            return Optional.of(
                    new CommitInfo(provenance, object.info().size(), (long) header.commit() * header.pageSize()));
        }
    }

    private static LtxHeader header(String key, byte[] bytes) {
        try {
            return new LtxDecoder(new ByteArrayInputStream(bytes)).header();
        } catch (LtxCorruptException e) {
            throw damaged(key, e);
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array cannot fail", e);
        }
    }

    /** Nothing is put under the keys of another database, whatever went wrong before. */
    private void requireOurs(String key, Provenance provenance) {
        if (!provenance.database().equals(id.path())) {
            throw new CorruptException(
                    DatabaseKeys.kindOf(key),
                    "database " + id + ": what was to be stored as " + key + " belongs to database "
                            + provenance.database() + "; nothing was stored",
                    null);
        }
    }

    /** Sends a commit; the caller decides what a failed condition or an unknown outcome means. */
    public PutResult put(Commit commit) {
        return put(commit, PutCondition.ifAbsent());
    }

    /** As {@link #put(Commit)}, on another condition than that the slot is free. */
    public PutResult put(Commit commit, PutCondition condition) {
        requireOurs(keys.commit(commit.version()), commit.provenance());
        return store.put(
                keys.commit(commit.version()),
                ObjectBody.of(commit.bytes()),
                commit.provenance().toMetadata(),
                condition);
    }

    /** The versions after {@code version} whose commit objects exist, ascending. */
    public List<CommitEntry> commitsAfter(long version) {
        return entries(keys.commits(), version == 0 ? "" : keys.commit(version), keys::commitVersion);
    }

    private List<CommitEntry> entries(String prefix, String startAfter, Function<String, OptionalLong> versionOf) {
        List<CommitEntry> entries = new ArrayList<>();
        String after = startAfter;
        ListPage page;
        do {
            page = store.list(prefix, after, ObjectStore.MAX_LIST_LIMIT);
            for (ObjectInfo object : page.objects()) {
                after = object.key();
                OptionalLong found = versionOf.apply(object.key());
                if (found.isPresent()) {
                    entries.add(new CommitEntry(found.getAsLong(), object.size(), object.lastModified()));
                }
            }
        } while (page.more());
        return entries;
    }

    /**
     * The last deletion among listed commits; empty if there is none.
     *
     * @throws DeletionFound if a later one, that is not among them, has erased them
     * @throws CorruptException if an empty object is no tombstone
     */
    public Optional<Provenance> lastDeletion(List<CommitEntry> entries) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            CommitEntry entry = entries.get(i);
            if (entry.isEmpty()) {
                Optional<Provenance> found = commitProvenance(entry.version());
                if (found.isPresent()) {
                    Provenance tombstone = found.get();
                    if (!tombstone.isTombstone()) {
                        continue; // Damaged, as whoever reads it will find.
                    }
                    if (tombstone.isErased()) {
                        throw new DeletionFound(id, tombstone.life());
                    }
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /**
     * The versions from {@code first} to {@code last} that have a snapshot, ascending. Those that a deletion has emptied are
     * left out.
     */
    public List<Long> snapshots(long first, long last) {
        List<Long> versions = new ArrayList<>();
        String after = first <= 1 ? "" : keys.snapshot(first - 1);
        ListPage page;
        do {
            page = store.list(keys.snapshots(), after, ObjectStore.MAX_LIST_LIMIT);
            for (ObjectInfo object : page.objects()) {
                after = object.key();
                OptionalLong found = keys.snapshotVersion(object.key());
                if (found.isPresent() && found.getAsLong() > last) {
                    return versions;
                }
                if (found.isPresent() && object.size() > 0) {
                    versions.add(found.getAsLong());
                }
            }
        } while (page.more());
        return versions;
    }

    /** What is known of the snapshot at {@code version} without its pages; empty if there is none. */
    public Optional<Provenance> snapshotProvenance(long version) {
        return head(keys.snapshot(version)).map(info -> provenanceAt(version, info));
    }

    /**
     * Copies the snapshot at {@code version} into a file, an LTX file then, which is replaced.
     *
     * @return what it says it is, or empty if there is none
     * @throws IOException if the local disk refuses
     */
    public Optional<Provenance> copySnapshot(long version, Path target) throws IOException {
        Optional<StoredObject> found = openSnapshot(version);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (StoredObject object = found.get()) {
            Provenance provenance = snapshotProvenance(version, object);
            copy(object, provenance, target, bytes -> {});
            return Optional.of(provenance);
        }
    }

    /** Opens the snapshot at {@code version}, an LTX file, for {@link #copy}; empty if there is none. The caller closes it. */
    public Optional<StoredObject> openSnapshot(long version) {
        return get(keys.snapshot(version));
    }

    /** What an opened snapshot says it is. */
    public Provenance snapshotProvenance(long version, StoredObject opened) {
        return provenanceAt(version, opened.info());
    }

    /**
     * Opens a part of an image or a snapshot; empty if it is gone, or is not the object of that etag and size any more. The caller
     * closes it.
     */
    public Optional<StoredObject> openPart(ObjectInfo of, ByteRange range) {
        Optional<StoredObject> found;
        try {
            found = checked(of.key(), () -> store.get(of.key(), range));
        } catch (StoreException e) {
            if (e.reason() == StoreException.Reason.REJECTED && !isStill(of, head(of.key()))) {
                return Optional.empty(); // A shorter one has taken its place.
            }
            throw e;
        }
        if (!isStill(of, found.map(StoredObject::info))) {
            found.ifPresent(StoredObject::close);
            return Optional.empty();
        }
        return found;
    }

    private static boolean isStill(ObjectInfo seen, Optional<ObjectInfo> now) {
        return now.isPresent()
                && now.get().etag().equals(seen.etag())
                && now.get().size() == seen.size();
    }

    /** What is known of a version without its pages, by its commit, its snapshot or the image; empty if there is none. */
    public Optional<Provenance> version(long version) {
        return commitProvenance(version)
                .or(() -> snapshotProvenance(version))
                .or(() -> image().map(ImageInfo::provenance).filter(image -> image.version() == version));
    }

    private Provenance provenanceAt(long version, ObjectInfo info) {
        Provenance provenance = Provenance.of(id, info);
        requireVersion(info.key(), version, provenance);
        return provenance;
    }

    /**
     * Writes a snapshot. Written twice is written once: what is there already holds the same pages.
     *
     * @param file an LTX file of all pages
     */
    public PutResult putSnapshot(Path file, Provenance provenance) {
        requireOurs(keys.snapshot(provenance.version()), provenance);
        return store.put(
                keys.snapshot(provenance.version()),
                ObjectBody.of(file),
                provenance.toMetadata(),
                PutCondition.ifAbsent());
    }

    /** Describes the image; empty if there is none. */
    public Optional<ImageInfo> image() {
        return head(keys.image()).map(this::imageInfo);
    }

    /** As {@link #image()}, but empty if it is damaged: that hides no version of the log. */
    public Optional<ImageInfo> readableImage() {
        try {
            return image();
        } catch (CorruptException e) {
            passedOver(e);
            return Optional.empty();
        }
    }

    /**
     * The version that the image has reached; if it is damaged, the newest in the log, which is no older. The newest version of a
     * log is never removed from it.
     *
     * @param atLeast versions that are of interest; older ones may be answered with 0
     */
    public long imageOrHead(long atLeast) {
        try {
            return image().map(ImageInfo::version).orElse(0L);
        } catch (CorruptException e) {
            passedOver(e);
            List<CommitEntry> entries = commitsAfter(Math.max(0, atLeast - 1));
            return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).version();
        }
    }

    /** The image's etag, whatever it holds; empty if there is none. */
    public Optional<String> imageEtag() {
        return head(keys.image()).map(ObjectInfo::etag);
    }

    /** Opens the image for {@link #copy}; empty if there is none. The caller closes it. */
    public Optional<StoredObject> openImage() {
        return get(keys.image());
    }

    /** As the other, but only its first bytes, at most so many. */
    public Optional<StoredObject> openImage(long bytes) {
        try {
            return checked(keys.image(), () -> store.get(keys.image(), new ByteRange(0, bytes)));
        } catch (StoreException e) {
            if (e.reason() == StoreException.Reason.REJECTED) {
                return openImage(); // One that is damaged may have no first byte.
            }
            throw e;
        }
    }

    /** The description of an opened image. */
    public ImageInfo imageInfo(ObjectInfo info) {
        return new ImageInfo(Provenance.of(id, info), info.etag(), info.size());
    }

    /**
     * Copies an opened image or snapshot into a file, which is replaced, and checks its digest.
     *
     * @param arrived told of bytes as they come
     * @throws IOException if the local disk refuses
     */
    public void copy(StoredObject object, Provenance provenance, Path target, LongConsumer arrived) throws IOException {
        MessageDigest digest = Digest.sha256();
        try (OutputStream out = Files.newOutputStream(target)) {
            transfer(object, arrived, (buffer, length) -> {
                digest.update(buffer, 0, length);
                out.write(buffer, 0, length);
            });
        }
        requireDigest(object.info(), provenance, digest);
    }

    /** Where bytes of an object go. */
    public interface Sink {
        /** Takes the first bytes of a buffer. */
        void accept(byte[] buffer, int length) throws IOException;
    }

    /**
     * Reads the body of an opened object to its end.
     *
     * @param arrived told of bytes as they come
     * @throws StoreException if it breaks off
     * @throws IOException of the sink
     */
    public static void transfer(StoredObject object, LongConsumer arrived, Sink sink) throws IOException {
        transfer(object, object.expectedBytes(), arrived, sink);
    }

    /** As the other, but only so many bytes of it. */
    public static void transfer(StoredObject object, long length, LongConsumer arrived, Sink sink) throws IOException {
        String key = object.info().key();
        InputStream in = object.body();
        byte[] buffer = new byte[COPY_BUFFER];
        boolean toTheEnd = length == object.expectedBytes(); // A body that is too long is noticed then.
        long bytes = 0;
        int n;
        do {
            int wanted = toTheEnd ? buffer.length : (int) Math.min(buffer.length, length - bytes);
            n = wanted == 0 ? 0 : checked(key, () -> read(in, buffer, wanted, key));
            if (n > 0) {
                bytes += n;
                sink.accept(buffer, n);
                arrived.accept(n);
            }
        } while (n > 0);
        if (bytes != length) {
            throw StoreException.whileReading(
                    key, new IOException("body ended after " + bytes + " of " + length + " bytes"));
        }
    }

    /**
     * Compares what was read of an object with what it says of itself.
     *
     * @throws CorruptException if it is something else
     */
    public static void requireDigest(ObjectInfo object, Provenance provenance, MessageDigest digest) {
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(provenance.sha256())) {
            throw new CorruptException(
                    DatabaseKeys.kindOf(object.key()),
                    "object " + object.key() + " is damaged: its digest is " + found + ", expected "
                            + provenance.sha256(),
                    null);
        }
    }

    private static int read(InputStream in, byte[] buffer, int length, String key) {
        try {
            return in.read(buffer, 0, length);
        } catch (IOException e) {
            throw StoreException.whileReading(key, e);
        }
    }

    /**
     * Writes the image if it is still the one that was seen.
     *
     * @param expectedEtag of the image that was seen, or null if there was none
     * @return the new etag, or empty if somebody else wrote meanwhile
     */
    public Optional<String> putImage(Path file, Provenance provenance, @Nullable String expectedEtag) {
        return putImage(
                file, provenance, expectedEtag == null ? PutCondition.ifAbsent() : PutCondition.ifMatch(expectedEtag));
    }

    /** Writes the image on a condition; the new etag, or empty if it does not hold. */
    public Optional<String> putImage(Path file, Provenance provenance, PutCondition condition) {
        requireOurs(keys.image(), provenance);
        PutResult result = store.put(keys.image(), ObjectBody.of(file), provenance.toMetadata(), condition);
        return result instanceof PutResult.Stored stored ? Optional.of(stored.etag()) : Optional.empty();
    }

    /**
     * Makes the deletion of the database a version: an object without a body whose metadata says so. The caller decides what a
     * failed condition or an unknown outcome means.
     */
    public PutResult putDeletion(Provenance deletion) {
        return store.put(
                keys.commit(deletion.version()),
                ObjectBody.of(new byte[0]),
                deletion.toMetadata(),
                PutCondition.ifAbsent());
    }

    /** Empties the object of a commit or snapshot; its key stays, so that nobody takes it. */
    public void erase(String key, Provenance tombstone) {
        store.put(key, ObjectBody.of(new byte[0]), tombstone.toMetadata(), PutCondition.none());
    }

    /**
     * Replaces the image by a few words that say that the database was deleted, if it is still the one that was seen. They name
     * the deletion's commit, so that no two have one etag.
     *
     * @param expectedEtag of the image that was seen, or null if there was none
     * @return whether it was
     */
    public boolean putDeletedImage(Provenance deletion, @Nullable String expectedEtag) {
        byte[] words = ("Deleted by Satchel as version " + deletion.version() + ", commit " + deletion.commitId()
                        + ".\n")
                .getBytes(StandardCharsets.US_ASCII);
        Provenance mark = Provenance.tombstone(
                deletion.database(),
                deletion.version(),
                deletion.life(),
                deletion.commitId(),
                deletion.writer(),
                deletion.timestamp(),
                Digest.sha256(words));
        PutResult result = store.put(
                keys.image(),
                ObjectBody.of(words),
                mark.toMetadata(),
                expectedEtag == null ? PutCondition.ifAbsent() : PutCondition.ifMatch(expectedEtag));
        return result instanceof PutResult.Stored;
    }

    /** All snapshots as listed, ascending, the empty ones too. */
    public List<CommitEntry> snapshotEntries() {
        return entries(keys.snapshots(), "", keys::snapshotVersion);
    }

    /** Removes a commit object; that there is none is fine. */
    public void deleteCommit(long version) {
        store.delete(keys.commit(version));
    }

    /** Removes a snapshot; that there is none is fine. */
    public void deleteSnapshot(long version) {
        store.delete(keys.snapshot(version));
    }

    /**
     * Keeps the changes of a side that did not win. Kept again by the same decision, it is the same object, and young again:
     * retention counts from the decision, not from the first try.
     *
     * @param changes the commit as it was or would have been
     * @param decidedBy id of the commit of the side that decided: the winner's under LAST_WRITE_WINS, the loser's under REJECT
     * @param facts further metadata: base, head, policy, the winner
     * @return the key
     */
    public String putConflict(Commit changes, String decidedBy, Map<String, String> facts) {
        String key = keys.conflict(changes.version(), decidedBy);
        requireOurs(key, changes.provenance());
        Map<String, String> metadata = new LinkedHashMap<>(changes.provenance().toMetadata());
        metadata.putAll(facts);
        MetadataCheck.seal(metadata);
        store.put(key, ObjectBody.of(changes.bytes()), metadata, PutCondition.none());
        return key;
    }

    /** The ids of the conflicts that are kept, by the version the changes were meant to be. */
    public List<String> conflicts() {
        return conflictEntries().stream().map(ConflictKey::id).toList();
    }

    /** The conflicts that are kept as listed, by the version the changes were meant to be. */
    public List<ConflictKey> conflictEntries() {
        List<ConflictKey> found = new ArrayList<>();
        String after = "";
        ListPage page;
        do {
            page = store.list(keys.conflicts(), after, ObjectStore.MAX_LIST_LIMIT);
            for (ObjectInfo object : page.objects()) {
                after = object.key();
                keys.conflictId(object.key())
                        .ifPresent(
                                conflict -> found.add(new ConflictKey(conflict, object.size(), object.lastModified())));
            }
        } while (page.more());
        return found;
    }

    /** Describes a conflict by its metadata; empty if there is none of that id. */
    public Optional<ConflictEntry> conflict(String conflictId) {
        return head(keys.conflict(conflictId)).map(info -> conflictEntry(conflictId, info));
    }

    private Provenance conflictProvenance(ObjectInfo info) {
        Provenance provenance = Provenance.of(id, info);
        ConflictFacts facts = ConflictFacts.of(info);
        String decidedBy =
                facts.policy() == ConflictPolicy.LAST_WRITE_WINS ? facts.winnerCommit() : provenance.commitId();
        if (!keys.conflict(provenance.version(), decidedBy).equals(info.key())) {
            throw new CorruptException(
                    CorruptException.Kind.CONFLICT,
                    "object " + info.key() + " says it keeps commit " + provenance.commitId() + " of version "
                            + provenance.version() + "; it was copied to the wrong key",
                    null);
        }
        return provenance;
    }

    private ConflictEntry conflictEntry(String conflictId, ObjectInfo info) {
        return new ConflictEntry(
                conflictId,
                info.key(),
                conflictProvenance(info),
                ConflictFacts.of(info),
                info.size(),
                info.lastModified());
    }

    /** Reads and checks the changes that a conflict keeps; empty if there is none of that id. */
    public Optional<Commit> conflictChanges(String conflictId) {
        String key = keys.conflict(conflictId);
        Optional<StoredObject> found = get(key);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (StoredObject object = found.get()) {
            Provenance provenance = conflictProvenance(object.info());
            return Optional.of(checked(key, provenance.version(), provenance, readAll(object)));
        }
    }

    /** Removes a conflict for good; that there is none is fine. */
    public void deleteConflict(String conflictId) {
        store.delete(keys.conflict(conflictId));
    }
}
