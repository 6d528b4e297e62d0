package dev.satchel.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * A range of an open file's bytes. If it is the whole file, the bytes' CRC32C is checked before the last of them are handed out.
 * Confined to one thread; closing it closes the file.
 */
final class FileBodyStream extends InputStream {
    private final Path path;
    private final FileChannel file;
    private final CRC32C crc = new CRC32C();
    private final boolean whole;
    private final int expectedCrc;
    private long position;
    private long left;

    FileBodyStream(Path path, FileChannel file, Sidecar.Entry entry, long offset, long length) {
        this.path = path;
        this.file = file;
        this.whole = length == entry.size();
        this.expectedCrc = entry.crc32c();
        this.position = offset;
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        int count = file.read(ByteBuffer.wrap(buffer, offset, (int) Math.min(length, left)), position);
        if (count < 0) {
            throw new IOException(path + " has become shorter while it was read");
        }
        position += count;
        left -= count;
        if (whole) {
            crc.update(buffer, offset, count);
            if (left == 0 && (int) crc.getValue() != expectedCrc) {
                throw new DamagedFileException(
                        "the bytes of " + path + " are not those that were put, by their checksum", null);
            }
        }
        return count;
    }

    @Override
    public int available() {
        return (int) Math.min(left, Integer.MAX_VALUE);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
