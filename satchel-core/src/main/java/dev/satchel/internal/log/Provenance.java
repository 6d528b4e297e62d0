package dev.satchel.internal.log;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.internal.ltx.PageChecksum;
import dev.satchel.store.ObjectInfo;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the metadata of an object says about the state it holds.
 *
 * @param database whose it is, as {@link DatabaseId#path()}
 * @param version of the state
 * @param commitId names the publish that made the version; random
 * @param writer node and start that made it
 * @param parentChecksum rolling page checksum of the version before
 * @param checksum rolling page checksum of this version
 * @param timestamp when it was made; never before the version before it
 * @param sha256 hex digest of the object's bytes
 * @param life version of the deletion that this life of the database began after; 0 if it has never been deleted. The
 *     object of the deletion itself names its own version, and what the deletion erased names the deletion's
 */
public record Provenance(
        String database,
        long version,
        String commitId,
        String writer,
        long parentChecksum,
        long checksum,
        Instant timestamp,
        String sha256,
        long life) {
    /** The version the metadata keys below belong to. */
    public static final String FORMAT = "1";

    static final String KEY_VERSION = "db-version";
    static final String KEY_FORMAT = "satchel-format";
    static final String KEY_DATABASE = "satchel-database";
    static final String KEY_COMMIT = "satchel-commit";
    static final String KEY_WRITER = "satchel-writer";
    static final String KEY_PARENT = "satchel-parent-checksum";
    static final String KEY_CHECKSUM = "satchel-checksum";
    static final String KEY_SHA256 = "satchel-sha256";
    static final String KEY_TIMESTAMP = "litestream-timestamp";
    static final String KEY_LIFE = "satchel-life";

    private static final String LOST = "lost";
    private static final HexFormat HEX = HexFormat.of();

    /** What a deletion leaves: of itself, or of a version that it erased. */
    public static Provenance tombstone(
            String database,
            long version,
            long life,
            String commitId,
            String writer,
            Instant timestamp,
            String sha256) {
        return new Provenance(
                database, version, commitId, writer, PageChecksum.EMPTY, PageChecksum.EMPTY, timestamp, sha256, life);
    }

    /** What is left of a commit whose metadata is lost. */
    static Provenance lost(DatabaseId database, long version, Instant timestamp) {
        return new Provenance(
                database.path(), version, LOST, LOST, PageChecksum.EMPTY, PageChecksum.EMPTY, timestamp, LOST, 0);
    }

    /** Whether an object has the metadata of one of Satchel's. */
    static boolean isIn(ObjectInfo info) {
        return info.metadata().containsKey(KEY_FORMAT);
    }

    /** Whether the object is the deletion of the database, or what one left of it: there are no pages. */
    public boolean isTombstone() {
        return life >= version;
    }

    /** Whether the object was emptied by a deletion that came later. */
    public boolean isErased() {
        return life > version;
    }

    /** The metadata of an object with this provenance. */
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(KEY_VERSION, Long.toString(version));
        metadata.put(KEY_FORMAT, FORMAT);
        metadata.put(KEY_DATABASE, database);
        metadata.put(KEY_COMMIT, commitId);
        metadata.put(KEY_WRITER, writer);
        metadata.put(KEY_PARENT, HEX.toHexDigits(parentChecksum));
        metadata.put(KEY_CHECKSUM, HEX.toHexDigits(checksum));
        metadata.put(KEY_SHA256, sha256);
        metadata.put(KEY_TIMESTAMP, DateTimeFormatter.ISO_INSTANT.format(timestamp));
        if (life > 0) {
            metadata.put(KEY_LIFE, Long.toString(life));
        }
        MetadataCheck.seal(metadata);
        return metadata;
    }

    /**
     * Reads an object's metadata.
     *
     * @throws CorruptException if it is not an object of ours, of another database, or of a newer format
     */
    public static Provenance of(DatabaseId expected, ObjectInfo info) {
        Map<String, String> metadata = info.metadata();
        String key = info.key();
        String format = required(key, metadata, KEY_FORMAT);
        if (!format.equals(FORMAT)) {
            throw new CorruptException(
                    DatabaseKeys.kindOf(key),
                    "object " + key + " has format " + format + ", this version of Satchel reads " + FORMAT
                            + "; upgrade Satchel",
                    null);
        }
        String database = required(key, metadata, KEY_DATABASE);
        MetadataCheck.require(info);
        if (!database.equals(expected.path())) {
            throw new CorruptException(
                    DatabaseKeys.kindOf(key),
                    "object " + key + " belongs to database " + database + ", not to " + expected.path()
                            + "; it was copied to the wrong key: remove it and restore the right one",
                    null);
        }
        try {
            return new Provenance(
                    database,
                    version(required(key, metadata, KEY_VERSION)),
                    required(key, metadata, KEY_COMMIT),
                    required(key, metadata, KEY_WRITER),
                    checksum(key, metadata, KEY_PARENT),
                    checksum(key, metadata, KEY_CHECKSUM),
                    Instant.parse(required(key, metadata, KEY_TIMESTAMP)),
                    required(key, metadata, KEY_SHA256),
                    Long.parseLong(metadata.getOrDefault(KEY_LIFE, "0")));
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            throw new CorruptException(
                    DatabaseKeys.kindOf(key), "object " + key + " has damaged metadata: " + e.getMessage(), e);
        }
    }

    private static long version(String text) {
        long version = Long.parseLong(text);
        if (version < 1) {
            throw new IllegalArgumentException(KEY_VERSION + " is " + version);
        }
        return version;
    }

    private static long checksum(String key, Map<String, String> metadata, String name) {
        long value = HexFormat.fromHexDigitsToLong(required(key, metadata, name));
        if ((value & PageChecksum.EMPTY) == 0) {
            throw new IllegalArgumentException(name + " lacks its flag bit");
        }
        return value;
    }

    private static String required(String key, Map<String, String> metadata, String name) {
        String value = metadata.get(name);
        if (value == null) {
            throw new CorruptException(
                    DatabaseKeys.kindOf(key),
                    "object " + key + " has no metadata \"" + name
                            + "\": it was not written by Satchel, was changed by something else, or was copied without its metadata",
                    null);
        }
        return value;
    }
}
