package dev.satchel.internal.log;

import dev.satchel.CorruptException;
import dev.satchel.store.ObjectInfo;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A checksum of an object's metadata, within the metadata: the store keeps what the object is of, and a digest of its bytes says
 * nothing about that. Covers what Satchel writes, so that tools which copy objects may add entries of their own.
 */
final class MetadataCheck {
    static final String KEY = "satchel-check";

    private static final String OURS = "satchel-";

    private MetadataCheck() {}

    /** Adds the checksum to metadata that is complete now, instead of an earlier one. */
    static void seal(Map<String, String> metadata) {
        metadata.put(KEY, checksum(metadata));
    }

    /**
     * Compares.
     *
     * @throws CorruptException if the metadata is not what was written
     */
    static void require(ObjectInfo info) {
        String found = info.metadata().get(KEY);
        String expected = checksum(info.metadata());
        if (!expected.equals(found)) {
            throw new CorruptException(
                    DatabaseKeys.kindOf(info.key()),
                    "object " + info.key() + " has damaged metadata: its checksum \"" + KEY + "\" is "
                            + (found == null ? "missing" : found) + ", expected " + expected,
                    null);
        }
    }

    private static String checksum(Map<String, String> metadata) {
        CRC32C crc = new CRC32C();
        new TreeMap<>(metadata).forEach((key, value) -> {
            if (isOurs(key)) {
                crc.update((key + ": " + value + "\n").getBytes(StandardCharsets.UTF_8));
            }
        });
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private static boolean isOurs(String key) {
        return !key.equals(KEY)
                && (key.startsWith(OURS) || key.equals(Provenance.KEY_VERSION) || key.equals(Provenance.KEY_TIMESTAMP));
    }
}
