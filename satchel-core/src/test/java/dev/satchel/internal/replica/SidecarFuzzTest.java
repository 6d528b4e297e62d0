package dev.satchel.internal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs its seeds; {@code make fuzz} searches. */
class SidecarFuzzTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final Path FILE = Path.of("database.replica");
    private static final Baseline BASELINE = new Baseline(
            7, "0123456789abcdef", "host-1-2", Instant.parse("2026-11-22T10:11:12.123Z"), 0x8000_0000_0000_0001L, 3, 0);

    static Stream<byte[]> sidecars() {
        return Stream.of(
                new byte[0],
                Sidecar.encode(ID, BASELINE),
                Sidecar.encode(DatabaseId.of("bob"), BASELINE),
                Sidecar.encode(ID, Baseline.NONE));
    }

    @MethodSource("sidecars")
    @FuzzTest(maxDuration = "1m")
    void anyBytesAreASidecarOrCorrupt(byte[] bytes) {
        requireBaselineOrCorrupt(bytes);
    }

    /** The checksum is right here, so that the search gets past it. */
    @FuzzTest(maxDuration = "1m")
    void anyLinesUnderARightChecksumAreASidecarOrCorrupt(FuzzedDataProvider data) {
        StringBuilder body = new StringBuilder("satchel-replica 2\n");
        body.append(data.consumeBoolean() ? ID.path() : data.consumeAsciiString(20))
                .append('\n');
        body.append(data.consumeBoolean() ? data.consumeLong() : data.consumeAsciiString(20))
                .append('\n');
        body.append("id\nwriter\n");
        body.append(data.consumeBoolean() ? Instant.EPOCH : data.consumeAsciiString(30))
                .append('\n');
        body.append(
                        data.consumeBoolean()
                                ? HexFormat.of().toHexDigits(data.consumeLong())
                                : data.consumeAsciiString(20))
                .append('\n');
        body.append(data.consumeBoolean() ? data.consumeInt() : data.consumeAsciiString(12))
                .append('\n');
        body.append(data.consumeBoolean() ? data.consumeLong() : data.consumeAsciiString(12))
                .append('\n');
        CRC32C crc = new CRC32C();
        crc.update(body.toString().getBytes(StandardCharsets.ISO_8859_1));
        body.append(HexFormat.of().toHexDigits((int) crc.getValue())).append('\n');
        requireBaselineOrCorrupt(body.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void requireBaselineOrCorrupt(byte[] bytes) {
        Baseline found;
        try {
            found = Sidecar.decode(FILE, ID, bytes);
        } catch (CorruptException e) {
            assertThat(e.kind()).isEqualTo(CorruptException.Kind.LOCAL_COPY);
            return;
        }
        assertThat(found.version()).isPositive();
        assertThat(found.sizeInPages()).isPositive();
        assertThat(Sidecar.decode(FILE, ID, Sidecar.encode(ID, found))).isEqualTo(found);
    }
}
