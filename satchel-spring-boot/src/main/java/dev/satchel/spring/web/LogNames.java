package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** How logs and traces call a database. Immutable. */
public final class LogNames {
    private static final int HASH_BYTES = 6;

    private final boolean plain;

    /** With {@code plain} its path, else a short hash of it: ids can be personal. */
    public LogNames(boolean plain) {
        this.plain = plain;
    }

    /** Its name. */
    public String of(DatabaseId database) {
        if (plain) {
            return database.path();
        }
        byte[] digest = sha256().digest(database.path().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
