package dev.satchel.internal.jdbc;

import dev.satchel.internal.replica.SessionSetting;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One statement of a text and what {@link SqlGuard} knows about it. Immutable. */
final class SqlStatement {
    private final String sql;
    private final StatementKind kind;
    private final @Nullable String refusal;
    private final @Nullable SessionSetting setting;
    private final boolean insert;
    private final boolean deletes;
    private final boolean returning;
    private final boolean temporary;
    private final boolean runsInSteps;
    private final int offset;
    private @Nullable String returningRowid;

    private SqlStatement(Builder builder) {
        this.sql = builder.sql;
        this.kind = builder.kind;
        this.refusal = builder.refusal;
        this.setting = builder.setting;
        this.insert = builder.insert;
        this.deletes = builder.deletes;
        this.returning = builder.returning;
        this.temporary = builder.temporary;
        this.runsInSteps = builder.runsInSteps;
        this.offset = builder.offset;
    }

    static SqlStatement of(String sql, StatementKind kind) {
        return new Builder(sql).kind(kind).build();
    }

    /** The text without its semicolon. */
    String sql() {
        return sql;
    }

    StatementKind kind() {
        return kind;
    }

    /** The setting that a {@link StatementKind#SETTING} changes. */
    @Nullable
    SessionSetting setting() {
        return setting;
    }

    /** Where it begins in the text it was found in. */
    int offset() {
        return offset;
    }

    /** Why it must not run; null if it may. */
    @Nullable
    String refusal() {
        return refusal;
    }

    /** Whether this is an INSERT or REPLACE. */
    boolean insert() {
        return insert;
    }

    /** Whether this is a DELETE or drops something. */
    boolean deletes() {
        return deletes;
    }

    /** Whether there is a RETURNING clause. */
    boolean returning() {
        return returning;
    }

    /** Whether it may create a temporary table, view, index or trigger. */
    boolean temporary() {
        return temporary;
    }

    /** Whether SQLite does the work in steps without giving columns, which the driver's prepared statements cannot run. */
    boolean runsInSteps() {
        return runsInSteps;
    }

    /** The same statement with a RETURNING clause for the row id. */
    String returningRowid() {
        String text = returningRowid;
        if (text == null) {
            // Made anew by whoever finds it missing: the strings are equal and immutable.
            text = sql + "\nRETURNING rowid";
            returningRowid = text;
        }
        return text;
    }

    void requireAllowed() throws SQLException {
        if (refusal != null) {
            throw new RefusedStatementException(refusal);
        }
    }

    static final class Builder {
        private final String sql;
        private StatementKind kind = StatementKind.WRITE;
        private @Nullable String refusal;
        private @Nullable SessionSetting setting;
        private boolean insert;
        private boolean deletes;
        private boolean returning;
        private boolean temporary;
        private boolean runsInSteps;
        private int offset;

        Builder(String sql) {
            this.sql = sql;
        }

        Builder kind(StatementKind value) {
            kind = value;
            return this;
        }

        Builder refused(String why) {
            kind = StatementKind.REFUSED;
            refusal = why;
            return this;
        }

        Builder setting(SessionSetting value) {
            kind = StatementKind.SETTING;
            setting = value;
            return this;
        }

        Builder insert() {
            insert = true;
            return this;
        }

        Builder deletes(boolean value) {
            deletes = value;
            return this;
        }

        Builder returning(boolean value) {
            returning = value;
            return this;
        }

        Builder temporary(boolean value) {
            temporary = value;
            return this;
        }

        Builder runsInSteps() {
            runsInSteps = true;
            return this;
        }

        Builder offset(int value) {
            offset = value;
            return this;
        }

        SqlStatement build() {
            return new SqlStatement(this);
        }
    }
}
