package dev.satchel.internal.replica;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.ltx.LtxCorruptException;
import dev.satchel.internal.ltx.LtxDecoder;
import dev.satchel.internal.ltx.LtxHeader;
import dev.satchel.internal.ltx.PageChecksum;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A plain database file that no SQLite has open, at a known version: put together from an image and commits, each checked
 * against the chain before a byte of it is written. Confined to one thread; close it before SQLite opens the file.
 */
public final class DatabaseFile implements PageSource, AutoCloseable {
    private static final byte[] NOTHING = {};

    private final DatabaseId id;
    private final Path path;
    private final PageFile file;
    private Baseline baseline;
    private @Nullable PageSums sums;

    private DatabaseFile(DatabaseId id, Path path, PageFile file) {
        this.id = id;
        this.path = path;
        this.file = file;
        this.baseline = Baseline.NONE;
    }

    /** A new, empty file at version 0; an existing one is emptied. */
    public static DatabaseFile create(DatabaseId id, Path path) throws IOException {
        Files.deleteIfExists(path);
        return new DatabaseFile(id, path, PageFile.open(path));
    }

    /**
     * A new, empty file at the version of a deletion, or at version 0; an existing one is emptied.
     *
     * @param life what began with that version
     */
    public static DatabaseFile empty(DatabaseId id, Path path, long version, long life) throws IOException {
        DatabaseFile file = create(id, path);
        file.baseline = new Baseline(version, "", "", Instant.EPOCH, PageChecksum.EMPTY, 0, life);
        return file;
    }

    /** A new, empty file at the version of a deletion; an existing one is emptied. */
    public static DatabaseFile deleted(DatabaseId id, Path path, Provenance deletion) throws IOException {
        DatabaseFile file = create(id, path);
        file.baseline = Baseline.of(deletion, 0);
        return file;
    }

