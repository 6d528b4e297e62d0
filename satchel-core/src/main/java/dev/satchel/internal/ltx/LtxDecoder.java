package dev.satchel.internal.ltx;

import dev.satchel.internal.ltx.LtxCorruptException.Reason;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads and verifies one LTX file from a stream: the constructor reads the header, then {@link #nextPage} gives the pages until
 * it answers {@link #END}.
 *
 * <p>Only then is anything known to be right: the checksum covers the whole file and stands at its end, so pages must not take
 * effect before. By then every rule of the format has been checked: fields, order and completeness of the pages, block sizes,
 * the index against the frames, the checksum of the file, the checksum of the database if a snapshot carries one, and that
 * nothing follows. Sizes are checked before memory is taken: it holds one page and eight bytes for each page read.
 *
 * <p>Forward-only and confined to one thread. Reads ahead, to the end of the stream, and does not close it. Pages in LZ4 frames,
 * as written before version 0.5.2 of the ltx library, are refused as {@link Reason#UNSUPPORTED}.
 */
public final class LtxDecoder {
    /** What {@link #nextPage} answers after the last page; no page has this number. */
    public static final int END = 0;

    private enum State {
        PAGES,
        VERIFIED,
        FAILED
    }

    private final InputStream in;
    private final LtxHeader header;
    private final PageSequence sequence;
    private final FrameIndex frames = new FrameIndex();
    private final byte[] block;
    private final byte[] scratch = new byte[LtxFormat.FRAME_HEADER_SIZE];
    private long checksum = Crc64.INITIAL;
    private long databaseChecksum = PageChecksum.EMPTY;
    private long position;
    private long postApplyChecksum;
    private long fileChecksum;
    private State state = State.PAGES;

    /**
     * Reads the header.
     *
     * @throws LtxCorruptException if it is cut short or not legal
     * @throws IOException from the stream
     */
    public LtxDecoder(InputStream in) throws IOException {
        this.in = in instanceof ByteArrayInputStream ? in : new BufferedInputStream(in);
        byte[] bytes = new byte[LtxFormat.HEADER_SIZE];
        readHashed(bytes, bytes.length, "the header");
        int magic = ByteBuffer.wrap(bytes).getInt(LtxFormat.MAGIC_OFFSET);
        if (magic != LtxFormat.MAGIC) {
            throw malformed(LtxFormat.MAGIC_OFFSET, "magic is " + hex(magic) + ", expected " + hex(LtxFormat.MAGIC));
        }
        header = LtxHeader.fromBytes(bytes);
        LtxHeader.Fault fault = header.fault();
        if (fault != null) {
            throw malformed(fault.offset(), fault.message());
        }
        sequence = new PageSequence(header, header.commit());
        block = new byte[LtxFormat.maxBlockSize(header.pageSize())];
    }

    /**
     * Reads a whole file.
     *
     * @throws LtxCorruptException if it is anything but one valid file
     */
    public static LtxFile decode(byte[] file) {
        try {
            LtxDecoder decoder = new LtxDecoder(new ByteArrayInputStream(file));
            int pageSize = decoder.header().pageSize();
            SortedMap<Integer, byte[]> pages = new TreeMap<>();
            byte[] page = new byte[pageSize];
            for (int number = decoder.nextPage(page); number != END; number = decoder.nextPage(page)) {
                pages.put(number, page);
                page = new byte[pageSize];
            }
            return new LtxFile(decoder.header(), pages);
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array cannot fail", e);
        }
    }

    /** The header; legal by itself, but not yet covered by a checksum. */
    public LtxHeader header() {
        return header;
    }

    /**
     * Reads the next page into the start of {@code into}, or verifies the rest of the file.
     *
     * @param into at least a page long; undefined after a failure
     * @return the number of the page, or {@link #END} if there is no further one and the whole file is valid; from then on
     *     always {@code END}
     * @throws LtxCorruptException if the file is damaged
     * @throws IllegalStateException after a failure
     * @throws IOException from the stream
     */
    public int nextPage(byte[] into) throws IOException {
        if (into.length < header.pageSize()) {
            throw new IllegalArgumentException(
                    "array of " + into.length + " bytes for a page of " + header.pageSize() + " bytes");
        }
        if (state == State.FAILED) {
            throw new IllegalStateException("reading this file has failed before");
        }
        if (state == State.VERIFIED) {
            return END;
        }
        state = State.FAILED;
        int pageNumber = readFrame(into);
        if (pageNumber == END) {
            readIndex();
            readTrailer();
            state = State.VERIFIED;
        } else {
            state = State.PAGES;
        }
        return pageNumber;
    }

    /**
     * The checksum of the database after this file as the file has it; 0 if it is not tracked.
     *
     * @throws IllegalStateException before {@link #nextPage} has answered {@link #END}
     */
    public long postApplyChecksum() {
        requireVerified();
        return postApplyChecksum;
    }

    /**
     * The checksum of the file.
     *
     * @throws IllegalStateException before {@link #nextPage} has answered {@link #END}
     */
    public long fileChecksum() {
        requireVerified();
        return fileChecksum;
    }

    private int readFrame(byte[] into) throws IOException {
        long start = position;
        readHashed(scratch, LtxFormat.FRAME_BLOCK_SIZE_OFFSET, "a page header or the end marker");
        ByteBuffer fields = ByteBuffer.wrap(scratch);
        int pageNumber = fields.getInt(0);
        int flags = Short.toUnsignedInt(fields.getShort(LtxFormat.FRAME_FLAGS_OFFSET));
        if (pageNumber == 0 && flags == 0) {
            String problem = sequence.end();
            if (problem != null) {
                throw malformed(start, problem);
            }
            return END;
        }
        if (flags == 0) {
            throw new LtxCorruptException(
                    Reason.UNSUPPORTED,
                    start + LtxFormat.FRAME_FLAGS_OFFSET,
                    "page " + Integer.toUnsignedString(pageNumber)
                            + " is stored as an LZ4 frame, only blocks are read");
        }
        if (flags != LtxFormat.PAGE_FLAG_BLOCK) {
            throw malformed(start + LtxFormat.FRAME_FLAGS_OFFSET, "unknown page flags " + hex(flags));
        }
        String problem = sequence.next(pageNumber);
        if (problem != null) {
            throw malformed(start, problem);
        }
        int blockSize = readBlock(pageNumber, into);
        frames.add(pageNumber, LtxFormat.FRAME_HEADER_SIZE + blockSize);
        if (header.isTracked() && header.isSnapshot()) {
            databaseChecksum =
                    PageChecksum.add(databaseChecksum, PageChecksum.of(pageNumber, into, 0, header.pageSize()));
        }
        return pageNumber;
    }

    private int readBlock(int pageNumber, byte[] into) throws IOException {
        long start = position;
        readHashed(scratch, Integer.BYTES, "the block size of page " + pageNumber);
        int blockSize = ByteBuffer.wrap(scratch).getInt();
        if (blockSize < 1 || blockSize > block.length) {
            throw malformed(
                    start,
                    "block of " + Integer.toUnsignedString(blockSize) + " bytes for page " + pageNumber
                            + ", expected 1 to " + block.length);
        }
        read(block, blockSize, "the block of page " + pageNumber);
        int pageSize = header.pageSize();
        Lz4Block.decompress(block, blockSize, start + Integer.BYTES, into, pageSize);
        checksum = Crc64.advance(checksum, into, 0, pageSize);
        return blockSize;
    }

    private void readIndex() throws IOException {
        long start = position;
        long offset = LtxFormat.HEADER_SIZE;
        for (int i = 0; i < frames.count(); i++) {
            readIndexField(frames.pageNumber(i), "page number");
            readIndexField(offset, "offset");
            readIndexField(frames.size(i), "size");
            offset += frames.size(i);
        }
        readIndexField(0, "end");
        long size = position - start;
        long sizeOffset = position;
        long stored = readLong("the size of the index");
        if (stored != size) {
            throw malformed(sizeOffset, "index of " + Long.toUnsignedString(stored) + " bytes, expected " + size);
        }
    }

    private void readIndexField(long expected, String what) throws IOException {
        long start = position;
        long found = 0;
        int shift = 0;
        int b;
        do {
            readHashed(scratch, 1, "the index");
            b = scratch[0];
            // Ten groups of seven bits; the tenth has room for one bit only.
            if (shift == 63 && (b & 0xfe) != 0) {
                throw malformed(start, "index number of more than 64 bits");
            }
            found |= (long) (b & 0x7f) << shift;
            shift += 7;
        } while ((b & 0x80) != 0);
        if (found != expected) {
            throw malformed(
                    start, "index has " + Long.toUnsignedString(found) + " as " + what + ", expected " + expected);
        }
    }

    private void readTrailer() throws IOException {
        long start = position;
        postApplyChecksum = readLong("the checksum of the database");
        if (!header.isTracked() && postApplyChecksum != 0) {
            throw malformed(
                    start,
                    "checksum of the database is " + hex(postApplyChecksum)
                            + ", expected 0 in a file without checksums");
        }
        if (header.isTracked() && (postApplyChecksum & PageChecksum.FLAG) == 0) {
            throw malformed(start, "checksum of the database is " + hex(postApplyChecksum) + ", bit 63 must be set");
        }
        long computed = PageChecksum.FLAG | ~checksum;
        long fileChecksumOffset = position;
        fileChecksum = readLong("the checksum of the file");
        if (fileChecksum != computed) {
            throw new LtxCorruptException(
                    Reason.CHECKSUM_MISMATCH,
                    fileChecksumOffset,
                    "checksum of the file is " + hex(fileChecksum) + ", its content gives " + hex(computed));
        }
        // A database of no pages is known by its checksum whatever was there before.
        boolean databaseKnown = header.isSnapshot() || header.commit() == 0;
        if (header.isTracked() && databaseKnown && postApplyChecksum != databaseChecksum) {
            throw new LtxCorruptException(
                    Reason.CHECKSUM_MISMATCH,
                    start,
                    "checksum of the database is " + hex(postApplyChecksum) + ", its pages give "
                            + hex(databaseChecksum));
        }
        if (in.read() != -1) {
            throw malformed(position, "bytes after the end of the file");
        }
    }

    private long readLong(String what) throws IOException {
        readHashed(scratch, Long.BYTES, what);
        return ByteBuffer.wrap(scratch).getLong();
    }

    private void readHashed(byte[] into, int length, String what) throws IOException {
        read(into, length, what);
        checksum = Crc64.advance(checksum, into, 0, length);
    }

    private void read(byte[] into, int length, String what) throws IOException {
        int count = in.readNBytes(into, 0, length);
        if (count < length) {
            throw new LtxCorruptException(
                    Reason.TRUNCATED,
                    position,
                    "the file ends in " + what + ", " + count + " of " + length + " bytes are there");
        }
        position += length;
    }

    private void requireVerified() {
        if (state != State.VERIFIED) {
            throw new IllegalStateException("the file has not been read to its end");
        }
    }

    private static LtxCorruptException malformed(long offset, String message) {
        return new LtxCorruptException(Reason.MALFORMED, offset, message);
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    private static String hex(int value) {
        return "0x" + Integer.toHexString(value);
    }
}
