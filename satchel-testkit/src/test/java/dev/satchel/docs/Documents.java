package dev.satchel.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The files of the repository that the tests of the documentation look at. */
final class Documents {
    private static final Set<String> NOT_OURS = Set.of(".git", "target", "node_modules", "data");

    private Documents() {}

    /** The folder of the root project. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("satchel-bom"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException(
                        "not run inside the repository: " + Path.of("").toAbsolutePath());
            }
        }
        return folder;
    }

    /** All files whose name ends so, except what was built or installed. */
    static List<Path> files(String suffix) {
        return files(path -> path.toString().endsWith(suffix));
    }

    private static List<Path> files(Predicate<Path> wanted) {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(root(), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    boolean ours = !NOT_OURS.contains(String.valueOf(folder.getFileName()));
                    return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (wanted.test(file)) {
                        found.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        found.sort(Comparator.naturalOrder());
        return found;
    }

    /** The text of a file. */
    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file as messages name it. */
    static String name(Path file) {
        return root().relativize(file).toString().replace('\\', '/');
    }
}
