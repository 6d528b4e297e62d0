package dev.satchel.spring;

import dev.satchel.UserId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who the current thread works for, and the unit of work its database use belongs to. Bound by the servlet filters for a
 * request and by {@link SatchelScopes} for a job; carried to other threads by Micrometer's context propagation when that is on
 * the class path (a task that outlives its request needs {@link SatchelScopes#as} of its own).
 *
 * <p>Thread-safe; every thread sees its own.
 */
public final class UserContext {
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
        return bind(new Scope(user, null, current.get(), false));
    }

    /** Gives the current thread a unit of work, until the binding is closed. */
    public Binding bind(UnitOfWork unit) {
        return bind(new Scope(unit.user(), unit, current.get(), false));
    }

    /** The innermost unit of a user among those that cannot end before the current thread's work does. */
    Optional<UnitOfWork> enclosingUnitOf(UserId user) {
        for (Scope scope = current.get(); scope != null && !scope.carried(); scope = scope.outer()) {
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
        current.set(new Scope(scope.user(), scope.unit(), null, true));
    }

    /** Puts back what {@link #scope()} gave on this thread. */
    void scope(@Nullable Scope scope) {
        if (scope == null) {
            current.remove();
        } else {
            current.set(scope);
        }
    }

    private Binding bind(Scope scope) {
        Scope before = current.get();
        current.set(scope);
        return () -> scope(before);
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
     * @param carried whether it came from another thread, whose work may end first
     */
    record Scope(
            UserId user,
            @Nullable UnitOfWork unit,
            @Nullable Scope outer,
            boolean carried) {}
}
