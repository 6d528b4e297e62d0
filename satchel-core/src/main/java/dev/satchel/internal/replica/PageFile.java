package dev.satchel.internal.replica;

import dev.satchel.internal.ltx.LtxFormat;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A SQLite main file as pages. Not a channel: an interrupted thread would close it, and with it every lock SQLite holds on the
 * file in this process. Thread-safe.
 */
final class PageFile implements AutoCloseable {
    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

    private final ReentrantLock lock = new ReentrantLock();
    private final RandomAccessFile file;
    private int pageSize;

    private PageFile(RandomAccessFile file) {
        this.file = file;
    }

    /** Opens a file, creating it if need be; the page size is the header's, 0 if it has none. */
    static PageFile open(Path path) throws IOException {
        PageFile opened = new PageFile(new RandomAccessFile(path.toFile(), "rw"));
        try {
            opened.pageSize = opened.statedPageSize();
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private int statedPageSize() throws IOException {
        byte[] header = new byte[18];
        if (file.length() < 100) {
            return 0;
        }
        file.seek(0);
        file.readFully(header);
        if (!Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return 0;
        }
        int stated = (header[16] & 0xff) << 8 | (header[17] & 0xff);
        int size = stated == 1 ? 65536 : stated;
        return LtxFormat.isPageSize(size) ? size : 0;
    }

    /** Bytes of a page, 0 as long as the file is empty and none has been set. */
    int pageSize() {
        return pageSize;
    }

    /** States the page size of a file that is about to get its first page. */
    void pageSize(int size) {
        pageSize = size;
    }

    /** The file's length in bytes. */
    long length() throws IOException {
        lock.lock();
        try {
            return file.length();
        } finally {
            lock.unlock();
        }
    }

    /** Reads a page; what lies beyond the file's end is zero, as SQLite has it. */
    byte[] read(int pageNumber) throws IOException {
        byte[] page = new byte[pageSize];
        lock.lock();
        try {
            file.seek((pageNumber - 1L) * pageSize);
            int done = 0;
            int n;
            while (done < pageSize && (n = file.read(page, done, pageSize - done)) > 0) {
                done += n;
            }
            return page;
        } finally {
            lock.unlock();
        }
    }

    /** Writes a page. */
    void write(int pageNumber, byte[] page) throws IOException {
        lock.lock();
        try {
            file.seek((pageNumber - 1L) * pageSize);
            file.write(page);
        } finally {
            lock.unlock();
        }
    }

    /** Makes the file exactly so many pages long. */
    void resize(int sizeInPages) throws IOException {
        lock.lock();
        try {
            file.setLength((long) sizeInPages * pageSize);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
