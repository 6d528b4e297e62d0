package dev.satchel.internal.replica;

/**
 * The PRAGMAs that SQL may change for its own session, each with the value every session starts with.
 *
 * <p>All of them live in the connection only: none touches the database file.
 */
public enum SessionSetting {
    ANALYSIS_LIMIT("0"),
    AUTOMATIC_INDEX("ON"),
    CASE_SENSITIVE_LIKE("OFF"),
    DEFER_FOREIGN_KEYS("OFF"),
    FOREIGN_KEYS("ON"),
    IGNORE_CHECK_CONSTRAINTS("OFF"),
    LEGACY_ALTER_TABLE("OFF"),
    RECURSIVE_TRIGGERS("OFF"),
    REVERSE_UNORDERED_SELECTS("OFF"),
    SECURE_DELETE("OFF");

    private final String restoringSql;

    SessionSetting(String initial) {
        restoringSql = "PRAGMA " + name() + '=' + initial;
    }

    String restoringSql() {
        return restoringSql;
    }
}
