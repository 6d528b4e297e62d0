package dev.satchel.internal.ltx;

import static dev.satchel.internal.ltx.LtxFormat.FLAG_NO_CHECKSUM;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The header of an LTX file. Immutable. The factories make what we write; the other components are there to read what
 * others write, and {@link #validate()} says whether a header is legal.
 *
 * @param flags {@link LtxFormat#FLAG_NO_CHECKSUM} or 0 (tracked: the file carries checksums of the database)
 * @param pageSize bytes of a page
 * @param commit size of the database in pages after this file
 * @param minTxid first transaction id; 1 makes the file a snapshot
 * @param maxTxid last transaction id
 * @param timestampMillis time of the last transaction, in milliseconds since 1970
 * @param preApplyChecksum checksum of the database before this file if it is tracked and no snapshot, else 0
 * @param walOffset where in a WAL the pages came from, 0 if from none
 * @param walSize how many bytes of the WAL, 0 if from none
 * @param walSalt1 first salt of the WAL, 0 if from none
 * @param walSalt2 second salt of the WAL, 0 if from none
 * @param nodeId who wrote the file, at the writer's discretion; 0 is unset
 */
public record LtxHeader(
        int flags,
        int pageSize,
        int commit,
        long minTxid,
        long maxTxid,
        long timestampMillis,
        long preApplyChecksum,
        long walOffset,
        long walSize,
        int walSalt1,
        int walSalt2,
        long nodeId) {

    /** The header of a file with the pages that transaction {@code txid} changed; for txid 1 these are all pages. */
    public static LtxHeader ofTransaction(int pageSize, int commit, long txid, long timestampMillis, long nodeId) {
        return ofRange(pageSize, commit, new TxidRange(txid, txid), timestampMillis, nodeId);
    }

    /** The header of a file with all pages as transaction {@code txid} left them. */
    public static LtxHeader ofSnapshot(int pageSize, int commit, long txid, long timestampMillis, long nodeId) {
        return ofRange(pageSize, commit, new TxidRange(1, txid), timestampMillis, nodeId);
    }

    /** The header of a file with the pages that the transactions of {@code range} changed. */
    public static LtxHeader ofRange(int pageSize, int commit, TxidRange range, long timestampMillis, long nodeId) {
        return new LtxHeader(
                FLAG_NO_CHECKSUM, pageSize, commit, range.min(), range.max(), timestampMillis, 0, 0, 0, 0, 0, nodeId);
    }

    /** The transactions in the file. */
    public TxidRange txids() {
        return new TxidRange(minTxid, maxTxid);
    }

    /** Whether the file holds every page of the database. */
    public boolean isSnapshot() {
        return minTxid == 1;
    }

    /** Whether the file carries checksums of the database before and after it. */
    public boolean isTracked() {
        return (flags & FLAG_NO_CHECKSUM) == 0;
    }

    /**
     * Checks every rule that concerns the header alone.
     *
     * @throws IllegalArgumentException if one is broken, naming the component and its value
     */
    public void validate() {
        Fault fault = fault();
        if (fault != null) {
            throw new IllegalArgumentException(fault.message());
        }
    }

    /** A broken rule and the place of the field in the file. */
    record Fault(int offset, String message) {}

    /** The first broken rule, null if the header is legal. */
    @Nullable
    Fault fault() {
        if ((flags & ~FLAG_NO_CHECKSUM) != 0) {
            return new Fault(LtxFormat.FLAGS_OFFSET, "unknown header flags 0x" + Integer.toHexString(flags));
        }
        if (!LtxFormat.isPageSize(pageSize)) {
            return new Fault(
                    LtxFormat.PAGE_SIZE_OFFSET,
                    "page size " + Integer.toUnsignedString(pageSize) + " is not a power of two from 512 to 65536");
        }
        if (commit < 0) {
            return new Fault(
                    LtxFormat.COMMIT_OFFSET,
                    "database of " + Integer.toUnsignedString(commit) + " pages, at most " + Integer.MAX_VALUE
                            + " are supported");
        }
        if (commit == 0 && !isTracked()) {
            return new Fault(LtxFormat.COMMIT_OFFSET, "database of 0 pages in a file without checksums");
        }
        if (minTxid < 1) {
            return new Fault(LtxFormat.MIN_TXID_OFFSET, "first transaction id " + hex(minTxid) + " is not positive");
        }
        if (maxTxid < minTxid) {
            return new Fault(
                    LtxFormat.MAX_TXID_OFFSET,
                    "last transaction id " + hex(maxTxid) + " is before the first, " + hex(minTxid));
        }
        return checksumFault();
    }

    private @Nullable Fault checksumFault() {
        boolean expected = isTracked() && !isSnapshot();
        if (!expected && preApplyChecksum != 0) {
            return new Fault(
                    LtxFormat.PRE_APPLY_CHECKSUM_OFFSET,
                    "checksum of the database before is " + hex(preApplyChecksum) + ", expected 0 in a "
                            + (isSnapshot() ? "snapshot" : "file without checksums"));
        }
        if (expected && (preApplyChecksum & PageChecksum.FLAG) == 0) {
            return new Fault(
                    LtxFormat.PRE_APPLY_CHECKSUM_OFFSET,
                    "checksum of the database before is " + hex(preApplyChecksum) + ", bit 63 must be set");
        }
        return walFault();
    }

    private @Nullable Fault walFault() {
        if (walOffset < 0) {
            return new Fault(LtxFormat.WAL_OFFSET_OFFSET, "WAL offset " + walOffset + " is negative");
        }
        if (walSize < 0) {
            return new Fault(LtxFormat.WAL_SIZE_OFFSET, "WAL size " + walSize + " is negative");
        }
        if (walOffset == 0 && walSize != 0) {
            return new Fault(LtxFormat.WAL_SIZE_OFFSET, "WAL size " + walSize + " without a WAL offset");
        }
        if (walOffset == 0 && (walSalt1 != 0 || walSalt2 != 0)) {
            return new Fault(LtxFormat.WAL_SALT1_OFFSET, "WAL salts without a WAL offset");
        }
        return null;
    }

    /** The 100 bytes of the header; reserved bytes are zero. */
    byte[] toBytes() {
        return ByteBuffer.allocate(LtxFormat.HEADER_SIZE)
                .putInt(LtxFormat.MAGIC)
                .putInt(flags)
                .putInt(pageSize)
                .putInt(commit)
                .putLong(minTxid)
                .putLong(maxTxid)
                .putLong(timestampMillis)
                .putLong(preApplyChecksum)
                .putLong(walOffset)
                .putLong(walSize)
                .putInt(walSalt1)
                .putInt(walSalt2)
                .putLong(nodeId)
                .array();
    }

    /** The header in these 100 bytes, not validated; magic and reserved bytes are not looked at. */
    static LtxHeader fromBytes(byte[] bytes) {
        ByteBuffer buffer =
                ByteBuffer.wrap(bytes, LtxFormat.FLAGS_OFFSET, LtxFormat.HEADER_SIZE - LtxFormat.FLAGS_OFFSET);
        return new LtxHeader(
                buffer.getInt(),
                buffer.getInt(),
                buffer.getInt(),
                buffer.getLong(),
                buffer.getLong(),
                buffer.getLong(),
                buffer.getLong(),
                buffer.getLong(),
                buffer.getLong(),
                buffer.getInt(),
                buffer.getInt(),
                buffer.getLong());
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
