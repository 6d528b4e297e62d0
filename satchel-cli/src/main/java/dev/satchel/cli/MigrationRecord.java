package dev.satchel.cli;

import dev.satchel.DatabaseId;
import dev.satchel.MigrationReport;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the command did with one database; a line of its report.
 *
 * @param wave which part of the fleet it was in: {@code canary}, or a number from 1 on
 * @param from the {@code user_version} it had
 * @param to the one it has
 * @param before the version that was the newest before, its restore point
 * @param after the newest version afterwards
 * @param reason why it failed or was left
 * @param millis how long it took
 */
record MigrationRecord(
        DatabaseId database,
        String wave,
        State state,
        int from,
        int to,
        long before,
        long after,
        @Nullable String reason,
        long millis) {

    /** What a database is afterwards. */
    enum State {
        /** At the wanted schema, by this migration. */
        MIGRATED(true),
        /** At the wanted schema before. */
        CURRENT(true),
        /** Above it. */
        NEWER(true),
        /** Deleted, and nothing to migrate. */
        DELETED(true),
        /** As it was. */
        FAILED(false),
        /** Back at what it was before the migration. */
        UNDONE(false),
        /** Migrated, and not undone. */
        KEPT(true);

        private final boolean done;

        State(boolean done) {
            this.done = done;
        }

        /** Whether it is not below the wanted schema. */
        boolean isDone() {
            return done;
        }

        String token() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static MigrationRecord of(MigrationReport report, String wave, long millis) {
        State state = switch (report.state()) {
            case MIGRATED -> State.MIGRATED;
            case CURRENT -> State.CURRENT;
            case NEWER -> State.NEWER;
            case DELETED -> State.DELETED;
        };
        return new MigrationRecord(
                report.database(),
                wave,
                state,
                report.from(),
                report.to(),
                report.before().number(),
                report.after().number(),
                null,
                millis);
    }

    static MigrationRecord failed(DatabaseId database, String wave, RuntimeException why, long millis) {
        String reason = String.valueOf(why.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        return new MigrationRecord(database, wave, State.FAILED, 0, 0, 0, 0, reason, millis);
    }

    /** Brought back to what it was, as a new version. */
    MigrationRecord undone(long newest) {
        return new MigrationRecord(database, wave, State.UNDONE, to, from, after, newest, null, millis);
    }

    /** Migrated, and not undone. */
    MigrationRecord kept(String why) {
        return new MigrationRecord(database, wave, State.KEPT, from, to, before, after, why, millis);
    }

    /** As a line of the report. */
    Map<String, Object> fields() {
        Json line = Json.object()
                .with("user", database.user().value())
                .with("database", database.name())
                .with("wave", wave)
                .with("state", state.token());
        if (before > 0) {
            line.with("from", from).with("to", to).with("before", before).with("after", after);
        }
        return line.with("reason", reason).with("millis", millis).fields();
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException if it is none
     */
    static MigrationRecord read(Map<String, String> fields) {
        return new MigrationRecord(
                DatabaseId.of(fields.getOrDefault("user", ""), fields.getOrDefault("database", "")),
                fields.getOrDefault("wave", "1"),
                State.valueOf(fields.getOrDefault("state", "").toUpperCase(Locale.ROOT)),
                Integer.parseInt(fields.getOrDefault("from", "0")),
                Integer.parseInt(fields.getOrDefault("to", "0")),
                Long.parseLong(fields.getOrDefault("before", "0")),
                Long.parseLong(fields.getOrDefault("after", "0")),
                fields.get("reason"),
                Long.parseLong(fields.getOrDefault("millis", "0")));
    }
}
