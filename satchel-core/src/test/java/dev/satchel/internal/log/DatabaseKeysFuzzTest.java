package dev.satchel.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.satchel.DatabaseId;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs its seeds; {@code make fuzz} searches. */
class DatabaseKeysFuzzTest {
    private static final DatabaseKeys ALICE = new DatabaseKeys(DatabaseId.of("alice"));

    static Stream<byte[]> keys() {
        DatabaseKeys odd = new DatabaseKeys(DatabaseId.of("Zoë", "a.ltx"));
        return Stream.of(
                        "",
                        ALICE.image(),
                        ALICE.commit(7),
                        ALICE.snapshot(256),
                        ALICE.conflict(7, "0123456789abcdef"),
                        odd.image(),
                        odd.commit(Long.MAX_VALUE))
                .map(key -> key.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("keys")
    @FuzzTest(maxDuration = "1m")
    void anyKeyIsOfNobodyOrExactlyThatOfItsDatabase(byte[] bytes) {
        String key = new String(bytes, StandardCharsets.UTF_8);

        DatabaseKeys.databaseOf(key).ifPresent(id -> {
            DatabaseKeys keys = new DatabaseKeys(id);
            assertThat(key.equals(keys.image())
                            || key.equals(keys.commit(keys.commitVersion(key).orElse(1))))
                    .isTrue();
        });
        ALICE.commitVersion(key)
                .ifPresent(version -> assertThat(ALICE.commit(version)).isEqualTo(key));
        ALICE.snapshotVersion(key)
                .ifPresent(version -> assertThat(ALICE.snapshot(version)).isEqualTo(key));
        ALICE.conflictId(key).ifPresent(id -> assertThat(ALICE.conflict(id)).isEqualTo(key));
        assertThat(DatabaseKeys.kindOf(key)).isNotNull();
    }
}
