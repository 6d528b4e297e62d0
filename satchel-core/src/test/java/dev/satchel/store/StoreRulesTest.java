package dev.satchel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StoreRulesTest {

    @Test
    void keyOrderIsThatOfUtf8Bytes() {
        List<String> texts = List.of(
                "",
                "a",
                "a/",
                "a-",
                "ab",
                "\u00e9",
                "\u0800",
                "\ud7ff",
                "\ue000",
                "\uffee",
                "\ud800\udc00",
                "\ud83d\ude00",
                "\udbff\udfff",
                "\ud83d\ude00a",
                "\uffeea");
        for (String a : texts) {
            for (String b : texts) {
                int expected =
                        Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
                assertThat(Integer.signum(StoreRules.KEY_ORDER.compare(a, b)))
                        .as("%s %s", a, b)
                        .isEqualTo(Integer.signum(expected));
            }
        }
    }

    @Test
    void keyLengthIsCountedInUtf8Bytes() {
        StoreRules.checkKey("k".repeat(1024));
        StoreRules.checkKey("\u00e9".repeat(512));
        StoreRules.checkKey("\u0800".repeat(341));
        StoreRules.checkKey("\ud83d\ude00".repeat(256));
        for (String tooLong :
                List.of("k".repeat(1025), "\u00e9".repeat(513), "\u0800".repeat(342), "\ud83d\ude00".repeat(257))) {
            assertThatIllegalArgumentException().isThrownBy(() -> StoreRules.checkKey(tooLong));
        }
    }

    @Test
    void metadataIsCountedAsHttpSendsIt() {
        String longest = "v".repeat(StoreRules.MAX_METADATA_BYTES - StoreRules.METADATA_ENTRY_BYTES - 1);

        assertThat(StoreRules.checkMetadata(Map.of("k", longest))).containsEntry("k", longest);
        assertThatIllegalArgumentException().isThrownBy(() -> StoreRules.checkMetadata(Map.of("k", longest + "v")));
    }

    @Test
    void messagesShowNoControlCharacters() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StoreRules.checkKey("a\u001b[31m\nb"))
                .withMessageContaining("\"a?[31m?b\"");
    }
}
