package dev.satchel.testkit.torture;

import dev.satchel.BusyException;
import dev.satchel.ClosedException;
import dev.satchel.ConflictException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SessionResult;
import dev.satchel.StoreRefusedException;
import dev.satchel.UnavailableException;
import java.util.Locale;

/** What an answer says of the change that was asked for, or of the rows that it shows. */
enum Promise {
    /** In the store. */
    DURABLE(200),
    /** In the store, over another node's version. */
    OVERWROTE(200),
    /** On the node's disk. */
    PENDING(202),
    /** Not saved: another node was faster. Kept aside. */
    REFUSED(409),
    /** Not saved. */
    FAILED(503),
    /** Try again; nothing is said of this attempt. */
    BUSY(429),
    /** Saved or not: nobody knows yet. */
    UNKNOWN(504),
    /** Something that must not happen did. */
    BROKEN(500);

    private final int code;

    Promise(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    String token() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Promise of(String token) {
        return valueOf(token.toUpperCase(Locale.ROOT));
    }

    static Promise of(SessionResult result) {
        return switch (result.status()) {
            case SYNCED -> DURABLE;
            case CONFLICT -> OVERWROTE;
            case PENDING -> PENDING;
            case FAILED, UNKNOWN -> BROKEN; // no session that gives a result ends like this
        };
    }

    static Promise of(Exception failure) {
        if (failure instanceof ConflictException) {
            return REFUSED;
        }
        if (failure instanceof UnavailableException || failure instanceof StoreRefusedException) {
            return FAILED;
        }
        if (failure instanceof OutcomeUnknownException) {
            return UNKNOWN;
        }
        if (failure instanceof BusyException || failure instanceof ClosedException) {
            return BUSY;
        }
        return BROKEN;
    }
}
