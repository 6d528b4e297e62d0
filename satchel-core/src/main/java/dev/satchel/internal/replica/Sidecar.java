package dev.satchel.internal.replica;

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

/**
 * What a cleanly closed main file holds, in a small text file beside it. It exists only while the replica is closed: opening
 * removes it, so a file without one was in use when its process ended, and is not trusted.
 */
final class Sidecar {
    private static final String MAGIC = "satchel-replica 2";
    private static final HexFormat HEX = HexFormat.of();

    private Sidecar() {}

    /** Writes it, whole or not at all. */
    static void write(Path file, DatabaseId id, Baseline baseline) throws IOException {
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
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(temporary, body + checksum(body) + "\n");
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Reads it; empty if there is none, or none that can be trusted. */
    static Optional<Baseline> read(Path file, DatabaseId id) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        List<String> lines =
                new String(bytes, StandardCharsets.ISO_8859_1).lines().toList();
        if (lines.size() != 10) {
            return Optional.empty();
        }
        String body = String.join("\n", lines.subList(0, 9)) + "\n";
        if (!lines.get(9).equals(checksum(body))
                || !lines.get(0).equals(MAGIC)
                || !lines.get(1).equals(id.path())) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Baseline(
                    Long.parseLong(lines.get(2)),
                    lines.get(3),
                    lines.get(4),
                    Instant.parse(lines.get(5)),
                    HexFormat.fromHexDigitsToLong(lines.get(6)),
                    Integer.parseInt(lines.get(7)),
                    Long.parseLong(lines.get(8))));
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String checksum(String body) {
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.ISO_8859_1));
        return HEX.toHexDigits((int) crc.getValue());
    }
}
