package dev.satchel.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalPositionTest {
    private static final WalPosition FIVE = new WalPosition(0xf1234567, 2, 5, 0x8000_0000_0000_0001L);
    private static final WalPosition NINE = new WalPosition(0xf1234567, 2, 9, 7);
    private static final WalPosition OTHER = new WalPosition(0xf1234567, 3, 9, 7);

    @Test
    void hasATextThatCanBeReadAgain() {
        assertThat(FIVE).hasToString("f123456700000002:5:8000000000000001");
        assertThat(WalPosition.START).hasToString("start");
        assertThat(WalPosition.parse(FIVE.toString())).isEqualTo(FIVE);
        assertThat(WalPosition.parse(WalPosition.START.toString())).isEqualTo(WalPosition.START);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "f123456700000002:5",
                "f123456700000002:0:8000000000000001",
                "f123456700000002:-5:8000000000000001",
                "f123456700000002:05:8000000000000001",
                "F123456700000002:5:8000000000000001",
                "f123456700000002:5:800000000000000",
                "f123456700000002:5:80000000000000012",
                "f123456700000002:5:8000000000000001:"
            })
    void refusesAnyOtherText(String text) {
        assertThatThrownBy(() -> WalPosition.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isOrderedWithinAGeneration() {
        assertThat(NINE.isAtOrAfter(FIVE)).isTrue();
        assertThat(FIVE.isAtOrAfter(FIVE)).isTrue();
        assertThat(FIVE.isAtOrAfter(NINE)).isFalse();
        assertThat(FIVE.isAtOrAfter(WalPosition.START)).isTrue();
        assertThat(WalPosition.START.isAtOrAfter(FIVE)).isFalse();
        assertThat(WalPosition.START.isAtOrAfter(WalPosition.START)).isTrue();
    }

    @Test
    void isNotOrderedAcrossGenerations() {
        assertThat(NINE.isSameGeneration(FIVE)).isTrue();
        assertThat(NINE.isSameGeneration(OTHER)).isFalse();
        assertThatThrownBy(() -> NINE.isAtOrAfter(OTHER)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hasNothingToSayWithoutFrames() {
        assertThatThrownBy(() -> new WalPosition(1, 2, 0, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new WalPosition(1, 2, -1, 3)).isInstanceOf(IllegalArgumentException.class);
    }
}
