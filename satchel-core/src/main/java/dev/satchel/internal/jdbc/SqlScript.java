package dev.satchel.internal.jdbc;

import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.List;

/** A text cut into its statements, none, one or many. Thread-safe. */
final class SqlScript {
    private final List<SqlStatement> statements;
    private volatile boolean seenAgain;

    SqlScript(List<SqlStatement> statements) {
        this.statements = List.copyOf(statements);
    }

    List<SqlStatement> statements() {
        return statements;
    }

    /** Whether the same text came more than once lately, and a compiled form is worth keeping. */
    boolean seenAgain() {
        return seenAgain;
    }

    void markSeenAgain() {
        if (!seenAgain) {
            seenAgain = true;
        }
    }

    /** Throws if any of the statements is refused, so that a script is run either whole or not at all. */
    void requireAllowed() throws SQLException {
        for (int i = 0; i < statements.size(); i++) {
            statements.get(i).requireAllowed();
        }
    }

    /** The only statement; anything else cannot be prepared. */
    SqlStatement single() throws SQLException {
        if (statements.size() == 1) {
            SqlStatement statement = statements.get(0);
            statement.requireAllowed();
            return statement;
        }
        throw new SQLSyntaxErrorException(
                statements.isEmpty()
                        ? "There is no SQL statement in the text."
                        : "A prepared statement is one statement, and the text has " + statements.size()
                                + ". Prepare them one by one, or run the text with Statement.execute.",
                "42000");
    }
}
