package dev.satchel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.store.Sidecar.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SidecarTest {
    private static final Entry OLD = new Entry("old", 0, 0, Instant.EPOCH, Map.of());
    private static final Entry NEW = new Entry(
            "new",
            1L << 40,
            0xfedcba98,
            Instant.parse("2026-11-22T10:11:12.000123Z"),
            Map.of("object", "object x: y", "checksum", "1: 2", "db-version", "7"));
    private static final Sidecar BOTH = new Sidecar(List.of(OLD, NEW));

    @Test
    void isReadableText() {
        assertThat(new String(BOTH.encode(), StandardCharsets.US_ASCII))
                .isEqualTo("""
                        satchel-meta 1
                        object old 0 00000000 1970-01-01T00:00:00Z
                        object new 1099511627776 fedcba98 2026-11-22T10:11:12.000123Z
                        checksum: 1: 2
                        db-version: 7
                        object: object x: y
                        checksum CRC
                        """.replace("CRC", checksumOf(BOTH)));
    }

    @Test
    void comesBackAsItWas() throws Exception {
        for (Sidecar sidecar : List.of(BOTH, new Sidecar(List.of(OLD)), new Sidecar(List.of(NEW)))) {
            assertThat(Sidecar.decode(sidecar.encode())).isEqualTo(sidecar);
        }
    }

    @Test
    void isRefusedWhenCutAnywhere() {
        byte[] bytes = BOTH.encode();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Sidecar.decode(cut)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void isRefusedWithAnyBitFlipped() {
        for (int bit = 0; bit < BOTH.encode().length * 8; bit++) {
            byte[] flipped = BOTH.encode();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> Sidecar.decode(flipped)).isInstanceOf(IOException.class);
        }
    }

    private static String checksumOf(Sidecar sidecar) {
        String text = new String(sidecar.encode(), StandardCharsets.US_ASCII);
        return text.substring(text.length() - 9, text.length() - 1);
    }
}
