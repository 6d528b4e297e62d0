package dev.satchel.spring;

import dev.satchel.UserId;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Lets Micrometer's context propagation carry a {@link UserContext} to other threads, for example to {@code @Async} methods
 * with Spring's {@code ContextPropagatingTaskDecorator}. Registered from construction until close.
 */
public final class UserContextAccessor implements ThreadLocalAccessor<Object>, AutoCloseable {
    private final UserContext context;
    private final ContextRegistry registry;
    private final String key;

    /** Registers with {@code registry}; several applications in one process do not meet. */
    @SuppressWarnings("this-escape")
    public UserContextAccessor(UserContext context, ContextRegistry registry) {
        this.context = context;
        this.registry = registry;
        this.key = "dev.satchel.user-context-" + Integer.toHexString(System.identityHashCode(context));
        registry.registerThreadLocalAccessor(this);
    }

    /** What {@link #key()} has as its value in a Reactor context, so that the threads of a pipeline work for a user. */
    public Object valueFor(UserId user) {
        return new UserContext.Scope(user, null, null, null);
    }

    /** What {@link #key()} has as its value in a Reactor context, so that the threads of a pipeline belong to a unit of work. */
    public Object valueFor(UnitOfWork unit) {
        return new UserContext.Scope(unit.user(), unit, null, null);
    }

    @Override
    public Object key() {
        return key;
    }

    @Override
    @SuppressWarnings("NullAway") // The contract says null for nothing to carry, the signature does not.
    public @Nullable Object getValue() {
        return context.scope();
    }

    @Override
    public void setValue(Object value) {
        context.carry((UserContext.Scope) value);
    }

    @Override
    public void restore(Object previous) {
        context.scope((UserContext.Scope) previous);
    }

    @Override
    public void setValue() {
        context.scope(null);
    }

    @Override
    public void close() {
        registry.removeThreadLocalAccessor((Object) key);
    }
}
