package dev.satchel.spring;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SatchelException;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.UserId;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs work for a user outside a request: a scheduled job, a message listener, a command. Within the work the
 * {@link SatchelDataSource}, and with it {@code JdbcTemplate}, {@code @Transactional} and the rest, is the user's database.
 *
 * <pre>{@code
 * satchelScopes.as(UserId.of("alice"), () -> jdbc.sql("select count(*) from clip").query(Long.class).single());
 * }</pre>
 *
 * <p>The database is opened when it is first used and published at the end of the work, which blocks for the store requests of
 * {@link dev.satchel.Satchel#open} and {@link Session#complete()}. Thread-safe.
 */
public final class SatchelScopes {
    private final SessionOpener opener;
    private final UserContext context;
    private final TransactionGuard transactions;
    private final ThreadGuard threads;
    private final Freshness freshness;
    private final Durability durability;

    /**
     * Scopes whose sessions are opened with these.
     *
     * @param opener usually {@link SessionOpener#of}
     */
    public SatchelScopes(SessionOpener opener, UserContext context, Freshness freshness, Durability durability) {
        this.opener = Objects.requireNonNull(opener, "opener");
        this.context = Objects.requireNonNull(context, "context");
        this.freshness = Objects.requireNonNull(freshness, "freshness");
        this.durability = Objects.requireNonNull(durability, "durability");
        this.transactions = TransactionGuard.create();
        this.threads = ThreadGuard.create();
    }

    /**
     * Runs work for a user and completes their session. Inside a request or scope of the same user it is part of that one, which
     * then completes the session.
     *
     * @throws IllegalStateException if a transaction of another user's database is open on this thread: what the work wrote would go there
     * @throws SatchelException as {@link Session#complete()}, if the work itself did not fail
     * @throws X what the work throws; what it had committed before is published all the same
     */
    public <T extends @Nullable Object, X extends Exception> T as(UserId user, ScopedWork<T, X> work) throws X {
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(work, "work");
        Optional<UnitOfWork> enclosing = context.enclosingUnitOf(user);
        boolean inner = enclosing.isPresent();
        UnitOfWork unit = enclosing.orElseGet(() -> newUnit(user));
        if (!context.user().equals(Optional.of(user))) {
            transactions.refuseIfOpen(user);
        }
        T value;
        try (UserContext.Binding ignored = context.bind(unit)) {
            value = work.run();
        } catch (Throwable e) {
            if (!inner) {
                completeAfter(e, unit);
            }
            throw e;
        }
        if (!inner) {
            unit.complete();
        }
        return value;
    }

    /** {@link #as} for work that returns nothing. */
    public <X extends Exception> void runAs(UserId user, ScopedAction<X> action) throws X {
        Objects.requireNonNull(action, "action");
        this.<@Nullable Void, X>as(user, () -> {
            action.run();
            return null;
        });
    }

    /** Who the current thread works for. */
    public Optional<UserId> currentUser() {
        return context.user();
    }

    /**
     * The session of the current request or scope, opened now if it was not. Its owner completes it.
     *
     * @throws NoCurrentUserException outside of one
     * @throws NonBlockingThreadException on a thread that Reactor says must not block
     * @throws SatchelException as {@link dev.satchel.Satchel#open}
     */
    public Session session() {
        return requireUnit().session();
    }

    /**
     * Runs an action once what the current request or scope has written is saved, and not at all if it is not: for telling others
     * that something is done. {@code @TransactionalEventListener} runs too early for that, after the local commit.
     *
     * @param action told how the session ended: {@code SYNCED} and {@code CONFLICT} mean in the store, {@code PENDING} on this
     *     machine's disk, if durability is deferred. What it throws is logged
     * @throws NoCurrentUserException outside of a request or scope
     * @throws SatchelException as {@link dev.satchel.Satchel#open}
     */
    public void whenSaved(Consumer<SessionResult> action) {
        requireUnit().whenSaved(Objects.requireNonNull(action, "action"));
    }

    /** What sessions are opened with unless a request says otherwise. */
    public Freshness freshness() {
        return freshness;
    }

    /** What sessions are opened with unless an endpoint says otherwise. */
    public Durability durability() {
        return durability;
    }

    /** Opens a session with the configured durability; whoever opens it completes it. */
    public Session open(DatabaseId database, Freshness wanted) {
        return opener.open(database, wanted, durability);
    }

    /** Opens a session; whoever opens it completes it. */
    public Session open(DatabaseId database, Freshness wanted, Durability wantedDurability) {
        return opener.open(database, wanted, wantedDurability);
    }

    /**
     * Opens a session; whoever opens it completes it.
     *
     * @param atMost how long to wait for a large database that is being loaded
     * @throws dev.satchel.LoadingException if it takes longer; the loading goes on
     */
    public Session open(DatabaseId database, Freshness wanted, Durability wantedDurability, Duration atMost) {
        return opener.open(database, wanted, wantedDurability, atMost);
    }

    UnitOfWork requireUnit() {
        threads.refuseNonBlocking();
        Optional<UnitOfWork> unit = context.unit();
        if (unit.isPresent()) {
            return unit.get();
        }
        Optional<UserId> user = context.user();
        if (user.isPresent()) {
            throw new NoCurrentUserException(
                    "the user is known here, but no unit of work is open that would publish what is"
                            + " written: run inside satchelScopes.as(user, work), or take the path out of satchel.web.exclude-paths");
        }
        throw new NoCurrentUserException(
                "no user: this thread works for nobody, so there is no database to connect to. In a request,"
                        + " provide a UserResolver bean, or a ReactiveUserResolver in WebFlux, that finds the user; in a job, run"
                        + " inside satchelScopes.as(user, work); for one write to some user's database,"
                        + " satchel.write(DatabaseId.of(user), session -> ...)");
    }

    private UnitOfWork newUnit(UserId user) {
        DatabaseId database = DatabaseId.of(user);
        return new UnitOfWork(database, freshness, durability, opener);
    }

    private static void completeAfter(Throwable failure, UnitOfWork unit) {
        try {
            unit.complete();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
