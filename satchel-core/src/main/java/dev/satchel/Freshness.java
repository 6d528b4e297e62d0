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
        return new Within(age, Version.NONE);
    }

    /** Whatever this machine has; a store request only if it has nothing. */
    static Freshness local() {
        return Local.INSTANCE;
    }

    /**
     * This, and a version besides: for a caller who has seen one. What was asked for stays; latest is at least any version that
     * there is.
     */
    default Freshness andAtLeast(Version version) {
        Objects.requireNonNull(version, "version");
        if (this instanceof Within within) {
            return new Within(within.age(), newer(within.version(), version));
        }
        if (this instanceof AtLeast atLeast) {
            return atLeast(newer(atLeast.version(), version));
        }
        return this instanceof Latest ? this : atLeast(version);
    }

    private static Version newer(Version one, Version other) {
        return one.isAfter(other) ? one : other;
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
     * @param version a bookmark besides, or {@link Version#NONE}
     */
    record Within(Duration age, Version version) implements Freshness {
        /** Refuses negative ages. */
        public Within {
            Objects.requireNonNull(version, "version");
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
