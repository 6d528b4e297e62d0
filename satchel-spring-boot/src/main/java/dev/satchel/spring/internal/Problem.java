package dev.satchel.spring.internal;

import dev.satchel.BusyException;
import dev.satchel.ClosedException;
import dev.satchel.Conflict;
import dev.satchel.ConflictException;
import dev.satchel.CorruptException;
import dev.satchel.DeletedException;
import dev.satchel.LoadProgress;
import dev.satchel.LoadingException;
import dev.satchel.LocalStorageException;
import dev.satchel.MigrationFailedException;
import dev.satchel.NewerSchemaException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.QuotaExceededException;
import dev.satchel.SatchelException;
import dev.satchel.StoreRefusedException;
import dev.satchel.TransactionTooLargeException;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * An answer of type problem+json (RFC 9457) that says what became of the request's changes. Texts are fixed: exception messages
 * can name keys, folders and other users. Immutable.
 */
public final class Problem {
    /** The media type of an answer of this kind. */
    public static final String CONTENT_TYPE = "application/problem+json";

    static final String TYPE_PREFIX = "urn:satchel:problem:";

    /** The values of the field {@code outcome}. */
    enum Outcome {
        /** Nothing of the request is saved. */
        NOT_SAVED,
        /** Saved or not, nobody knows yet; read before writing again. */
        UNKNOWN,
        /** Not saved, but kept in the store beside the database. */
        CONFLICT_KEPT,
        /** What the request committed before it failed is saved, the rest is not. */
        PARTLY_SAVED;

        String token() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final int RETRY_STORE_SECONDS = 5;
    private static final int RETRY_LOCAL_SECONDS = 1;
    private static final int LONGEST_RETRY_SECONDS = 30;
    private static final int MAX_CAUSES = 20;
    private static final String DISK_FULL = "53100";

    private final int status;
    private final int retryAfterSeconds;
    private final Map<String, Object> fields = new LinkedHashMap<>();

    private Problem(String type, String title, HttpStatus status, int retryAfterSeconds, String detail) {
        this.status = status.value();
        this.retryAfterSeconds = retryAfterSeconds;
        fields.put("type", TYPE_PREFIX + type);
        fields.put("title", title);
        fields.put("status", status.value());
        fields.put("detail", detail);
    }

    /** For an id that cannot be one; the message of {@code UserId} says why, any other could say too much. */
    public static Problem badUser(IllegalArgumentException e) {
        String message = e.getMessage();
        return new Problem(
                "user-id",
                "Invalid user id",
                HttpStatus.BAD_REQUEST,
                0,
                message != null && message.startsWith("user id ")
                        ? message
                        : "user id cannot be read from the request");
    }

    /** For a freshness that the request asks for and that is none. */
    public static Problem badFreshness() {
        return new Problem(
                "freshness",
                "Invalid freshness",
                HttpStatus.BAD_REQUEST,
                0,
                "the request asks for a version or freshness that is none");
    }

    /**
     * For a failure of the engine.
     *
     * @param saved whether what the request had committed is in the store all the same
     * @param version the newest version known on this machine
     */
    public static Problem of(SatchelException e, boolean saved, Optional<Version> version) {
        Problem problem = kindOf(e);
        problem.fields.put("outcome", outcomeOf(e, saved).token());
        problem.fields.put("retryable", e.isRetryable());
        if (e instanceof ConflictException conflict) {
            problem.add(conflict.conflict());
        } else {
            version.ifPresent(v -> problem.fields.put("version", v.number()));
        }
        return problem;
    }

    /**
     * The engine's failure behind another exception, such as Spring's for a transaction that could not begin. What the engine says
     * goes before what SQL errors are taken for: a quota is a full disk to JDBC.
     *
     * @param usedDatabase whether SQL errors can be those of the user's database; a lock that was waited for too long and a full
     *     disk are then told apart from mistakes
     */
    public static Optional<SatchelException> causeOf(@Nullable Throwable failure, boolean usedDatabase) {
        Optional<SatchelException> told = causes(failure)
                .filter(SatchelException.class::isInstance)
                .map(SatchelException.class::cast)
                .findFirst();
        if (told.isPresent() || !usedDatabase) {
            return told;
        }
        return causes(failure).map(Problem::ofSql).flatMap(Optional::stream).findFirst();
    }

    private static Optional<SatchelException> ofSql(Throwable e) {
        if (e instanceof SQLTransientException && !(e instanceof SQLTimeoutException)) {
            return Optional.of(new BusyException(String.valueOf(e.getMessage()), e));
        }
        return isSqlDiskFull(e)
                ? Optional.of(new LocalStorageException(String.valueOf(e.getMessage()), e))
                : Optional.empty();
    }

    private static boolean isSqlDiskFull(Throwable e) {
        return e instanceof SQLException sql && DISK_FULL.equals(sql.getSQLState());
    }

    private static Stream<Throwable> causes(@Nullable Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES);
    }

    /** The status of the answer. */
    public int status() {
        return status;
    }

    /** After how many seconds the client may come again; zero if that is not for this to say. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }

    /** The body of the answer, UTF-8. */
    public byte[] body() {
        return json().getBytes(StandardCharsets.UTF_8);
    }

