package dev.satchel.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What {@link DirectoryObjectStore} knows of an object besides its bytes: one entry, or two while a put replaces the bytes and
 * after it has. The entry that fits the bytes is the object's. Immutable.
 *
 * <p>The file is ASCII, lines end with LF:
 *
 * <pre>
 * satchel-meta 1
 * object ETAG SIZE CRC32C MODIFIED     one or two of these, the older first; CRC32C of the body in 8 hex digits
 * KEY: VALUE                           its metadata, ordered by key
 * checksum CRC32C                      of everything before this line
 * </pre>
 *
 * @param entries one or two, the older first
 */
record Sidecar(List<Entry> entries) {
    private static final String FIRST_LINE = "satchel-meta 1\n";
    private static final String CHECKSUM = "checksum ";
    private static final int CHECKSUM_LINE_BYTES = CHECKSUM.length() + 9;

    /**
     * An object.
     *
     * @param etag no space in it
     * @param size of the body in bytes
     * @param crc32c of the body
     * @param modified the body file's time of modification, as the file system keeps it
     * @param metadata as given to put
     */
    record Entry(String etag, long size, int crc32c, Instant modified, Map<String, String> metadata) {}

    Sidecar {
        entries = List.copyOf(entries);
    }

    byte[] encode() {
        StringBuilder text = new StringBuilder(FIRST_LINE);
        for (Entry entry : entries) {
            text.append("object %s %d %08x %s\n".formatted(entry.etag, entry.size, entry.crc32c, entry.modified));
            new TreeMap<>(entry.metadata)
                    .forEach((key, value) ->
                            text.append(key).append(": ").append(value).append('\n'));
        }
        byte[] content = text.toString().getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(content);
        bytes.writeBytes(checksumLine(content, content.length).getBytes(StandardCharsets.US_ASCII));
        return bytes.toByteArray();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IOException if it is anything else
     */
    static Sidecar decode(byte[] bytes) throws IOException {
        int contentLength = bytes.length - CHECKSUM_LINE_BYTES;
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (contentLength < FIRST_LINE.length()
                || !text.substring(contentLength).equals(checksumLine(bytes, contentLength))) {
            throw new IOException("its checksum is wrong");
        }
        if (!text.startsWith(FIRST_LINE)) {
            throw new IOException("it is of another version");
        }
        try {
            List<Entry> entries = entries(text.substring(FIRST_LINE.length(), contentLength));
            if (entries.isEmpty() || entries.size() > 2) {
                throw new IllegalArgumentException(entries.size() + " entries");
            }
            return new Sidecar(entries);
        } catch (IllegalArgumentException | DateTimeException | IndexOutOfBoundsException e) {
            throw new IOException("it does not say what it should: " + e.getMessage(), e);
        }
    }

    private static List<Entry> entries(String text) {
        List<Entry> entries = new ArrayList<>();
        for (String part : ("\n" + text).split("\nobject ", -1)) {
            if (part.isEmpty()) {
                continue; // before the first
            }
            List<String> lines = part.lines().toList();
            String[] words = lines.get(0).split(" ", -1);
            Map<String, String> metadata = new TreeMap<>();
            for (String line : lines.subList(1, lines.size())) {
                int colon = line.indexOf(": ");
                metadata.put(line.substring(0, colon), line.substring(colon + 2));
            }
            entries.add(new Entry(
                    words[0],
                    size(words[1]),
                    Integer.parseUnsignedInt(words[2], 16),
                    Instant.parse(words[3]),
                    StoreRules.checkMetadata(metadata)));
        }
        return entries;
    }

    private static long size(String text) {
        long size = Long.parseLong(text);
        if (size < 0) {
            throw new IllegalArgumentException("size " + size);
        }
        return size;
    }

    private static String checksumLine(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return CHECKSUM + "%08x\n".formatted((int) crc.getValue());
    }
}
