package dev.satchel.internal.jdbc;

import dev.satchel.internal.replica.SessionSetting;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A SQL script as a schema migration may have it, cut into statements that run one by one inside a transaction. Immutable. */
public final class MigrationScript {
    private final List<Statement> statements;
    private final boolean foreignKeysOff;

    private MigrationScript(List<Statement> statements, boolean foreignKeysOff) {
        this.statements = List.copyOf(statements);
        this.foreignKeysOff = foreignKeysOff;
    }

    /**
     * One statement.
     *
     * @param sql its text without the semicolon
     * @param line the line of the script that it begins on, from 1
     */
    public record Statement(String sql, int line) {}

    /**
     * Cuts a script.
     *
     * @throws IllegalArgumentException if a statement cannot be part of a migration; the message says which, why and what to do
     */
    public static MigrationScript of(String script) {
        List<Statement> statements = new ArrayList<>();
        boolean foreignKeysOff = false;
        int line = 1;
        int at = 0;
        for (SqlStatement each : new SqlGuard().check(script).statements()) {
            line += (int) script.substring(at, each.offset())
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            at = each.offset();
            if (each.kind() == StatementKind.SETTING && each.setting() == SessionSetting.FOREIGN_KEYS) {
                foreignKeysOff |= isOff(each.sql());
                continue; // It has no effect inside a transaction: whoever runs the script sets it before.
            }
            String refusal = refusal(each);
            if (refusal != null) {
                throw new IllegalArgumentException("line " + line + ": " + refusal);
            }
            statements.add(new Statement(each.sql(), line));
        }
        return new MigrationScript(statements, foreignKeysOff);
    }

    private static boolean isOff(String pragma) {
        return pragma.matches("(?is).*[=(\\s'\"](off|0|no|false)['\"]?\\s*\\)?\\s*");
    }

    private static @Nullable String refusal(SqlStatement statement) {
        return switch (statement.kind()) {
            case BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK_TO ->
                "'" + firstWord(statement)
                        + "' cannot be in a migration, which is one transaction already. Leave it out";
            case VACUUM -> "VACUUM cannot run inside a transaction, and a migration is one. Leave it out";
            case REFUSED -> statement.refusal();
            case SCHEMA ->
                statement.sql().matches("(?is)PRAGMA\\s+(\\w+\\s*\\.\\s*)?user_version\\b.*")
                        ? "user_version is set by whoever runs the script. Leave it out"
                        : null;
            default -> null;
        };
    }

    private static String firstWord(SqlStatement statement) {
        return statement.sql().split("\\s", 2)[0];
    }

    /** In order. */
    public List<Statement> statements() {
        return statements;
    }

    /** Whether the script switches foreign keys off, as making a table anew needs. */
    public boolean foreignKeysOff() {
        return foreignKeysOff;
    }
}