    /**
     * A file that holds an image.
     *
     * @throws CorruptException if its pages are not those the provenance names
     */
    public static DatabaseFile ofImage(DatabaseId id, Path path, Provenance provenance) throws IOException {
        DatabaseFile file = new DatabaseFile(id, path, PageFile.open(path));
        try {
            file.readPages();
            file.baseline = Baseline.of(provenance, file.sums().size());
            file.requireChecksum(CorruptException.Kind.IMAGE, new DatabaseKeys(id).image(), provenance.checksum());
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * A file made of a snapshot.
     *
     * @param snapshot an LTX file
     * @throws CorruptException if its pages are not those the provenance names
     */
    public static DatabaseFile ofSnapshot(DatabaseId id, Path path, Path snapshot, Provenance provenance)
            throws IOException {
        DatabaseFile file = create(id, path);
        try (InputStream in = Files.newInputStream(snapshot)) {
            file.writeSnapshot(new LtxDecoder(in), provenance);
            return file;
        } catch (LtxCorruptException e) {
            file.close();
            throw new CorruptException(
                    CorruptException.Kind.SNAPSHOT,
                    "object " + new DatabaseKeys(id).snapshot(provenance.version()) + " is damaged: " + e.getMessage(),
                    e);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private void writeSnapshot(LtxDecoder decoder, Provenance provenance) throws IOException {
        LtxHeader header = decoder.header();
        if (!header.isSnapshot() || header.maxTxid() != provenance.version()) {
            throw new CorruptException(
                    CorruptException.Kind.SNAPSHOT,
                    "object " + new DatabaseKeys(id).snapshot(provenance.version()) + " holds the pages of versions "
                            + header.minTxid() + " to " + header.maxTxid(),
                    null);
        }
        file.pageSize(header.pageSize());
        PageSums read = new PageSums(header.pageSize());
        byte[] page = new byte[header.pageSize()];
        for (int number = decoder.nextPage(page); number != LtxDecoder.END; number = decoder.nextPage(page)) {
            skipLockPage(read, number - 1);
            read.append(page);
            file.write(number, page);
        }
        skipLockPage(read, header.commit());
        file.resize(header.commit());
        sums = read;
        baseline = Baseline.of(provenance, header.commit());
        requireChecksum(
                CorruptException.Kind.SNAPSHOT,
                new DatabaseKeys(id).snapshot(provenance.version()),
                provenance.checksum());
    }

    /** The decoder lets no other page be missing. */
    private static void skipLockPage(PageSums sums, int size) {
        while (sums.size() < size) {
            sums.append(NOTHING);
        }
    }

    /**
     * A closed replica's file.
     *
     * @param checked whether its pages must be those the baseline names: always, but in tests that show what that is good for
     * @throws CorruptException if they are not
     */
    static DatabaseFile ofReplica(DatabaseId id, Path path, Baseline baseline, boolean checked) throws IOException {
        DatabaseFile file = new DatabaseFile(id, path, PageFile.open(path));
        try {
            file.readPages();
            file.baseline = baseline;
            boolean fits =
                    file.sums().rolling() == baseline.checksum() && file.sums().size() == baseline.sizeInPages();
            if (checked && !fits) {
                throw damagedReplica(id, path, "its pages are not those of version " + baseline.version(), null);
            }
            return file;
        } catch (CorruptException e) {
            file.close();
            throw e.kind() == CorruptException.Kind.LOCAL_COPY
                    ? e
                    : damagedReplica(id, path, "it is not a SQLite database any more", e);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    static CorruptException damagedReplica(DatabaseId id, Path path, String why, @Nullable Throwable cause) {
        return new CorruptException(
                CorruptException.Kind.LOCAL_COPY,
                "database " + id + ": file " + path + " is damaged: " + why + "; the local copy is loaded again",
                cause);
    }

    private void readPages() throws IOException {
        int pageSize = file.pageSize();
        if (pageSize == 0) {
            throw new CorruptException(
                    CorruptException.Kind.IMAGE,
                    "object " + new DatabaseKeys(id).image() + " is not a SQLite database",
                    null);
        }
        if (file.length() % pageSize != 0) {
            throw new CorruptException(
                    CorruptException.Kind.IMAGE,
                    "object " + new DatabaseKeys(id).image() + " ends within a page",
                    null);
        }
        PageSums read = new PageSums(pageSize);
        int pages = Math.toIntExact(file.length() / pageSize);
        for (int page = 1; page <= pages; page++) {
            read.append(file.read(page));
        }
        sums = read;
    }

    /**
     * Puts a commit on top.
     *
     * @throws CorruptException if it is not the next version of this very state; the file is then of no use any more
     */
    public void apply(Commit commit) throws IOException {
        if (sums == null) {
            file.pageSize(commit.pageSize());
            sums = new PageSums(commit.pageSize());
        }
        Chain.requireNext(id, baseline, file.pageSize(), commit);
        put(commit);
    }

    /**
     * Puts what one side of a conflict had changed on top of the version it began from. Other versions may lie between the two,
     * which do not count.
     *
     * @throws CorruptException if it does not begin from this very state; the file is then of no use any more
     */
    public void applyKept(Commit changes) throws IOException {
        if (sums == null) {
            file.pageSize(changes.pageSize());
            sums = new PageSums(changes.pageSize());
        }
        Chain.requireBase(id, baseline, file.pageSize(), changes);
        put(changes);
    }

    private void put(Commit commit) throws IOException {
        sums().apply(commit.content().pages(), commit.sizeInPages());
        baseline = Baseline.of(commit.provenance(), commit.sizeInPages());
        requireChecksum(
                CorruptException.Kind.COMMIT,
                new DatabaseKeys(id).commit(commit.version()),
                commit.provenance().checksum());
        for (Map.Entry<Integer, byte[]> page : commit.content().pages().entrySet()) {
            file.write(page.getKey(), page.getValue());
        }
        file.resize(commit.sizeInPages());
    }

    private void requireChecksum(CorruptException.Kind kind, String object, long expected) {
        Chain.requireChecksum(id, kind, object, sums().rolling(), expected);
    }

    /** Which state it holds. */
    public Baseline baseline() {
        return baseline;
    }

    /** Its page size, 0 if it is empty. */
    public int pageSize() {
        return file.pageSize();
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    @Override
    public int sizeInPages() {
        return baseline.sizeInPages();
    }

    @Override
    public byte[] page(int pageNumber) throws IOException {
        return file.read(pageNumber);
    }

    /** The checksums of its pages; not if it is empty. */
    public PageSums sums() {
        if (sums == null) {
            throw new IllegalStateException("an empty database has no pages");
        }
        return sums;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