    private static Problem kindOf(SatchelException e) {
        if (e instanceof ConflictException) {
            return new Problem(
                    "conflict",
                    "Changed elsewhere",
                    HttpStatus.CONFLICT,
                    0,
                    "Another machine saved a newer version first. These changes were not saved as a version, but are"
                            + " kept aside. Reload, then repeat what is still wanted.");
        }
        if (e instanceof DeletedException) {
            return new Problem(
                    "deleted",
                    "Database deleted",
                    HttpStatus.GONE,
                    0,
                    "The database was deleted in the meantime. These changes were not saved. Repeating them begins a"
                            + " new, empty database.");
        }
        if (e instanceof LoadingException loading) {
            return loading(loading.progress());
        }
        if (e instanceof OutcomeUnknownException) {
            return unavailable(
                    "outcome-unknown",
                    "Saved or not is unknown",
                    RETRY_STORE_SECONDS,
                    "The store did not answer in time: the changes may or may not be saved. Read before writing"
                            + " again.");
        }
        if (e instanceof UnavailableException) {
            return unavailable(
                    "unavailable",
                    "Store unreachable",
                    RETRY_STORE_SECONDS,
                    "The store cannot be reached. Try again later.");
        }
        if (e instanceof BusyException) {
            return unavailable(
                    "busy",
                    "Database busy",
                    RETRY_LOCAL_SECONDS,
                    "Other work on the same database took too long. Try again.");
        }
        if (e instanceof StoreRefusedException) {
            return unavailable(
                    "store-refused",
                    "Store refused",
                    0,
                    "The store refuses this server's requests. Repeating does not help before an operator has mended"
                            + " it.");
        }
        if (e instanceof ClosedException) {
            return unavailable(
                    "closed", "Shutting down", RETRY_LOCAL_SECONDS, "This server no longer takes work for databases.");
        }
        if (e instanceof NewerSchemaException) {
            return unavailable(
                    "newer-schema",
                    "Newer schema",
                    RETRY_STORE_SECONDS,
                    "The database was brought to a newer schema than this server knows; it can be read here, and not"
                            + " written. Another server, or this one once it is upgraded, can write it.");
        }
        if (e instanceof MigrationFailedException) {
            return new Problem(
                    "migration-failed",
                    "Schema not migrated",
                    HttpStatus.INTERNAL_SERVER_ERROR,
                    0,
                    "The database could not be brought to the schema that this server needs; it is as it was."
                            + " Repeating does not help before the migration has been mended.");
        }
        if (e instanceof LocalStorageException) {
            boolean full = isDiskFull(e);
            return new Problem(
                    "local-storage",
                    full ? "Local disk full" : "Local disk unusable",
                    full ? HttpStatus.INSUFFICIENT_STORAGE : HttpStatus.SERVICE_UNAVAILABLE,
                    full ? 0 : RETRY_STORE_SECONDS,
                    "This server's disk refused. What the store holds is unaffected.");
        }
        if (e instanceof QuotaExceededException) {
            return new Problem(
                    "quota",
                    "Quota exceeded",
                    HttpStatus.INSUFFICIENT_STORAGE,
                    0,
                    "The database may not become larger than it is allowed to be. Deleting works; repeating helps when there is"
                            + " room again.");
        }
        if (e instanceof TransactionTooLargeException) {
            return new Problem(
                    "transaction-too-large",
                    "Transaction too large",
                    HttpStatus.CONTENT_TOO_LARGE,
                    0,
                    "The request changed more than this server can save at once. Make the change in smaller parts.");
        }
        if (e instanceof CorruptException) {
            return new Problem(
                    "corrupt",
                    "Database damaged",
                    HttpStatus.INTERNAL_SERVER_ERROR,
                    0,
                    "Something damaged was found; nothing of it was served. The database has to be restored by an"
                            + " operator.");
        }
        return new Problem(
                "failed", "Database unusable", HttpStatus.INTERNAL_SERVER_ERROR, 0, "The database could not be used.");
    }

    private static Problem loading(LoadProgress progress) {
        long seconds = progress.remaining().plusMillis(999).toSeconds();
        Problem problem = unavailable(
                "loading",
                "Database is being loaded",
                (int) Math.max(RETRY_LOCAL_SECONDS, Math.min(LONGEST_RETRY_SECONDS, seconds)),
                "The database is large and is being loaded from the store. That goes on by itself. Try again.");
        problem.fields.put("loadedBytes", progress.loadedBytes());
        problem.fields.put("totalBytes", progress.totalBytes());
        return problem;
    }

    private static Problem unavailable(String type, String title, int retryAfterSeconds, String detail) {
        return new Problem(type, title, HttpStatus.SERVICE_UNAVAILABLE, retryAfterSeconds, detail);
    }

    private static Outcome outcomeOf(SatchelException e, boolean saved) {
        if (saved) {
            return Outcome.PARTLY_SAVED;
        }
        if (e instanceof ConflictException) {
            return Outcome.CONFLICT_KEPT;
        }
        return e instanceof OutcomeUnknownException ? Outcome.UNKNOWN : Outcome.NOT_SAVED;
    }

    private void add(Conflict conflict) {
        fields.put("version", conflict.head().number());
        fields.put("base", conflict.base().number());
        fields.put("head", conflict.head().number());
        fields.put("keptAs", conflict.keptAs());
    }

    /** SQLite and Java have no common type for it. */
    private static boolean isDiskFull(Throwable e) {
        return causes(e).anyMatch(cause -> {
            String message = String.valueOf(cause.getMessage());
            return message.contains("No space left") || message.contains("disk is full") || isSqlDiskFull(cause);
        });
    }

    private String json() {
        StringBuilder out = new StringBuilder("{");
        fields.forEach((name, value) -> {
            out.append(out.length() > 1 ? "," : "");
            JsonText.quote(out, name).append(':');
            if (value instanceof String text) {
                JsonText.quote(out, text);
            } else {
                out.append(value);
            }
        });
        return out.append('}').toString();
    }
}
