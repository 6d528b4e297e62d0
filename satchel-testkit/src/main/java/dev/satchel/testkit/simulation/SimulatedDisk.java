package dev.satchel.testkit.simulation;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node's disk: a file system over a real folder that can be full, in which a process can die at every step, and that knows
 * what a power failure would take: what was not forced, and names whose folder was not. Confined to the simulation's thread.
 *
 * <p>What SQLite does itself, and pages written in place, go to the real files past it; a power failure may damage them at
 * any time.
 */
final class SimulatedDisk extends FileSystem {
    private static final String LOCK = ".lock";

    private final Provider provider = new Provider();
    private final Path real;
    private final Life life;
    private final Random random;
    private final Runnable onFull;
    /** Files and folders that were there before, or whose name and bytes have been forced. */
    private final Set<Path> durableNames = new HashSet<>();

    private final Set<Path> durableBytes = new HashSet<>();
    private boolean full;
    private boolean bypassed;

    /**
     * A disk in a real folder; what is in it is on the disk for good.
     *
     * @param onFull told of each write that was refused
     */
    SimulatedDisk(Path real, Life life, Random random, Runnable onFull) throws IOException {
        this.real = real;
        this.life = life;
        this.random = random;
        this.onFull = onFull;
        if (Files.exists(real)) {
            try (Stream<Path> files = Files.walk(real)) {
                files.forEach(file -> {
                    durableNames.add(file);
                    durableBytes.add(file);
                });
            }
        }
        durableNames.add(real);
    }

    /** The node's folder, as the engine is to see it. */
    Path folder() {
        return new SimulatedPath(this, real);
    }

    /** Nothing can be written any more, or again. */
    void full(boolean value) {
        full = value;
    }

    boolean isFull() {
        return full;
    }

    /** Ends all faults, so that what is left of a process can be cleared away. */
    void bypass() {
        bypassed = true;
    }

    // ---- steps ------------------------------------------------------------------------------------------------------

    private void change(Change change) throws IOException {
        if (bypassed) {
            change.make();
            return;
        }
        if (life.isLastStep()) {
            if (random.nextBoolean()) {
                change.make();
            }
            throw new Life.Died();
        }
        change.make();
    }

    private void requireRoom(Path file) throws IOException {
        if (full && !bypassed) {
            onFull.run();
            throw new FileSystemException(file.toString(), null, "No space left on device");
        }
    }

    /** Something that changes what is on the disk. */
    private interface Change {
        void make() throws IOException;
    }

    // ---- power failure ----------------------------------------------------------------------------------------------

