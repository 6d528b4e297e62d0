package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Crc64Test {
    private static final byte[] DIGITS = "123456789".getBytes(StandardCharsets.US_ASCII);

    @Test
    void hasTheCheckValueOfIso3309() {
        assertThat(Crc64.of(DIGITS, 0, DIGITS.length)).isEqualTo(0xb90956c775a41001L);
    }

    @Test
    void noBytesGiveZero() {
        assertThat(new Crc64().getValue()).isZero();
        assertThat(Crc64.of(DIGITS, 4, 0)).isZero();
    }

    @Test
    void agreesWithTheBytewiseDefinitionForEveryLengthAndAlignment() {
        byte[] bytes = LtxFiles.noise(new Random(1), 120);
        for (int offset = 0; offset < 20; offset++) {
            for (int length = 0; length <= bytes.length - offset; length++) {
                byte[] part = Arrays.copyOfRange(bytes, offset, offset + length);

                assertThat(Crc64.of(bytes, offset, length))
                        .as("offset %d, length %d", offset, length)
                        .isEqualTo(ReferenceEncoder.crc(part));
            }
        }
    }

    @Test
    void piecesOfAnySizeGiveTheSameAsTheWhole() {
        Random random = new Random(2);
        byte[] bytes = LtxFiles.noise(random, 5000);
        Crc64 crc = new Crc64();
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(random.nextInt(40), bytes.length - at);
            if (length == 1) {
                crc.update(bytes[at]);
            } else {
                crc.update(bytes, at, length);
            }
            at += length;
        }

        assertThat(crc.getValue()).isEqualTo(Crc64.of(bytes, 0, bytes.length));
    }

    @Test
    void onlyTheLowEightBitsOfASingleByteCount() {
        Crc64 crc = new Crc64();
        for (byte digit : DIGITS) {
            crc.update(0xabcd00 | digit);
        }

        assertThat(crc.getValue()).isEqualTo(0xb90956c775a41001L);
    }

    @Test
    void aResetBeginsAnew() {
        Crc64 crc = new Crc64();
        crc.update(7);
        crc.reset();
        crc.update(DIGITS, 0, DIGITS.length);

        assertThat(crc.getValue()).isEqualTo(0xb90956c775a41001L);
    }

    @Test
    void refusesARangeOutsideTheArray() {
        assertThatThrownBy(() -> new Crc64().update(DIGITS, 5, 5)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Crc64.of(DIGITS, -1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
