package dev.satchel.internal.ltx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;

/**
 * Writes one LTX file to a stream: the header at once, then {@link #page} for each page in ascending order, then {@link
 * #finish}. The same header and pages give the same bytes on every machine.
 *
 * <p>Forward-only and confined to one thread. Holds one compressed page and eight bytes per page for the index. Writes whole
 * frames, so the stream needs no buffer; it is flushed at the end and closed by whoever opened it. What breaks a rule of the
 * format is refused before any byte of it is written; after an {@link IOException} the encoder cannot be used.
 */
public final class LtxEncoder {
    private final OutputStream out;
    private final LtxHeader header;
    private final PageSequence sequence;
    private final FrameIndex index = new FrameIndex();
    private final byte[] frame;
    private long checksum = Crc64.INITIAL;
    private long written;
    private boolean open = true;

    /**
     * Begins a file and writes its header.
     *
     * @throws IllegalArgumentException if the header is not legal or asks for checksums of the database, which are not written
     * @throws IOException from the stream
     */
    public LtxEncoder(OutputStream out, LtxHeader header) throws IOException {
        this(out, header, header.commit());
    }

    /**
     * Begins a file for a database that had {@code previousCommit} pages before. If it grew, every page beyond the old end must
     * come, changed or not (a restore would otherwise find holes or resurrect old pages), and {@link #finish} insists on it.
     *
     * @throws IllegalArgumentException if the header is not legal or asks for checksums of the database, which are not written
     * @throws IOException from the stream
     */
    public LtxEncoder(OutputStream out, LtxHeader header, int previousCommit) throws IOException {
        header.validate();
        if (header.isTracked()) {
            throw new IllegalArgumentException("files with checksums of the database are read, not written");
        }
        if (previousCommit < 0) {
            throw new IllegalArgumentException("previousCommit must not be negative: " + previousCommit);
        }
        this.out = Objects.requireNonNull(out, "out");
        this.header = header;
        this.sequence = new PageSequence(header, previousCommit);
        this.frame = new byte[LtxFormat.FRAME_HEADER_SIZE + LtxFormat.maxBlockSize(header.pageSize())];
        writeHashed(header.toBytes());
    }

    /** The whole file of these pages. They must be in ascending order, as they are in a map of natural order. */
    public static byte[] encode(LtxHeader header, SortedMap<Integer, byte[]> pages) {
        return encode(header, header.commit(), pages);
    }

    /** The whole file of these pages, for a database that had {@code previousCommit} pages before. */
    public static byte[] encode(LtxHeader header, int previousCommit, SortedMap<Integer, byte[]> pages) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            LtxEncoder encoder = new LtxEncoder(out, header, previousCommit);
            for (Map.Entry<Integer, byte[]> page : pages.entrySet()) {
                encoder.page(page.getKey(), page.getValue());
            }
            encoder.finish();
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array cannot fail", e);
        }
        return out.toByteArray();
    }

    /**
     * Writes a page; the whole array is the page.
     *
     * @throws IllegalArgumentException if the array has another size or this page may not come next
     * @throws IllegalStateException after {@link #finish} or a failure
     * @throws IOException from the stream
     */
    public void page(int pageNumber, byte[] page) throws IOException {
        if (page.length != header.pageSize()) {
            throw new IllegalArgumentException("page " + pageNumber + " has " + page.length
                    + " bytes, expected the page size " + header.pageSize());
        }
        page(pageNumber, page, 0);
    }

    /** Writes the page that begins at {@code offset}; otherwise like {@link #page(int, byte[])}. */
    public void page(int pageNumber, byte[] bytes, int offset) throws IOException {
        requireOpen();
        int pageSize = header.pageSize();
        Objects.checkFromIndexSize(offset, pageSize, bytes.length);
        String problem = sequence.next(pageNumber);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        int blockSize = Lz4Block.compress(bytes, offset, pageSize, frame, LtxFormat.FRAME_HEADER_SIZE);
        ByteBuffer.wrap(frame)
                .putInt(pageNumber)
                .putShort((short) LtxFormat.PAGE_FLAG_BLOCK)
                .putInt(blockSize);
        checksum = Crc64.advance(checksum, frame, 0, LtxFormat.FRAME_HEADER_SIZE);
        checksum = Crc64.advance(checksum, bytes, offset, pageSize);
        int size = LtxFormat.FRAME_HEADER_SIZE + blockSize;
        index.add(pageNumber, size);
        write(frame, size);
    }

    /**
     * Writes end marker, index and trailer and flushes the stream.
     *
     * @return the size of the file in bytes
     * @throws IllegalStateException if a page is missing, after an earlier {@code finish} or after a failure
     * @throws IOException from the stream
     */
    public long finish() throws IOException {
        requireOpen();
        String problem = sequence.end();
        if (problem != null) {
            throw new IllegalStateException(problem);
        }
        writeHashed(new byte[LtxFormat.END_MARKER_SIZE]);
        writeHashed(indexBytes());
        writeHashed(new byte[Long.BYTES]); // checksum of the database after: none
        byte[] fileChecksum = ByteBuffer.allocate(Long.BYTES)
                .putLong(PageChecksum.FLAG | ~checksum)
                .array();
        write(fileChecksum, fileChecksum.length);
        open = false;
        out.flush();
        return written;
    }

    private byte[] indexBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(8 * index.count() + Long.BYTES + 1);
        long offset = LtxFormat.HEADER_SIZE;
        for (int i = 0; i < index.count(); i++) {
            putVarint(bytes, index.pageNumber(i));
            putVarint(bytes, offset);
            putVarint(bytes, index.size(i));
            offset += index.size(i);
        }
        bytes.write(0);
        bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(bytes.size()).array());
        return bytes.toByteArray();
    }

    private static void putVarint(ByteArrayOutputStream bytes, long value) {
        long rest = value;
        while (rest > 0x7f) {
            bytes.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    private void writeHashed(byte[] bytes) throws IOException {
        checksum = Crc64.advance(checksum, bytes, 0, bytes.length);
        write(bytes, bytes.length);
    }

    private void write(byte[] bytes, int length) throws IOException {
        open = false; // stays so if the stream fails: what has arrived is then unknown
        out.write(bytes, 0, length);
        open = true;
        written += length;
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the file is finished or its stream has failed");
        }
    }
}