    /** Copies what is left after the process was killed, or with it the power. */
    void copyTo(Path target, boolean powerFailed) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(real)) {
            all = files.sorted().toList();
        }
        Set<Path> lost = new HashSet<>();
        int mercy = 1 + random.nextInt(4); // One of so many is hit of what may be.
        for (Path file : all) {
            Path copy = target.resolve(real.relativize(file).toString());
            if (lost.contains(file.getParent())
                    || (powerFailed && !durableNames.contains(file) && random.nextInt(2 * mercy) == 0)) {
                lost.add(file);
            } else if (Files.isDirectory(file)) {
                Files.createDirectories(copy);
            } else if (!file.getFileName().toString().equals(LOCK)) {
                byte[] bytes = Files.readAllBytes(file);
                boolean hit = powerFailed && !durableBytes.contains(file) && random.nextInt(mercy) == 0;
                Files.write(copy, hit ? damaged(bytes) : bytes);
            }
        }
    }

    private byte[] damaged(byte[] bytes) {
        if (bytes.length == 0) {
            return bytes;
        }
        int kind = random.nextInt(3);
        int at = random.nextInt(bytes.length);
        if (kind == 0) {
            return java.util.Arrays.copyOf(bytes, at);
        } else if (kind == 1) {
            bytes[at] ^= 1;
        } else {
            // A page that was never written.
            int page = at - at % 4096;
            java.util.Arrays.fill(bytes, page, Math.min(bytes.length, page + 4096), (byte) 0);
        }
        return bytes;
    }

    // ---- files ------------------------------------------------------------------------------------------------------

    private Path realOf(Path path) {
        return ((SimulatedPath) path).real();
    }

    private final class Provider extends FileSystemProvider {
        @Override
        public String getScheme() {
            return "simulated";
        }

        @Override
        public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileSystem getFileSystem(URI uri) {
            return SimulatedDisk.this;
        }

        @Override
        public Path getPath(URI uri) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SeekableByteChannel newByteChannel(
                Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            return newFileChannel(path, options, attributes);
        }

        @Override
        public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException {
            Path file = realOf(path);
            boolean writes = options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
            if (!writes) {
                FileChannel channel = FileChannel.open(file, options, attributes);
                return Files.isDirectory(file) ? new Folder(channel, file) : channel;
            }
            if (file.getFileName().toString().equals(LOCK)) {
                return FileChannel.open(file, options, attributes);
            }
            requireRoom(file);
            boolean isNew = !Files.exists(file);
            FileChannel[] opened = new FileChannel[1];
            change(() -> {
                opened[0] = FileChannel.open(file, options, attributes);
                if (isNew) {
                    durableNames.remove(file);
                }
                durableBytes.remove(file);
            });
            return new Written(opened[0], file);
        }

        @Override
        public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter)
                throws IOException {
            List<Path> found = new ArrayList<>();
            try (DirectoryStream<Path> files = Files.newDirectoryStream(realOf(folder))) {
                for (Path file : files) {
                    found.add(file);
                }
            }
            // In an order that does not depend on the machine.
            found.sort(null);
            List<Path> accepted = new ArrayList<>();
            for (Path file : found) {
                Path wrapped = new SimulatedPath(SimulatedDisk.this, file);
                if (filter.accept(wrapped)) {
                    accepted.add(wrapped);
                }
            }
            return new DirectoryStream<>() {
                @Override
                public Iterator<Path> iterator() {
                    return accepted.iterator();
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
            Path made = realOf(folder);
            if (Files.exists(made)) {
                Files.createDirectory(made, attributes); // fails as it should
            }
            requireRoom(made);
            change(() -> {
                Files.createDirectory(made, attributes);
                durableNames.remove(made);
            });
        }

        @Override
        public void delete(Path path) throws IOException {
            Path file = realOf(path);
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new NoSuchFileException(file.toString());
            }
            change(() -> {
                Files.delete(file);
                durableNames.remove(file);
                durableBytes.remove(file);
            });
        }

        @Override
        public void copy(Path source, Path target, CopyOption... options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void move(Path source, Path target, CopyOption... options) throws IOException {
            Path from = realOf(source);
            Path to = realOf(target);
            change(() -> {
                Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                durableNames.remove(from);
                durableNames.remove(to);
                if (durableBytes.remove(from)) {
                    durableBytes.add(to);
                } else {
                    durableBytes.remove(to);
                }
            });
        }

        @Override
        public boolean isSameFile(Path one, Path other) throws IOException {
            return Files.isSameFile(realOf(one), realOf(other));
        }

        @Override
        public boolean isHidden(Path path) {
            return false;
        }

        @Override
        public FileStore getFileStore(Path path) throws IOException {
            return Files.getFileStore(realOf(path));
        }

        @Override
        public void checkAccess(Path path, AccessMode... modes) throws IOException {
            Path file = realOf(path);
            file.getFileSystem().provider().checkAccess(file, modes);
        }

        @Override
        public <V extends FileAttributeView> @Nullable V getFileAttributeView(
                Path path, Class<V> type, LinkOption... options) {
            return Files.getFileAttributeView(realOf(path), type, options);
        }

        @Override
        public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
                throws IOException {
            return Files.readAttributes(realOf(path), type, options);
        }

        @Override
        public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
                throws IOException {
            return Files.readAttributes(realOf(path), attributes, options);
        }

        @Override
        public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
            Files.setAttribute(realOf(path), attribute, value, options);
        }
    }

    /** A file that is being written. */
    private final class Written extends ForwardingFileChannel {
        private final Path file;

        Written(FileChannel channel, Path file) {
            super(channel);
            this.file = file;
        }

        @Override
        void beforeWrite() throws IOException {
            requireRoom(file);
            change(() -> durableBytes.remove(file));
        }

        @Override
        public void force(boolean metadata) throws IOException {
            change(() -> durableBytes.add(file));
        }
    }

    /** A folder that is opened to force the names in it. */
    private final class Folder extends ForwardingFileChannel {
        private final Path folder;

        Folder(FileChannel channel, Path folder) {
            super(channel);
            this.folder = folder;
        }

        @Override
        void beforeWrite() throws IOException {
            throw new IOException(folder + " is a folder");
        }

        @Override
        public void force(boolean metadata) throws IOException {
            change(() -> {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                    files.forEach(durableNames::add);
                }
            });
        }
    }

    // ---- the file system --------------------------------------------------------------------------------------------

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() {}

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return real.getFileSystem().getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(new SimulatedPath(this, real.getRoot()));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return real.getFileSystem().getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return real.getFileSystem().supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
        return new SimulatedPath(this, real.getFileSystem().getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        PathMatcher matcher = real.getFileSystem().getPathMatcher(syntaxAndPattern);
        return path -> matcher.matches(realOf(path));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        return real.getFileSystem().getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException();
    }
}
