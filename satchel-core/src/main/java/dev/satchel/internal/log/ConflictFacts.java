package dev.satchel.internal.log;

import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.store.ObjectInfo;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the metadata of a conflict object says besides whose changes they are.
 *
 * @param policy how it was decided
 * @param base the version both sides began from
 * @param head the newest version when it was decided
 * @param winner node and start of the other side
 * @param winnerCommit the commit that won
 */
public record ConflictFacts(ConflictPolicy policy, long base, long head, String winner, String winnerCommit) {
    private static final String KEY_POLICY = "satchel-conflict-policy";
    private static final String KEY_BASE = "satchel-conflict-base";
    private static final String KEY_HEAD = "satchel-conflict-head";
    private static final String KEY_WINNER = "satchel-conflict-winner";
    private static final String KEY_WINNER_COMMIT = "satchel-conflict-winner-commit";

    /** The metadata that says so. */
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(KEY_POLICY, policy.name().toLowerCase(Locale.ROOT));
        metadata.put(KEY_BASE, Long.toString(base));
        metadata.put(KEY_HEAD, Long.toString(head));
        metadata.put(KEY_WINNER, winner);
        metadata.put(KEY_WINNER_COMMIT, winnerCommit);
        return metadata;
    }

    /**
     * Reads an object's metadata.
     *
     * @throws CorruptException if it is not that of a conflict
     */
    public static ConflictFacts of(ObjectInfo info) {
        try {
            return new ConflictFacts(
                    ConflictPolicy.valueOf(required(info, KEY_POLICY).toUpperCase(Locale.ROOT)),
                    version(required(info, KEY_BASE)),
                    version(required(info, KEY_HEAD)),
                    required(info, KEY_WINNER),
                    required(info, KEY_WINNER_COMMIT));
        } catch (IllegalArgumentException e) {
            throw new CorruptException(
                    CorruptException.Kind.CONFLICT,
                    "object " + info.key() + " has damaged metadata: " + e.getMessage(),
                    e);
        }
    }

    private static long version(String text) {
        long version = Long.parseLong(text);
        if (version < 0) {
            throw new IllegalArgumentException("version " + version);
        }
        return version;
    }

    private static String required(ObjectInfo info, String name) {
        String value = info.metadata().get(name);
        if (value == null) {
            throw new CorruptException(
                    CorruptException.Kind.CONFLICT,
                    "object " + info.key() + " has no metadata \"" + name + "\": it is not the record of a conflict",
                    null);
        }
        return value;
    }
}
