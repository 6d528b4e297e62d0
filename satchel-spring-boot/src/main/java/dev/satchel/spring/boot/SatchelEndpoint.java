package dev.satchel.spring.boot;

import dev.satchel.DatabaseStatus;
import dev.satchel.Satchel;
import dev.satchel.SizeThresholds;
import dev.satchel.UserId;
import dev.satchel.UserStatus;
import dev.satchel.store.ObjectStore;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/** What this node knows, and what it knows of one user's databases. Asks neither the store nor a database. */
@Endpoint(id = "satchel")
public final class SatchelEndpoint {
    private final Satchel satchel;
    private final @Nullable ObjectStore store;

    SatchelEndpoint(Satchel satchel, @Nullable ObjectStore store) {
        this.satchel = satchel;
        this.store = store;
    }

    /** The node. */
    @ReadOperation
    public NodeDescriptor node() {
        return new NodeDescriptor(satchel.writer(), store == null ? null : store.location(), satchel.openDatabases());
    }

    /** A user's databases; null, which is answered with 404, if this node has opened none. */
    @ReadOperation
    public @Nullable UserDescriptor user(@Selector String user) {
        try {
            return satchel.status(UserId.of(user))
                    .map(status -> UserDescriptor.of(status, satchel.config().sizes()))
                    .orElse(null);
        } catch (IllegalArgumentException e) {
            throw new InvalidEndpointRequestException("not a user id", "not a user id", e);
        }
    }

    /**
     * The node.
     *
     * @param writer its name and start, as in commits
     * @param store where the databases are durable; null if the application made {@link Satchel} without a bean for its store
     * @param openDatabases how many are open
     */
    public record NodeDescriptor(String writer, @Nullable String store, int openDatabases) {}

    /**
     * A user, as far as this node knows.
     *
     * @param status the worst of the databases'
     * @param databases by name
     */
    public record UserDescriptor(String status, Map<String, DatabaseDescriptor> databases) {
        static UserDescriptor of(UserStatus user, SizeThresholds sizes) {
            Map<String, DatabaseDescriptor> databases = new LinkedHashMap<>();
            user.databases().forEach(each -> databases.put(each.database().name(), DatabaseDescriptor.of(each, sizes)));
            return new UserDescriptor(user.status().token(), databases);
        }
    }

    /**
     * A database, as far as this node knows.
     *
     * @param version of the local copy
     * @param status as in {@code X-Sync-Status}; {@code conflict} from when changes were refused until a request has gone well
     * @param sizeBytes of the database at that version
     * @param sizeLevel what that means: {@code normal}, {@code info} or {@code warning}
     */
    public record DatabaseDescriptor(long version, String status, long sizeBytes, String sizeLevel) {
        static DatabaseDescriptor of(DatabaseStatus status, SizeThresholds sizes) {
            return new DatabaseDescriptor(
                    status.version().number(),
                    status.status().token(),
                    status.sizeBytes(),
                    sizes.levelOf(status.sizeBytes()).token());
        }
    }
}
