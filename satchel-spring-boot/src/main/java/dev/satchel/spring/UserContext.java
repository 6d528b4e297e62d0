package dev.satchel.spring;

import dev.satchel.UserId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Who the current thread works for, and the unit of work its database use belongs to. Bound by the servlet filters for a
 * request and by {@link SatchelScopes} for a job; carried to other threads by Micrometer's context propagation when that is on
 * the class path (a task that outlives its request needs {@link SatchelScopes#as} of its own).
 *
 * <p>Thread-safe; every thread sees its own.
 */
public final class UserContext {
    /** The MDC key of the version that the session of a unit began with; as it was when the unit is no longer bound. */
    public static final String MDC_VERSION = "satchel.version";

    // Not static: applications in one process, as in tests, must not see each other's users.
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable Scope> current = new ThreadLocal<>();

    /** Bound to nobody on every thread. */
    public UserContext() {}

    /** Who the current thread works for; empty if nobody in particular. */
    public Optional<UserId> user() {
        Scope scope = current.get();
        return scope == null ? Optional.empty() : Optional.of(scope.user());
    }

    /** The unit of work of the current thread, if it has one. */
    public Optional<UnitOfWork> unit() {
        Scope scope = current.get();
        return scope == null ? Optional.empty() : Optional.ofNullable(scope.unit());
    }

    /** Says who the current thread works for, until the binding is closed. */
    public Binding bind(UserId user) {
        return bind(new Scope(user, null, current.get(), null));
    }

    /** Gives the current thread a unit of work, until the binding is closed. */
    public Binding bind(UnitOfWork unit) {
        return bind(new Scope(unit.user(), unit, current.get(), null));
    }

    /** The innermost unit of a user among those that cannot end before the current thread's work does. */
    Optional<UnitOfWork> enclosingUnitOf(UserId user) {
        for (Scope scope = current.get(); scope != null && scope.carried() == null; scope = scope.outer()) {
            if (scope.unit() != null && scope.user().equals(user)) {
                return Optional.of(scope.unit());
            }
        }
        return Optional.empty();
    }

    /** What a thread-local accessor carries. */
    @Nullable
    Scope scope() {
        return current.get();
    }

    /** Binds what {@link #scope()} gave on another thread. */
    void carry(Scope scope) {
        current.set(new Scope(scope.user(), scope.unit(), null, new Carried(MDC.get(MDC_VERSION))));
    }

    /** Puts back what {@link #scope()} gave on this thread. */
    void scope(@Nullable Scope scope) {
        Scope leaving = current.get();
        if (leaving != null && leaving.carried() != null) {
            logVersion(leaving.carried().versionBefore());
        }
        put(scope);
    }

    private void put(@Nullable Scope scope) {
        if (scope == null) {
            current.remove();
        } else {
            current.set(scope);
        }
    }

    private Binding bind(Scope scope) {
        Scope before = current.get();
        String versionBefore = MDC.get(MDC_VERSION);
        current.set(scope);
        return () -> {
            put(before);
            logVersion(versionBefore);
        };
    }

    private static void logVersion(@Nullable String version) {
        if (version == null) {
            MDC.remove(MDC_VERSION);
        } else {
            MDC.put(MDC_VERSION, version);
        }
    }

    /** Ends what a bind began; on the same thread, innermost first. */
    @FunctionalInterface
    public interface Binding extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * What is bound.
     *
     * @param unit null when only the user is known
     * @param outer what was bound before
     * @param carried not null if it came from another thread, whose work may end first
     */
    record Scope(
            UserId user,
            @Nullable UnitOfWork unit,
            @Nullable Scope outer,
            @Nullable Carried carried) {}

    /**
     * What a scope that came from another thread found on this one.
     *
     * @param versionBefore what the MDC said
     */
    record Carried(@Nullable String versionBefore) {}
}
