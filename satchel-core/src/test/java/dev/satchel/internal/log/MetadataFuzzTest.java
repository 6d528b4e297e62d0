package dev.satchel.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.store.ObjectInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs its seeds; {@code make fuzz} searches. */
class MetadataFuzzTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final Provenance PROVENANCE =
            new Provenance(ID.path(), 7, "0123456789abcdef", "host-1-2", 1L << 63, 3L << 62, Instant.EPOCH, "00", 0);
    private static final ConflictFacts FACTS =
            new ConflictFacts(ConflictPolicy.REJECT, 3, 7, "host-3-4", "fedcba9876543210");

    /** What was written, with some values changed; its checksum is the old one, or a right one. */
    @FuzzTest(maxDuration = "1m")
    void anyMetadataIsWhatWasWrittenOrCorrupt(FuzzedDataProvider data) {
        Map<String, String> written = new LinkedHashMap<>(PROVENANCE.toMetadata());
        written.putAll(FACTS.toMetadata());
        MetadataCheck.seal(written);
        Map<String, String> changed = new LinkedHashMap<>(written);
        List<String> keys = new ArrayList<>(changed.keySet());
        for (int i = data.consumeInt(0, 4); i > 0; i--) {
            String key = data.pickValue(keys);
            if (data.consumeBoolean()) {
                changed.remove(key);
            } else {
                changed.put(key, value(data));
            }
        }
        if (data.consumeBoolean()) {
            MetadataCheck.seal(changed);
        }

        ObjectInfo info = new ObjectInfo(new DatabaseKeys(ID).commit(7), 1, "etag", Instant.EPOCH, changed);
        Provenance provenance;
        ConflictFacts facts;
        try {
            provenance = Provenance.of(ID, info);
            facts = ConflictFacts.of(info);
        } catch (CorruptException e) {
            assertThat(e).hasMessageContaining(info.key());
            return;
        }
        // The search finds out right checksums too, and changes them with what they are of.
        Map<String, String> rightly = new LinkedHashMap<>(changed);
        MetadataCheck.seal(rightly);
        assertThat(changed).isEqualTo(rightly);
        assertThat(provenance.database()).isEqualTo(ID.path());
        assertThat(provenance.version()).isPositive();
        assertThat(facts.base()).isNotNegative();
        assertThat(facts.head()).isNotNegative();
        assertThat(Provenance.of(ID, new ObjectInfo(info.key(), 1, "etag", Instant.EPOCH, provenance.toMetadata())))
                .isEqualTo(provenance);
    }

    private static String value(FuzzedDataProvider data) {
        return switch (data.consumeInt(0, 4)) {
            case 0 -> Long.toString(data.consumeLong());
            case 1 -> HexFormat.of().toHexDigits(data.consumeLong());
            case 2 ->
                Instant.ofEpochSecond(data.consumeLong(-1L << 40, 1L << 40)).toString();
            case 3 ->
                data.pickValue(new String[] {"reject", "REJECT", "last_write_wins", "1", "2", "bob/database", ""});
            default -> data.consumeAsciiString(30);
        };
    }
}
