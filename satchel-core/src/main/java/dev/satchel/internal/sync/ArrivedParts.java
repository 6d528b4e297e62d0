package dev.satchel.internal.sync;

import dev.satchel.store.ObjectInfo;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Which parts of a download are in its file. If it is to be gone on with after a failure, or by a later process, that stands in
 * a file beside it, {@code <file>-parts}: the object's etag, size and size of a part, then the number of each part that has
 * arrived. A power failure may leave numbers of parts that are not on the disk; whoever has all of them compares the whole with
 * its digest. Confined to one thread.
 */
final class ArrivedParts implements AutoCloseable {
    private final BitSet arrived = new BitSet();
    private final @Nullable OutputStream journal;

    private ArrivedParts(@Nullable OutputStream journal) {
        this.journal = journal;
    }

    /** The file beside a download's. */
    static Path journalOf(Path target) {
        return target.resolveSibling(target.getFileName() + "-parts");
    }

    /** None yet, of a file that is made as long as the object; nothing is kept for later. */
    static ArrivedParts none(ObjectInfo object, Path target) throws IOException {
        Files.deleteIfExists(journalOf(target));
        reserve(object, target);
        return new ArrivedParts(null);
    }

    /** Those that an earlier attempt at the same object has left, if any. */
    static ArrivedParts resume(ObjectInfo object, int partBytes, int parts, Path target) throws IOException {
        Path file = journalOf(target);
        byte[] header = header(object, partBytes);
        BitSet earlier =
                Files.exists(target) && Files.size(target) == object.size() ? read(file, header, parts) : new BitSet();
        if (earlier.isEmpty()) {
            reserve(object, target);
        }
        // Written anew: behind a number that was cut off, those that follow would be read wrong.
        ArrivedParts arrived = new ArrivedParts(Files.newOutputStream(file));
        try {
            arrived.require(header);
            for (int part = earlier.nextSetBit(0); part >= 0; part = earlier.nextSetBit(part + 1)) {
                arrived.add(part);
            }
            return arrived;
        } catch (IOException e) {
            arrived.close();
            throw e;
        }
    }

    private static void reserve(ObjectInfo object, Path target) throws IOException {
        Files.deleteIfExists(target);
        try (RandomAccessFile file = new RandomAccessFile(target.toFile(), "rw")) {
            file.setLength(object.size());
        }
    }

    private static byte[] header(ObjectInfo object, int partBytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(object.etag());
        out.writeLong(object.size());
        out.writeInt(partBytes);
        return bytes.toByteArray();
    }

    private static BitSet read(Path file, byte[] header, int parts) throws IOException {
        BitSet found = new BitSet();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (!Arrays.equals(in.readNBytes(header.length), header)) {
                return found;
            }
            while (true) {
                int part = in.readInt();
                if (part < 0 || part >= parts) {
                    return new BitSet(); // Nothing that we wrote.
                }
                found.set(part);
            }
        } catch (NoSuchFileException | EOFException e) {
            return found; // A number that is cut off is one that was not written yet.
        }
    }

    private void require(byte[] header) throws IOException {
        if (journal != null) {
            journal.write(header);
        }
    }

    boolean has(int part) {
        return arrived.get(part);
    }

    int count() {
        return arrived.cardinality();
    }

    void add(int part) throws IOException {
        arrived.set(part);
        if (journal != null) {
            journal.write(new byte[] {(byte) (part >>> 24), (byte) (part >>> 16), (byte) (part >>> 8), (byte) part});
        }
    }

    @Override
    public void close() throws IOException {
        if (journal != null) {
            journal.close();
        }
    }

    /** Nothing of a download is to be gone on with. */
    static void forget(Path target) throws IOException {
        Files.deleteIfExists(journalOf(target));
    }
}
