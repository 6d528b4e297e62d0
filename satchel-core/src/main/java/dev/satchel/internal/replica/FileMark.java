package dev.satchel.internal.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a file looks like from outside: two equal marks mean that nobody has replaced or written it in between.
 *
 * @param identity of the file, null where the file system has none
 * @param size bytes
 * @param modified when it was last written
 */
record FileMark(@Nullable Object identity, long size, FileTime modified) {
    /** The mark of a file now; null if there is none. One look at the file system; opens nothing. */
    static @Nullable FileMark of(Path file) throws IOException {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileMark(found.fileKey(), found.size(), found.lastModifiedTime());
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    boolean isSameFile(@Nullable FileMark other) {
        return other != null && Objects.equals(identity, other.identity);
    }
}
