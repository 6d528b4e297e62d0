package dev.satchel.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalHeaderTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void comesBackFromItsBytes(boolean bigEndian) {
        for (int pageSize = 512; pageSize <= 65536; pageSize *= 2) {
            WalHeader header = WalHeader.of(pageSize, 3, 0x89abcdef, -1, bigEndian);

            assertThat(WalHeader.decode(header.encode())).isEqualTo(header);
        }
    }

    @Test
    void isNothingWithAnyBitFlipped() {
        byte[] bytes = WalHeader.of(4096, 0, 1, 2, false).encode();
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] damaged = bytes.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);

            assertThat(WalHeader.decode(damaged)).as("bit %d", bit).isNull();
        }
    }

    @Test
    void isNothingInAnUnknownVersionHoweverValidTheChecksum() {
        byte[] bytes = WalHeader.of(4096, 0, 1, 2, true).encode();
        bytes[7]++;
        long checksum = WalChecksum.update(0, bytes, 0, 24, true);
        for (int i = 0; i < 8; i++) {
            bytes[24 + i] = (byte) (checksum >>> (56 - 8 * i));
        }

        assertThat(WalHeader.decode(bytes)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256, 511, 513, 4095, 131072, Integer.MIN_VALUE})
    void refusesAPageSizeThatSqliteDoesNotHave(int pageSize) {
        assertThatThrownBy(() -> WalHeader.of(pageSize, 0, 1, 2, false)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sumsWordsInBothByteOrders() {
        byte[] bytes = HexFormat.of().parseHex("01000000020000000300000004000000");

        assertThat(WalChecksum.update(WalChecksum.of(0, 0), bytes, 0, 16, false))
                .isEqualTo(WalChecksum.of(7, 14));
        assertThat(WalChecksum.update(0, bytes, 0, 16, true)).isEqualTo(WalChecksum.of(7 << 24, 14 << 24));
        assertThat(WalChecksum.first(WalChecksum.of(-7, -14))).isEqualTo(-7);
        assertThat(WalChecksum.second(WalChecksum.of(-7, -14))).isEqualTo(-14);
        assertThatThrownBy(() -> WalChecksum.update(0, bytes, 0, 12, true))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
