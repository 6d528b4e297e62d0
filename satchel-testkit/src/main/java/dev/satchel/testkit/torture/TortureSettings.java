package dev.satchel.testkit.torture;

import dev.satchel.internal.sync.ProtocolRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done to whom.
 *
 * @param folder for the disks of the nodes, and for the bucket if there is no other; the caller removes it
 * @param store location of the bucket, see {@link dev.satchel.store.ObjectStores}; what else is in it is left alone
 * @param environment where the store's credentials are, if it needs any
 * @param duration of the load and the killing; starting and the last look come on top
 * @param nodes how many processes, 1 or more
 * @param users how many databases at a time, 1 or more; used ones are replaced by new ones
 * @param clients how many threads make requests, 1 or more
 * @param seed for every choice; the machine's timing is not in it, so that the same seed is a similar run and not the same
 * @param switchedOff a rule of the protocol that the nodes do not keep, so that the harness must notice; null for none
 */
public record TortureSettings(
        Path folder,
        String store,
        Map<String, String> environment,
        Duration duration,
        int nodes,
        int users,
        int clients,
        long seed,
        @Nullable ProtocolRule switchedOff) {
    /** Enough to disagree. */
    public static final int NODES = 3;
    /** Half of them for each conflict policy. */
    public static final int USERS = 6;
    /** More than there are databases, so that they meet. */
    public static final int CLIENTS = 8;

    /** Refuses what cannot be done. */
    public TortureSettings {
        Objects.requireNonNull(folder, "folder");
        Objects.requireNonNull(store, "store");
        environment = Map.copyOf(environment);
        positive("duration", duration.toMillis());
        positive("nodes", nodes);
        positive("users", users);
        positive("clients", clients);
    }

    /** Three nodes, six databases and eight clients on a bucket in the folder. */
    public static TortureSettings in(Path folder, Duration duration, long seed) {
        return new TortureSettings(folder, bucketIn(folder), Map.of(), duration, NODES, USERS, CLIENTS, seed, null);
    }

    /** The location of a bucket in a folder. */
    public static String bucketIn(Path folder) {
        return folder.resolve("bucket").toString();
    }

    /** The same, with nodes that break a rule. */
    public TortureSettings breaking(ProtocolRule rule) {
        return new TortureSettings(folder, store, environment, duration, nodes, users, clients, seed, rule);
    }

    /** The same, with so many processes and databases. */
    public TortureSettings with(int ofNodes, int ofUsers) {
        return new TortureSettings(folder, store, environment, duration, ofNodes, ofUsers, clients, seed, switchedOff);
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be greater than 0: " + value);
        }
    }
}
