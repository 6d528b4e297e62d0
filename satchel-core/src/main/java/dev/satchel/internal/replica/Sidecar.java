package dev.satchel.internal.replica;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a cleanly closed main file holds, in a small text file beside it. It exists only while the replica is closed: opening
 * removes it, so a file without one was in use when its process ended, and is not trusted.
 */
final class Sidecar {
    private static final String MAGIC = "satchel-replica 2";
    private static final int MAX_BYTES = 64 * 1024;
    private static final HexFormat HEX = HexFormat.of();

    private Sidecar() {}

    /** Writes it, whole or not at all. */
    static void write(Path file, DatabaseId id, Baseline baseline) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.write(temporary, encode(id, baseline));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static byte[] encode(DatabaseId id, Baseline baseline) {
        String body = String.join(
                        "\n",
                        MAGIC,
                        id.path(),
                        Long.toString(baseline.version()),
                        baseline.commitId(),
                        baseline.writer(),
                        baseline.timestamp().toString(),
                        HEX.toHexDigits(baseline.checksum()),
                        Integer.toString(baseline.sizeInPages()),
                        Long.toString(baseline.life()))
                + "\n";
        return (body + checksum(body) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Reads it; empty if there is none.
     *
     * @throws CorruptException if it cannot be trusted
     */
    static Optional<Baseline> read(Path file, DatabaseId id) throws IOException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw damaged(file, id, "it is too long", null);
            }
            return Optional.of(decode(file, id, Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /**
     * What the bytes of a sidecar say.
     *
     * @throws CorruptException if they are not those of this database's sidecar
     */
    static Baseline decode(Path file, DatabaseId id, byte[] bytes) {
        List<String> lines =
                new String(bytes, StandardCharsets.ISO_8859_1).lines().toList();
        if (lines.size() != 10 || !lines.get(0).equals(MAGIC)) {
            throw damaged(file, id, "it is not a sidecar of this version", null);
        }
        if (!lines.get(9).equals(checksum(String.join("\n", lines.subList(0, 9)) + "\n"))) {
            throw damaged(file, id, "its checksum is wrong", null);
        }
        if (!lines.get(1).equals(id.path())) {
            throw damaged(file, id, "it belongs to database " + lines.get(1), null);
        }
        try {
            Baseline found = new Baseline(
                    Long.parseLong(lines.get(2)),
                    lines.get(3),
                    lines.get(4),
                    Instant.parse(lines.get(5)),
                    HexFormat.fromHexDigitsToLong(lines.get(6)),
                    Integer.parseInt(lines.get(7)),
                    Long.parseLong(lines.get(8)));
            if (found.version() < 1 || found.sizeInPages() < 1 || found.life() < 0) {
                throw new IllegalArgumentException("version and size must be 1 or more");
            }
            return found;
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            throw damaged(file, id, "it does not say what it should: " + e.getMessage(), e);
        }
    }

    private static CorruptException damaged(Path file, DatabaseId id, String why, @Nullable Throwable cause) {
        return new CorruptException(
                CorruptException.Kind.LOCAL_COPY,
                "database " + id + ": file " + file + " is damaged: " + why + "; the local copy is loaded again",
                cause);
    }

    private static String checksum(String body) {
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.ISO_8859_1));
        return HEX.toHexDigits((int) crc.getValue());
    }
}
