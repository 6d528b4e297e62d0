package dev.satchel.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs its seeds; {@code make fuzz} searches. */
class SidecarFuzzTest {
    private static final Sidecar.Entry OLD = new Sidecar.Entry("old", 0, 0, Instant.EPOCH, Map.of());
    private static final Sidecar.Entry NEW = new Sidecar.Entry(
            "new", 1L << 40, -1, Instant.parse("2026-11-22T10:11:12.000123Z"), Map.of("db-version", "7", "a", "b: c"));

    static Stream<byte[]> sidecars() {
        return Stream.of(
                new byte[0],
                new Sidecar(List.of(OLD)).encode(),
                new Sidecar(List.of(OLD, NEW)).encode(),
                new Sidecar(List.of(NEW)).encode());
    }

    @MethodSource("sidecars")
    @FuzzTest(maxDuration = "1m")
    void anyBytesAreASidecarOrAnError(byte[] bytes) {
        requireSidecarOrError(bytes);
    }

    /** The checksum is right here, so that the search gets past it. */
    @FuzzTest(maxDuration = "1m")
    void anyTextUnderARightChecksumIsASidecarOrAnError(FuzzedDataProvider data) {
        String text = "satchel-meta 1\n" + data.consumeRemainingAsAsciiString();
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        requireSidecarOrError(
                (text + "checksum %08x\n".formatted((int) crc.getValue())).getBytes(StandardCharsets.US_ASCII));
    }

    /** Entries as they are written, with a word changed here and there. */
    @FuzzTest(maxDuration = "1m")
    void anyEntriesUnderARightChecksumAreASidecarOrAnError(FuzzedDataProvider data) {
        StringBuilder text = new StringBuilder("satchel-meta 1\n");
        for (int i = data.consumeInt(0, 3); i > 0; i--) {
            text.append("object etag ")
                    .append(data.consumeBoolean() ? data.consumeLong() : data.consumeAsciiString(12))
                    .append(' ')
                    .append(data.consumeBoolean() ? "00c0ffee" : data.consumeAsciiString(10))
                    .append(' ')
                    .append(data.consumeBoolean() ? Instant.EPOCH : data.consumeAsciiString(30))
                    .append('\n');
            for (int j = data.consumeInt(0, 2); j > 0; j--) {
                text.append(data.consumeAsciiString(8))
                        .append(data.consumeBoolean() ? ": " : "")
                        .append(data.consumeAsciiString(8))
                        .append('\n');
            }
        }
        CRC32C crc = new CRC32C();
        crc.update(text.toString().getBytes(StandardCharsets.US_ASCII));
        text.append("checksum %08x\n".formatted((int) crc.getValue()));
        requireSidecarOrError(text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static void requireSidecarOrError(byte[] bytes) {
        Sidecar found;
        try {
            found = Sidecar.decode(bytes);
        } catch (IOException e) {
            return;
        }
        assertThat(found.entries()).hasSizeBetween(1, 2);
        found.entries().forEach(entry -> assertThat(entry.size()).isNotNegative());
        try {
            assertThat(Sidecar.decode(found.encode())).isEqualTo(found);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
