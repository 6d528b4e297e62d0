package dev.satchel.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Files and folders whose bytes and names are on the disk, not only in the system's memory, when a method returns. Immutable. */
final class DurableFiles {
    private final boolean fsync;
    private final boolean foldersToo;

    /** Without fsync all is left to the system, which writes it some seconds later. */
    DurableFiles(boolean fsync) {
        this.fsync = fsync;
        // Windows cannot open a folder to sync it; NTFS has journaled the name.
        this.foldersToo = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    /** Writes a new file. */
    void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel out = create(file)) {
            writeFully(out, ByteBuffer.wrap(bytes));
            force(out);
        }
    }

    /** Makes a file's bytes durable; not its name. */
    void force(FileChannel file) throws IOException {
        if (fsync) {
            file.force(true);
        }
    }

    /** Makes the names in a folder durable, even on a thread that is interrupted: what named them cannot be undone. */
    void sync(Path folder) throws IOException {
        if (!fsync || !foldersToo) {
            return;
        }
        boolean interrupted = false;
        try {
            while (true) {
                try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted = Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Makes it durable that a file has gone from a folder. Others may have removed the folder since, and those above it, up to the
     * top, which stays: then its own name must be gone durably.
     */
    void syncRemoval(Path folder, Path top) throws IOException {
        for (Path existing = folder; ; existing = parent(existing)) {
            try {
                sync(existing);
                return;
            } catch (NoSuchFileException e) {
                if (existing.equals(top)) {
                    throw e;
                }
            }
        }
    }

    /** Makes one folder, unless it is there. */
    void createFolder(Path folder) throws IOException {
        try {
            Files.createDirectory(folder);
            sync(parent(folder));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
    }

    static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    /**
     * Gives a file a second name, which must be new.
     *
     * @return false if the file system has no hard links
     */
    static boolean link(Path file, Path name) throws IOException {
        try {
            Files.createLink(name, file);
            return true;
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            return false;
        }
    }

    /** Removes a file nobody needs; if that fails, it stays. */
    static void removeQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It does no harm, and is removed as abandoned later.
        }
    }

    /** Removes the folder and those above it as long as they are empty, up to the top, which stays. */
    static void removeEmptyFolders(Path folder, Path top) throws IOException {
        try {
            for (Path empty = folder; !empty.equals(top); empty = parent(empty)) {
                Files.deleteIfExists(empty);
            }
        } catch (DirectoryNotEmptyException e) {
            // The rest is needed.
        }
    }

    /** Removes a folder with all folders inside, and files too if asked; what is not empty stays. */
    static void removeTree(Path folder, boolean files) throws IOException {
        List<Path> children;
        try (Stream<Path> listed = Files.list(folder)) {
            children = listed.toList();
        }
        for (Path child : children) {
            if (Files.isDirectory(child)) {
                removeTree(child, files);
            } else if (files) {
                Files.deleteIfExists(child);
            }
        }
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            // The caller sees that it is still there.
        }
    }

    /** The folder of a file that is in one. */
    static Path parent(Path file) {
        return Objects.requireNonNull(file.getParent(), "parent");
    }
}
