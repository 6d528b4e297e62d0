package dev.satchel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.internal.replica.ReplicaFiles;
import dev.satchel.store.StoreRules;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs its seeds; {@code make fuzz} searches. */
class NamesFuzzTest {
    private static final String[] PARTS = {
        ".",
        "..",
        "/",
        "\\",
        "%",
        "%41",
        "a",
        "A",
        "con",
        "CON",
        "é",
        "e\u0301",
        "İ",
        "i",
        "ß",
        "SS",
        ".sqlite",
        ".ltx",
        ".conflicts",
        ".replica",
        ".loading",
        ".snapshot",
        ".pages",
        ".image",
        ".spool",
        "-wal",
        "-shm",
        "-journal",
        ".new",
        "-snapshot",
        ".lock",
        ".satchel",
        " ",
        "~",
        "\uD83D\uDE00"
    };

    static Stream<byte[]> encoded() {
        return Stream.of("", "alice", "%41lice", "a%2fb", "%63on", "%", "%4", "%zz", "%ff", "Ａ")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    /** Nothing decodes but what was encoded. */
    @MethodSource("encoded")
    @FuzzTest(maxDuration = "1m")
    void anyTextIsRefusedOrTheEncodedFormOfOneId(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        UserId id;
        try {
            id = UserId.decode(text);
        } catch (IllegalArgumentException e) {
            return;
        }
        assertThat(id.encoded()).isEqualTo(text);
        assertThat(UserId.decode(id.encoded())).isEqualTo(id);
    }

    /** Distinct databases never meet in one key or one path, also where letters fold. */
    @FuzzTest(maxDuration = "1m")
    void distinctDatabasesNeverMeet(FuzzedDataProvider data) {
        DatabaseId one = id(data);
        DatabaseId other = id(data);
        if (one == null || other == null) {
            return;
        }
        assertThat(DatabaseId.decode(one.user().encoded(), one.encodedName())).isEqualTo(one);
        Set<String> keys = folded(keys(one));
        keys.forEach(StoreRules::checkKey);
        if (one.equals(other)) {
            assertThat(other.path()).isEqualTo(one.path());
            return;
        }
        assertThat(keys).doesNotContainAnyElementsOf(folded(keys(other)));
        assertThat(folded(paths(one))).doesNotContainAnyElementsOf(folded(paths(other)));
        List<String> prefixes = prefixes(one);
        assertThat(keys(other)).noneMatch(key -> prefixes.stream().anyMatch(key::startsWith));
    }

    private static DatabaseId id(FuzzedDataProvider data) {
        try {
            String user = name(data);
            return data.consumeBoolean() ? DatabaseId.of(user) : DatabaseId.of(user, name(data));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String name(FuzzedDataProvider data) {
        StringBuilder name = new StringBuilder();
        for (int i = data.consumeInt(1, 4); i > 0; i--) {
            name.append(data.consumeBoolean() ? data.pickValue(PARTS) : data.consumeString(3));
        }
        return name.toString();
    }

    private static List<String> keys(DatabaseId id) {
        DatabaseKeys keys = new DatabaseKeys(id);
        return List.of(
                keys.image(),
                keys.commit(1),
                keys.commit(2),
                keys.snapshot(1),
                keys.snapshot(2),
                keys.conflict(1, "ab"));
    }

    private static List<String> prefixes(DatabaseId id) {
        DatabaseKeys keys = new DatabaseKeys(id);
        return List.of(keys.commits(), keys.snapshots(), keys.conflicts());
    }

    private static List<String> paths(DatabaseId id) {
        ReplicaFiles files = new ReplicaFiles(Path.of("local"), id);
        List<String> paths = new ArrayList<>();
        for (Path path : List.of(
                files.database(),
                files.wal(),
                files.sidecar(),
                files.loading(),
                files.image(),
                files.snapshot(),
                files.snapshotPages(),
                files.spool())) {
            paths.add(path.toString());
        }
        paths.add(files.database() + "-shm");
        paths.add(files.database() + "-journal");
        paths.add(files.sidecar() + ".new");
        paths.add(files.loading() + "-snapshot");
        return paths;
    }

    private static Set<String> folded(List<String> names) {
        Set<String> folded = new HashSet<>();
        for (String name : names) {
            folded.add(
                    Normalizer.normalize(name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT), Normalizer.Form.NFKC));
        }
        return folded;
    }
}
