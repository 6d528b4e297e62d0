package dev.satchel.examples.reels.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentCodecTest {

    @Test
    void segmentsComeBackAsTheyWere() {
        List<Segment> segments =
                List.of(new Segment(0, 1500, 1), new Segment(1500, 2000, 0.25), new Segment(2300, 21_600_000, 3.125));

        assertThat(SegmentCodec.decode(SegmentCodec.encode(segments))).isEqualTo(segments);
    }

    @Test
    void formIsTheDocumentedOne() {
        byte[] blob = SegmentCodec.encode(List.of(new Segment(1, 258, 0.5)));

        assertThat(HexFormat.of().formatHex(blob)).isEqualTo("01" + "00000001" + "00000102" + "000001f4");
    }

    @Test
    void anythingElseIsRefused() {
        byte[] blob = SegmentCodec.encode(List.of(new Segment(0, 1, 1)));
        byte[] otherFormat = blob.clone();
        otherFormat[0] = 2;

        assertThatIllegalStateException().isThrownBy(() -> SegmentCodec.decode(new byte[0]));
        assertThatIllegalStateException().isThrownBy(() -> SegmentCodec.decode(Arrays.copyOf(blob, blob.length - 1)));
        assertThatIllegalStateException().isThrownBy(() -> SegmentCodec.decode(otherFormat));
    }
}
