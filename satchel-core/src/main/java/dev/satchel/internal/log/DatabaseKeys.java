package dev.satchel.internal.log;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.internal.ltx.LtxFormat;
import dev.satchel.internal.ltx.TxidRange;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import java.util.regex.Pattern;

/**
 * The keys of one database's objects.
 *
 * <pre>
 * {user}/{name}.sqlite                                       the image
 * {user}/{name}.ltx/0000/{N}-{N}.ltx                         commit N, 16 hex digits
 * {user}/{name}.ltx/0009/0000000000000001-{N}.ltx            snapshot at N
 * {user}/{name}.conflicts/{N}-{commit id}.ltx                changes of a side that did not win
 * </pre>
 */
public final class DatabaseKeys {
    private static final HexFormat HEX = HexFormat.of();
    private static final String IMAGE_SUFFIX = ".sqlite";
    private static final String LOG_SUFFIX = ".ltx";
    private static final String COMMIT_LEVEL = "0000";
    private static final String SNAPSHOT_FOLDER = LOG_SUFFIX + "/0009/";
    private static final String CONFLICT_FOLDER = ".conflicts/";
    private static final Pattern CONFLICT_ID = Pattern.compile("[0-9a-f]{16}-[0-9a-f]{1,64}");

    private final String base;

    /** The keys of {@code id}. */
    public DatabaseKeys(DatabaseId id) {
        this.base = id.path();
    }

    /** The image. */
    public String image() {
        return base + IMAGE_SUFFIX;
    }

    /** Commit {@code version}. */
    public String commit(long version) {
        return commits() + LtxFormat.fileName(version);
    }

    /** What all commit keys begin with. */
    public String commits() {
        return base + LOG_SUFFIX + "/" + COMMIT_LEVEL + "/";
    }

    /** What all snapshot keys begin with. */
    public String snapshots() {
        return base + SNAPSHOT_FOLDER;
    }

    /** The snapshot at {@code version}. */
    public String snapshot(long version) {
        return snapshots() + LtxFormat.fileName(new TxidRange(1, version));
    }

    /** The version of a snapshot key, or empty if the key is no snapshot of this database. */
    public OptionalLong snapshotVersion(String key) {
        int begin = snapshots().length() + 17;
        return key.startsWith(snapshots()) ? number(key, begin, this::snapshot) : OptionalLong.empty();
    }

    /** The conflict object of changes that were meant to be, or were, {@code version}, by the commit of the side that decided. */
    public String conflict(long version, String commitId) {
        return conflict(conflictId(version, commitId));
    }

    /** The id of that conflict. */
    public static String conflictId(long version, String commitId) {
        return HEX.toHexDigits(version) + "-" + commitId;
    }

    /** The conflict object of that id. */
    public String conflict(String id) {
        return conflicts() + id + LOG_SUFFIX;
    }

    /** The id in a conflict key, or empty if the key is no conflict of this database. */
    public Optional<String> conflictId(String key) {
        if (!key.startsWith(conflicts()) || !key.endsWith(LOG_SUFFIX)) {
            return Optional.empty();
        }
        String id =
                key.substring(conflicts().length(), Math.max(conflicts().length(), key.length() - LOG_SUFFIX.length()));
        return isConflictId(id) ? Optional.of(id) : Optional.empty();
    }

    /** Whether a conflict may have that id. */
    public static boolean isConflictId(String id) {
        return CONFLICT_ID.matcher(id).matches();
    }

    /** What all conflict keys begin with. */
    public String conflicts() {
        return base + CONFLICT_FOLDER;
    }

    /** The version of a commit key, or empty if the key is no commit of this database. */
    public OptionalLong commitVersion(String key) {
        return key.startsWith(commits()) ? number(key, commits().length(), this::commit) : OptionalLong.empty();
    }

    /** The version that stands at {@code begin}, if its key is this one. */
    private static OptionalLong number(String key, int begin, LongFunction<String> keyOf) {
        if (key.length() < begin + 16) {
            return OptionalLong.empty();
        }
        try {
            long version = HexFormat.fromHexDigitsToLong(key, begin, begin + 16);
            return version > 0 && key.equals(keyOf.apply(version)) ? OptionalLong.of(version) : OptionalLong.empty();
        } catch (IllegalArgumentException e) {
            return OptionalLong.empty();
        }
    }

    /** What kind of object has this key, for errors about it; a commit if it is none that we would have written. */
    static CorruptException.Kind kindOf(String key) {
        if (key.endsWith(IMAGE_SUFFIX)) {
            return CorruptException.Kind.IMAGE;
        }
        if (key.contains(CONFLICT_FOLDER)) {
            return CorruptException.Kind.CONFLICT;
        }
        return key.contains(SNAPSHOT_FOLDER) ? CorruptException.Kind.SNAPSHOT : CorruptException.Kind.COMMIT;
    }

    /** The database whose image or commit has this key; empty if it is some other object, ours or not. */
    public static Optional<DatabaseId> databaseOf(String key) {
        String[] segments = key.split("/", -1);
        try {
            if (segments.length == 2 && segments[1].endsWith(IMAGE_SUFFIX)) {
                return Optional.of(DatabaseId.decode(segments[0], stem(segments[1], IMAGE_SUFFIX)));
            }
            if (segments.length == 4 && segments[1].endsWith(LOG_SUFFIX) && segments[2].equals(COMMIT_LEVEL)) {
                DatabaseId id = DatabaseId.decode(segments[0], stem(segments[1], LOG_SUFFIX));
                return new DatabaseKeys(id).commitVersion(key).isPresent() ? Optional.of(id) : Optional.empty();
            }
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // not a name that we would have written
        }
    }

    private static String stem(String name, String suffix) {
        return name.substring(0, name.length() - suffix.length());
    }
}
