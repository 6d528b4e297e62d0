package dev.satchel.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.archive.ArchivedTable.Column;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchFormatTest {
    /** The bytes that every later version must be able to read. */
    private static final String GOLDEN = "5341544348415243" + "0001"
            + "019000000000abcd0123456789abcdef" + "0000000c" + "616e6e2f6461746162617365"
            + "00000004" + "72756c65" + "0000019000000000"
            + "00000001" + "00000001" + "74"
            + "00000002" + "00000002" + "6964" + "00000007" + "494e5445474552" + "00000001" + "76" + "00000000"
            + "00000005"
            + "01" + "0000000000000001" + "00"
            + "01" + "8000000000000000" + "02" + "bff0000000000000"
            + "00" + "03" + "00000003" + "610062"
            + "00" + "04" + "00000002" + "00ff"
            + "00" + "03" + "00000000";

    private static ArchiveBatch batch() {
        return new ArchiveBatch(
                BatchId.parse("019000000000abcd0123456789abcdef"),
                DatabaseId.of("ann"),
                "rule",
                Instant.ofEpochMilli(0x19000000000L),
                List.of(new ArchivedTable(
                        "t",
                        List.of(new Column("id", "INTEGER"), new Column("v", "")),
                        List.of(
                                List.of(Cell.of(1), Cell.NULL),
                                List.of(Cell.of(Long.MIN_VALUE), Cell.of(-1.0)),
                                List.of(Cell.NULL, Cell.of("a\u0000b")),
                                List.of(Cell.NULL, Cell.blob(new byte[] {0, -1})),
                                List.of(Cell.NULL, Cell.of(""))))));
    }

    @Test
    void theBytesAreThoseOfTheDocument() {
        String encoded = HexFormat.of().formatHex(batch().encoded());

        assertThat(encoded).isEqualTo(GOLDEN + batch().digest());
    }

    @Test
    void whatWasEncodedIsDecoded() {
        ArchiveBatch decoded = ArchiveBatch.decode(batch().encoded());

        assertThat(decoded).isEqualTo(batch());
        assertThat(decoded.tables()).isEqualTo(batch().tables());
        assertThat(decoded.info()).isEqualTo(batch().info());
    }

    @Test
    void everyChangedBitIsFound() {
        byte[] encoded = batch().encoded();
        for (int bit = 0; bit < encoded.length * 8; bit++) {
            byte[] damaged = encoded.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);

            assertThatThrownBy(() -> ArchiveBatch.decode(damaged)).isInstanceOf(CorruptException.class);
        }
    }

    @Test
    void everyTruncationIsFound() {
        byte[] encoded = batch().encoded();
        for (int length = 0; length < encoded.length; length++) {
            byte[] shorter = Arrays.copyOf(encoded, length);

            assertThatThrownBy(() -> ArchiveBatch.decode(shorter)).isInstanceOf(CorruptException.class);
        }
    }

    /** With a digest that fits, so that what stands behind it is read. */
    @Test
    void whateverIsInTheContentTheAnswerIsABatchOrAnError() {
        Random random = new Random(7);
        byte[] encoded = batch().encoded();
        for (int run = 0; run < 3000; run++) {
            byte[] content = Arrays.copyOf(encoded, encoded.length - BatchFormat.DIGEST_BYTES);
            for (int change = 0; change <= run % 3; change++) {
                content[8 + random.nextInt(content.length - 8)] = (byte) random.nextInt();
            }
            byte[] sealed = Arrays.copyOf(content, encoded.length);
            byte[] digest = BatchEncoder.sha256().digest(content);
            System.arraycopy(digest, 0, sealed, content.length, digest.length);
            try {
                assertThat(ArchiveBatch.decode(sealed).encoded()).isEqualTo(sealed);
            } catch (CorruptException e) {
                assertThat(e.kind()).isEqualTo(CorruptException.Kind.ARCHIVE);
            }
        }
    }
}
