package dev.satchel.testkit.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is to be run.
 *
 * @param folder for the disks of the nodes; the caller removes it
 * @param store location of the bucket, see {@link dev.satchel.store.ObjectStores}; what else is in it is left alone
 * @param cleared whether what is put into the bucket is removed at the end, if nothing was violated
 * @param environment where the store's credentials are, if it needs any
 * @param feed location of the feed between the nodes; null for none
 * @param duration of the load, deaths and drains included; starting and the last look come on top
 * @param nodes how many processes, 2 or more
 * @param users how many databases
 * @param clients how many threads make requests
 * @param routing which node gets a request
 * @param rolling whether every node is drained and replaced, not only one
 * @param seed for every choice; the machine's timing is not in it
 */
public record ClusterSettings(
        Path folder,
        String store,
        boolean cleared,
        Map<String, String> environment,
        @Nullable String feed,
        Duration duration,
        int nodes,
        int users,
        int clients,
        Routing routing,
        boolean rolling,
        long seed) {
    /** One to kill, one to drain, one to be left alone. */
    public static final int NODES = 3;
    /** Enough that most are idle on most nodes. */
    public static final int USERS = 200;
    /** Some users are at it from two devices at once. */
    public static final int CLIENTS = 12;

    /** Refuses what cannot be done. */
    public ClusterSettings {
        Objects.requireNonNull(folder, "folder");
        Objects.requireNonNull(store, "store");
        Objects.requireNonNull(routing, "routing");
        environment = Map.copyOf(environment);
        atLeast("duration", duration.toMillis(), 1);
        atLeast("nodes", nodes, 2);
        atLeast("users", users, 1);
        atLeast("clients", clients, 1);
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be " + least + " or more: " + value);
        }
    }
}
