package dev.satchel.internal.log;

import dev.satchel.internal.ltx.LtxEncoder;
import dev.satchel.internal.ltx.LtxFile;
import dev.satchel.internal.ltx.LtxHeader;
import java.time.Instant;
import java.util.SortedMap;

/**
 * One commit object: the pages that changed from one version to the next, and where it comes from. Immutable; the arrays are
 * shared and never changed.
 *
 * @param provenance what its metadata says
 * @param content its pages
 * @param bytes the LTX file as stored
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; commits are told apart by their id
public record Commit(Provenance provenance, LtxFile content, byte[] bytes) {

    /**
     * Encodes a commit.
     *
     * @param database its {@link dev.satchel.DatabaseId#path()}
     * @param previousSizeInPages of the version before; every page beyond it must be among {@code pages}
     * @param life version of the deletion that this life of the database began after, or 0
     */
    public static Commit encode(
            String database,
            long version,
            String commitId,
            String writer,
            long parentChecksum,
            long checksum,
            Instant timestamp,
            int pageSize,
            int sizeInPages,
            int previousSizeInPages,
            long life,
            SortedMap<Integer, byte[]> pages) {
        LtxHeader header = LtxHeader.ofTransaction(pageSize, sizeInPages, version, timestamp.toEpochMilli(), 0);
        byte[] bytes = LtxEncoder.encode(header, previousSizeInPages, pages);
        Provenance provenance = new Provenance(
                database, version, commitId, writer, parentChecksum, checksum, timestamp, Digest.sha256(bytes), life);
        return new Commit(provenance, new LtxFile(header, pages), bytes);
    }

    /** The version it makes. */
    public long version() {
        return provenance.version();
    }

    /** Its id. */
    public String id() {
        return provenance.commitId();
    }

    /** The database's size in pages at this version. */
    public int sizeInPages() {
        return content.header().commit();
    }

    /** The page size. */
    public int pageSize() {
        return content.header().pageSize();
    }
}
