package dev.satchel.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bytes to put: a known length, and a stream that can be opened again for another attempt. */
public sealed interface ObjectBody {

    /** These bytes. They are not copied and must not change until the put has returned. */
    static ObjectBody of(byte[] bytes) {
        return new Bytes(bytes);
    }

    /** A file's bytes. It must not change until the put has returned. */
    static ObjectBody of(Path file) {
        return new FileBody(file);
    }

    /** How many bytes. */
    long size() throws IOException;

    /** A fresh stream over all bytes; the caller closes it. */
    InputStream open() throws IOException;

    /**
     * Bytes in memory.
     *
     * @param bytes the body
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; copying a commit for each attempt would be waste
    record Bytes(byte[] bytes) implements ObjectBody {
        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(bytes);
        }
    }

    /**
     * Bytes on disk.
     *
     * @param file the body
     */
    record FileBody(Path file) implements ObjectBody {
        @Override
        public long size() throws IOException {
            return Files.size(file);
        }

        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }
}
