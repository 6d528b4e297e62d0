package dev.satchel;

import java.time.Duration;
import java.util.Objects;

/** How new the local copy must be before a session may read it. */
public sealed interface Freshness {

    /** The newest version there is when the session opens: one store request. The default. */
    static Freshness latest() {
        return Latest.INSTANCE;
    }

    /** At least this version (a bookmark); no store request when the replica has it already. */
    static Freshness atLeast(Version version) {
        return new AtLeast(version);
    }

    /** Known to have been the newest at most {@code age} ago; no store request while that holds. */
    static Freshness within(Duration age) {
        return new Within(age);
    }

    /** Whatever this machine has; a store request only if it has nothing. */
    static Freshness local() {
        return Local.INSTANCE;
    }

    /** See {@link #latest()}. */
    enum Latest implements Freshness {
        /** The only one. */
        INSTANCE
    }

    /**
     * See {@link #atLeast}.
     *
     * @param version the bookmark
     */
    record AtLeast(Version version) implements Freshness {
        /** Checks for null. */
        public AtLeast {
            Objects.requireNonNull(version, "version");
        }
    }

    /**
     * See {@link #within}.
     *
     * @param age not negative
     */
    record Within(Duration age) implements Freshness {
        /** Refuses negative ages. */
        public Within {
            if (age.isNegative()) {
                throw new IllegalArgumentException("age must not be negative: " + age);
            }
        }
    }

    /** See {@link #local()}. */
    enum Local implements Freshness {
        /** The only one. */
        INSTANCE
    }
}
