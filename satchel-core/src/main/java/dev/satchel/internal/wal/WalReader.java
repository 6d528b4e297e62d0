package dev.satchel.internal.wal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the committed transactions of one write-ahead log, the {@code -wal} file beside a SQLite database, while SQLite
 * uses it. The cost is that of the new frames, whatever the length of the log.
 *
 * <p>The file may be missing, empty, truncated, restarted, or deleted and created again between calls. A frame counts only
 * if its salts are the header's, its checksum continues that of the frame before, and a commit frame follows or it is one
 * itself; everything else (stale frames of an earlier generation, frames spilled by an open transaction or left by a
 * rolled-back one, torn and damaged bytes) is not data. A transaction may be seen here a moment before SQLite shows it
 * to other connections, since SQLite writes the commit frame first and its wal-index after.
 *
 * <p>Confined to one thread at a time; two readers of one log do not disturb each other. Every method but {@link #open}
 * reads the local disk and finishes its work even on an interrupted thread, leaving it interrupted. I/O failures are
 * {@link IOException}; the next call starts afresh.
 */
public final class WalReader implements AutoCloseable {
    private static final int MAX_CHUNK = 128 * 1024;

    private final Path path;
    private final ByteBuffer frameHeader = ByteBuffer.allocate(WalFormat.FRAME_HEADER_SIZE);
    private boolean closed;

    // Which file the channel reads, its size when it was looked at, and the header last seen in it.
    private @Nullable FileChannel channel;
    private @Nullable Object identity;
    private long size;
    private byte[] headerBytes = new byte[WalFormat.HEADER_SIZE];
    private @Nullable WalHeader header;

    private WalReader(Path path) {
        this.path = path;
    }

    /**
     * A reader of the log at {@code path}, which need not exist. Opens nothing yet; holds one file open once the log has
     * been there.
     */
    public static WalReader open(Path path) {
        return new WalReader(path);
    }

    /**
     * The position after the last transaction committed at or after {@code from}; equal to {@code from} when nothing is new,
     * which costs some 50 bytes of reading. Any other answer means that {@link #read} has something to tell, be it only that
     * the log was restarted.
     */
    public WalPosition end(WalPosition from) throws IOException {
        return scan(from, Integer.MAX_VALUE).position();
    }

    /** Everything committed after {@code from}, or since frame 0 if {@code from} is no longer in the log. */
    public WalCommits read(WalPosition from) throws IOException {
        return scan(from, Integer.MAX_VALUE);
    }

    /** As {@link #read(WalPosition)}, but no more transactions than have that many frames together; one in any case. */
    public WalCommits read(WalPosition from, int maxFrames) throws IOException {
        return scan(from, maxFrames);
    }

    /**
     * The header of the log.
     *
     * @return null when there is no log, or only bytes that SQLite would take for an empty one
     */
    public @Nullable WalHeader header() throws IOException {
        return this.<@Nullable WalHeader>uninterruptibly(() -> refreshHeader(refreshChannel()));
    }

    /**
     * The page in a committed frame of the generation last seen.
     *
     * @param frameIndex from 0, as {@link WalCommits#frameIndex} and {@link WalPageIndex#frameOf} give it
     * @throws WalDamagedException if the frame is not there any more or its checksum is wrong
     */
    public byte[] page(int frameIndex) throws IOException {
        byte[] frame = frame(frameIndex);
        return Arrays.copyOfRange(frame, WalFormat.FRAME_HEADER_SIZE, frame.length);
    }

    /**
     * Puts the page in a committed frame into {@code target}; otherwise as {@link #page}.
     *
     * @throws java.nio.BufferOverflowException if the page does not fit
     */
    public void readPage(int frameIndex, ByteBuffer target) throws IOException {
        byte[] frame = frame(frameIndex);
        target.put(frame, WalFormat.FRAME_HEADER_SIZE, frame.length - WalFormat.FRAME_HEADER_SIZE);
    }

    /** Closes the file. Idempotent. */
    @Override
    public void close() throws IOException {
        closed = true;
        forget();
    }

    private WalCommits scan(WalPosition from, int maxFrames) throws IOException {
        return uninterruptibly(() -> {
            while (true) {
                WalCommits commits = scanOnce(from, maxFrames);
                // A restart during the scan has overwritten frames that were read before it: those are stale.
                if (commits.position().equals(from) || sameHeader()) {
                    return commits;
                }
            }
        });
    }

    private WalCommits scanOnce(WalPosition from, int maxFrames) throws IOException {
        FileChannel file = refreshChannel();
        WalHeader current = refreshHeader(file);
        if (file == null || current == null) {
            WalContinuity continuity = from.isStart() ? WalContinuity.CONTINUED : WalContinuity.RESTARTED;
            return nothing(from, WalPosition.START, continuity, 0, 0);
        }
        FrameScan scan = new FrameScan(file, size, current, maxFrames);
        if (from.isStart()) {
            scan.run(0, current.checksum());
            return scan.commits(from, WalContinuity.CONTINUED);
        }
        if (!current.isGenerationOf(from)) {
            scan.run(0, current.checksum());
            return scan.commits(from, WalContinuity.RESTARTED);
        }
        if (!readFrameHeader(file, current, from.frames() - 1) || frameHeader.getLong(16) != from.checksum()) {
            scan.run(0, current.checksum());
            return scan.commits(from, WalContinuity.CUT);
        }
        int databaseSize = frameHeader.getInt(4);
        if (hasCommitFrame(file, current, from.frames())) {
            scan.run(from.frames(), from.checksum());
            if (scan.transactions > 0) {
                return scan.commits(from, WalContinuity.CONTINUED);
            }
        }
        return nothing(from, from, WalContinuity.CONTINUED, current.pageSize(), databaseSize);
    }

    /**
     * Whether there may be a commit frame from {@code index} on. Reads headers only: the tail that a large rolled-back
     * transaction leaves is looked at whenever there is nothing new.
     */
    private boolean hasCommitFrame(FileChannel file, WalHeader current, int index) throws IOException {
        for (int i = index; readFrameHeader(file, current, i); i++) {
            if (frameHeader.getInt(4) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Reads a frame header into {@link #frameHeader}; false if the file has no such frame or it has other salts. */
    private boolean readFrameHeader(FileChannel file, WalHeader current, int index) throws IOException {
        long offset = WalFormat.frameOffset(current.pageSize(), index);
        if (size - offset < WalFormat.frameSize(current.pageSize())) {
            return false;
        }
        readAt(file, frameHeader.clear(), offset);
        return !frameHeader.hasRemaining() && hasSalts(frameHeader, 0, current);
    }

    private byte[] frame(int frameIndex) throws IOException {
        if (frameIndex < 0) {
            throw new IllegalArgumentException("frameIndex must be >= 0: " + frameIndex);
        }
        return uninterruptibly(() -> {
            if (channel == null || header == null) {
                refreshHeader(refreshChannel());
            }
            FileChannel file = channel;
            WalHeader current = header;
            if (file == null || current == null) {
                throw new NoSuchFileException(path.toString(), null, "no log to read frame " + frameIndex + " from");
            }
            byte[] frame = new byte[WalFormat.frameSize(current.pageSize())];
            readFully(file, ByteBuffer.wrap(frame), WalFormat.frameOffset(current.pageSize(), frameIndex), frameIndex);
            long before = current.checksum();
            if (frameIndex > 0) {
                ByteBuffer previous = ByteBuffer.allocate(WalFormat.FRAME_HEADER_SIZE);
                long offset = WalFormat.frameOffset(current.pageSize(), frameIndex - 1);
                readFully(file, previous, offset, frameIndex);
                before = previous.getLong(16);
            }
            if (!isValid(frame, 0, current, before)) {
                throw new WalDamagedException(
                        "frame " + frameIndex + " of " + path + " is not a valid frame of the generation "
                                + Integer.toHexString(current.salt1()) + ":" + Integer.toHexString(current.salt2())
                                + ": the log was restarted, cut or damaged");
            }
            return frame;
        });
    }

    private void readFully(FileChannel file, ByteBuffer target, long offset, int frameIndex) throws IOException {
        readAt(file, target, offset);
        if (target.hasRemaining()) {
            throw new EOFException("frame " + frameIndex + " of " + path + " is beyond the end of the log");
        }
    }

    /** Opens the file that is at the path now, or keeps it open; null when there is none. */
    private @Nullable FileChannel refreshChannel() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        try {
            while (true) {
                BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                Object current = identity(attributes);
                FileChannel file = channel;
                if (file != null && file.isOpen() && current.equals(identity)) {
                    size = attributes.size();
                    return file;
                }
                // Looking again after opening makes sure that the file opened is the one looked at.
                forget();
                channel = FileChannel.open(path, StandardOpenOption.READ);
                identity = current;
            }
        } catch (NoSuchFileException e) {
            forget();
            return null;
        }
    }

    private static Object identity(BasicFileAttributes attributes) {
        Object key = attributes.fileKey();
        return key != null ? key : attributes.creationTime();
    }

    private @Nullable WalHeader refreshHeader(@Nullable FileChannel file) throws IOException {
        if (file == null) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(WalFormat.HEADER_SIZE);
        readAt(file, bytes, 0);
        if (bytes.hasRemaining()) {
            header = null;
        } else if (header == null || !Arrays.equals(bytes.array(), headerBytes)) {
            header = WalHeader.decode(bytes.array());
            headerBytes = bytes.array();
        }
        return header;
    }

    private boolean sameHeader() throws IOException {
        WalHeader before = header;
        WalHeader now = refreshHeader(channel);
        return before == null ? now == null : before.equals(now);
    }

    private void forget() throws IOException {
        FileChannel file = channel;
        channel = null;
        identity = null;
        header = null;
        if (file != null) {
            file.close();
        }
    }

    private static WalCommits nothing(
            WalPosition from, WalPosition position, WalContinuity continuity, int pageSize, int databaseSize) {
        return new WalCommits(from, position, continuity, 0, pageSize, databaseSize, new int[0], new int[0]);
    }

    /** Fills {@code target} as far as the file goes. */
    private static void readAt(FileChannel file, ByteBuffer target, long offset) throws IOException {
        long at = offset;
        while (target.hasRemaining()) {
            int count = file.read(target, at);
            if (count < 0) {
                return;
            }
            at += count;
        }
    }

    private static boolean hasSalts(ByteBuffer frame, int offset, WalHeader header) {
        return frame.getInt(offset + 8) == header.salt1() && frame.getInt(offset + 12) == header.salt2();
    }

    private static boolean isValid(byte[] bytes, int offset, WalHeader header, long checksumBefore) {
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        return hasSalts(frame, offset, header)
                && frame.getInt(offset) != 0
                && frame.getLong(offset + 16) == checksumAfter(bytes, offset, header, checksumBefore);
    }

    private static long checksumAfter(byte[] bytes, int offset, WalHeader header, long checksumBefore) {
        boolean bigEndian = header.bigEndianChecksums();
        long checksum = WalChecksum.update(checksumBefore, bytes, offset, WalFormat.FRAME_CHECKSUMMED, bigEndian);
        return WalChecksum.update(checksum, bytes, offset + WalFormat.FRAME_HEADER_SIZE, header.pageSize(), bigEndian);
    }

    /**
     * Runs a read again on a fresh channel if the thread was interrupted, because an interrupt closes the channel: whether a
     * transaction was committed must not depend on it.
     */
    private <T extends @Nullable Object> T uninterruptibly(Read<T> read) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return read.run();
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                    forget();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private interface Read<T extends @Nullable Object> {
        T run() throws IOException;
    }

    /** One pass over frames in the file, which stops at the first one that is not valid. */
    private static final class FrameScan {
        private final FileChannel file;
        private final long size;
        private final WalHeader header;
        private final int maxFrames;

        // The pages of the frames from firstFrame on; only the first committedFrames of them count.
        private int firstFrame;
        private int[] pages = new int[4];
        private int frames;
        private int committedFrames;
        private long committedChecksum;
        private int transactions;
        private int databaseSizeInPages;

        FrameScan(FileChannel file, long size, WalHeader header, int maxFrames) {
            this.file = file;
            this.size = size;
            this.header = header;
            this.maxFrames = maxFrames;
        }

        void run(int from, long checksumBefore) throws IOException {
            firstFrame = from;
            int frameSize = WalFormat.frameSize(header.pageSize());
            long offset = WalFormat.frameOffset(header.pageSize(), from);
            long checksum = checksumBefore;
            // Chunks grow, because behind the few new frames there is often a long stale tail.
            int chunkFrames = 1;
            while (size - offset >= frameSize) {
                chunkFrames = (int) Math.min(chunkFrames, (size - offset) / frameSize);
                byte[] chunk = new byte[chunkFrames * frameSize];
                ByteBuffer target = ByteBuffer.wrap(chunk);
                readAt(file, target, offset);
                int read = target.position() / frameSize * frameSize;
                for (int at = 0; at < read; at += frameSize) {
                    if (!isValid(chunk, at, header, checksum)) {
                        return;
                    }
                    if (frames >= maxFrames && transactions > 0) {
                        return;
                    }
                    checksum = target.getLong(at + 16);
                    accept(target.getInt(at), target.getInt(at + 4), checksum);
                }
                if (read < chunk.length) {
                    return;
                }
                offset += read;
                chunkFrames = Math.min(chunkFrames * 2, Math.max(1, MAX_CHUNK / frameSize));
            }
        }

        private void accept(int page, int databaseSize, long checksum) {
            if (frames == pages.length) {
                pages = Arrays.copyOf(pages, frames * 2);
            }
            pages[frames++] = page;
            if (databaseSize != 0) {
                committedFrames = frames;
                committedChecksum = checksum;
                databaseSizeInPages = databaseSize;
                transactions++;
            }
        }

        WalCommits commits(WalPosition from, WalContinuity continuity) {
            if (transactions == 0) {
                return nothing(from, WalPosition.START, continuity, header.pageSize(), 0);
            }
            PageFrames newest = new PageFrames();
            for (int i = 0; i < committedFrames; i++) {
                newest.put(pages[i], firstFrame + i);
            }
            int[] changed = newest.sortedPages(databaseSizeInPages);
            int[] changedFrames = new int[changed.length];
            for (int i = 0; i < changed.length; i++) {
                changedFrames[i] = newest.get(changed[i]);
            }
            WalPosition position =
                    new WalPosition(header.salt1(), header.salt2(), firstFrame + committedFrames, committedChecksum);
            return new WalCommits(
                    from,
                    position,
                    continuity,
                    transactions,
                    header.pageSize(),
                    databaseSizeInPages,
                    changed,
                    changedFrames);
        }
    }
}
