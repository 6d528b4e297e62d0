package dev.satchel.spring.boot;

import dev.satchel.ConflictPolicy;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.NodeId;
import dev.satchel.SatchelConfig;
import dev.satchel.SizeThresholds;
import dev.satchel.archive.ArchiveRule;
import dev.satchel.spring.FreshnessText;
import dev.satchel.spring.web.EndpointMode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of an application that uses Satchel.
 *
 * @param enabled Whether Satchel is set up at all.
 * @param store Where the databases are durable: a folder, a file: URI, r2://bucket/prefix?account=... or
 * s3://bucket/prefix?region=... . Credentials come from the environment, never from here.
 * @param localDirectory Folder for this node's copies of the databases, used by one process at a time.
 * @param conflictPolicy What happens when two nodes commit on the same version: the later one wins and the other's state is
 * kept aside, or the later one is refused.
 * @param durability When a request that wrote is answered: when its changes are in the store, or when they are on the local
 * disk and upload by themselves.
 * @param freshness How new the local copy must be when a request first uses it: latest asks the store each time, local never,
 * a duration such as 5s only if it has not been compared for so long.
 * @param storeTimeout How long a request waits for the store in all.
 * @param localTimeout How long a request waits for something on this node, such as another transaction.
 * @param maxOpenDatabases How many databases may be open at once.
 * @param maxLocalSize How much disk the local copies may take; those of idle users are removed beyond it.
 * @param maxTransactionSize How much one transaction may change, in whole pages: it is saved from memory, which takes several times
 * that. An eighth of the heap if not set, 1GB at most.
 * @param retention How long older versions can be restored and conflict records are kept, at least 24h.
 * @param responseBuffer How much of an answer is held in memory until its changes are durable. Longer answers begin to leave
 * earlier, and can then no longer be replaced by an error.
 * @param node Name of this node in commits and logs; the host name if not set.
 * @param feed Which processes write to the store: in-process if there may be others, only-process if this is the only one, so that a
 * freshness that is a duration needs fewer requests. Not used with Redis.
 * @param size From which sizes on a database is worth a word, and how large it may become.
 * @param archive What leaves a database that grows.
 * @param redis Version events between nodes.
 * @param schema The schema of each user's database.
 * @param dataSource The DataSource bean.
 * @param web The servlet filters.
 * @param events The endpoint that tells browsers of new versions.
 * @param placement Which node a user's requests should go to.
 * @param drain How this node leaves.
 */
@ConfigurationProperties("satchel")
public record SatchelProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("./data/bucket") String store,
        @DefaultValue("./data/user_data") String localDirectory,
        @DefaultValue("last-write-wins") ConflictPolicy conflictPolicy,
        @DefaultValue("durable") Durability durability,
        @DefaultValue("latest") String freshness,
        @DefaultValue("10s") Duration storeTimeout,
        @DefaultValue("10s") Duration localTimeout,
        @DefaultValue("500") int maxOpenDatabases,
        @DefaultValue("10GB") DataSize maxLocalSize,
        @Nullable DataSize maxTransactionSize,
        @DefaultValue("30d") Duration retention,
        @DefaultValue("256KB") DataSize responseBuffer,
        @Nullable String node,
        @DefaultValue("in-process") Feed feed,
        @DefaultValue Size size,
        @DefaultValue Archive archive,
        @DefaultValue Redis redis,
        @DefaultValue Schema schema,
        @DefaultValue DataSourceBean dataSource,
        @DefaultValue Web web,
        @DefaultValue Events events,
        @DefaultValue Placement placement,
        @DefaultValue Drain drain) {

    private static final DataSize LARGEST_BUFFER = DataSize.ofMegabytes(64);

    /** Refuses what cannot work, naming the property and the value. */
    public SatchelProperties {
        folder(localDirectory);
        parse(freshness);
        if (responseBuffer.compareTo(DataSize.ofKilobytes(1)) < 0 || responseBuffer.compareTo(LARGEST_BUFFER) > 0) {
            throw new IllegalArgumentException(
                    "satchel.response-buffer must be 1KB to 64MB, since every running request may fill one: "
                            + responseBuffer);
        }
        config(
                conflictPolicy,
                maxOpenDatabases,
                maxLocalSize,
                maxTransactionSize,
                storeTimeout,
                localTimeout,
                retention,
                size);
    }

    /** The engine's settings. */
    public SatchelConfig config() {
        return config(
                conflictPolicy,
                maxOpenDatabases,
                maxLocalSize,
                maxTransactionSize,
                storeTimeout,
                localTimeout,
                retention,
                size);
    }

    /** Where {@code satchel.local-directory} is. Bound as text: as a path, Boot would look for it on the class path first. */
    public Path localFolder() {
        return folder(localDirectory);
    }

    /** What {@code satchel.freshness} says. */
    public Freshness freshnessOfRequests() {
        return parse(freshness);
    }

    private static SatchelConfig config(
            ConflictPolicy policy,
            int openDatabases,
            DataSize localSize,
            @Nullable DataSize transactionSize,
            Duration store,
            Duration local,
            Duration retention,
            Size size) {
        SatchelConfig defaults = SatchelConfig.defaults();
        return defaults.withConflictPolicy(policy)
                .withMaxTransactionBytes(
                        transactionSize == null ? defaults.maxTransactionBytes() : transactionSize.toBytes())
                .withLocalBounds(openDatabases, localSize.toBytes())
                .withTimeouts(store, local)
                .withRetention(retention)
                .withSizes(size.thresholds());
    }

    private static Path folder(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("satchel.local-directory is not a folder's name: \"" + text + "\"", e);
        }
    }

    private static Freshness parse(String text) {
        try {
            return FreshnessText.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("satchel.freshness " + e.getMessage(), e);
        }
    }

    /**
     * The schema of each user's database.
     *
     * @param location Folder with scripts such as V1__notes.sql that make the schema, below classpath: or file:. Not used if
     * there is a SchemaMigration bean.
     */
    public record Schema(
            @DefaultValue(Schema.DEFAULT_LOCATION) String location) {
        static final String DEFAULT_LOCATION = "classpath:satchel/migrations";

        /** Refuses what is no place. */
        public Schema {
            if (!location.startsWith("classpath:") && !location.startsWith("file:")) {
                throw new IllegalArgumentException("satchel.schema.location must begin with classpath: or file:, as "
                        + DEFAULT_LOCATION + ": \"" + location + "\"");
            }
        }
    }

    /**
     * From which sizes on a database is worth a word, and how large it may become.
     *
     * @param info Size from which on it is logged that a database has grown.
     * @param warning Size from which on that is a warning.
     * @param quota How large a database may become; no limit if not set. What would make it larger fails, deleting works.
     */
    public record Size(
            @DefaultValue("512KB") DataSize info,
            @DefaultValue("1MB") DataSize warning,
            @Nullable DataSize quota) {
        /** Refuses what cannot work, naming the properties. */
        public Size {
            if (info.toBytes() <= 0 || warning.compareTo(info) < 0 || quota != null && quota.toBytes() <= 0) {
                throw new IllegalArgumentException(
                        "satchel.size.info, satchel.size.warning and satchel.size.quota must be greater than 0, and"
                                + " warning not below info: " + info + ", " + warning + ", " + quota);
            }
        }

        SizeThresholds thresholds() {
            return new SizeThresholds(info.toBytes(), warning.toBytes(), quota == null ? 0 : quota.toBytes());
        }
    }

    /**
     * What leaves a database that grows.
     *
     * @param onGrowth Whether a database is archived, by all rules, when a request has made it larger than satchel.size.info or
     * satchel.size.warning.
     * @param rules What is archived, besides what ArchiveRule beans say.
     */
    public record Archive(
            @DefaultValue("false") boolean onGrowth,
            @DefaultValue({}) List<Rule> rules) {
        /**
         * A rule.
         *
         * @param name Name of the rule, of lower-case words joined by hyphens.
         * @param table Table whose rows are archived, with all that belongs to them.
         * @param where SQL condition; :cutoff stands for now less the age.
         * @param olderThan Age of :cutoff.
         * @param keep Tables whose rows are never taken.
         * @param label SQL expression that tells people which row it is.
         */
        public record Rule(
                String name,
                String table,
                String where,
                @DefaultValue("0s") Duration olderThan,
                @DefaultValue({}) List<String> keep,
                @Nullable String label) {
            ArchiveRule rule() {
                ArchiveRule.Builder builder = ArchiveRule.builder(name, table)
                        .where(where)
                        .olderThan(olderThan)
                        .keep(keep.toArray(String[]::new));
                if (label != null) {
                    builder.label(label);
                }
                return builder.build();
            }
        }
    }

    /** Values of {@code satchel.feed}. */
    public enum Feed {
        /** {@link dev.satchel.VersionFeed#inProcess()}. */
        IN_PROCESS,
        /** {@link dev.satchel.VersionFeed#onlyProcess()}. */
        ONLY_PROCESS
    }

    /**
     * Version events between nodes.
     *
     * @param url Redis that carries version events between nodes, such as redis://user:password@host:6379; none if not set. Needs
     * the module satchel-redis.
     * @param channel Channel of the events, the same for all nodes of an application.
     */
    public record Redis(
            @Nullable String url,
            @DefaultValue("satchel:versions") String channel) {}

    /**
     * The DataSource bean.
     *
     * @param enabled Whether the current user's database is the application's DataSource.
     */
    public record DataSourceBean(@DefaultValue("true") boolean enabled) {}

    /**
     * The servlet filters.
     *
     * @param enabled Whether requests get their user's database.
     * @param excludePaths Paths that the filters leave alone, as patterns such as /assets/**.
     * @param logUserIds Whether logs and MDC show user ids; a short hash otherwise.
     * @param bookmarkCookie Whether browsers keep the version that they have seen in a cookie, so that no node shows them an older one.
     * @param maxWaitForOpen How long a request waits while a large database is being loaded, before it is answered with 503 and the
     * progress. The loading goes on.
     * @param endpoints Freshness and durability by path, for endpoints whose annotations do not say; the first whose path matches
     * counts.
     */
    public record Web(
            @DefaultValue("true") boolean enabled,
            @DefaultValue({}) List<String> excludePaths,
            @DefaultValue("false") boolean logUserIds,
            @DefaultValue("false") boolean bookmarkCookie,
            @DefaultValue("10s") Duration maxWaitForOpen,
            @DefaultValue({}) List<Endpoint> endpoints) {

        /** Refuses what cannot work, naming the property and the value. */
        public Web {
            if (maxWaitForOpen.isNegative()) {
                throw new IllegalArgumentException(
                        "satchel.web.max-wait-for-open must not be negative: " + maxWaitForOpen);
            }
        }

        /** What {@code endpoints} says. */
        List<EndpointMode> modesOfEndpoints() {
            return endpoints.stream()
                    .map(each -> EndpointMode.of(each.path(), each.freshnessOfRequests(), each.durability()))
                    .toList();
        }
    }

    /**
     * Freshness and durability of the requests to a path.
     *
     * @param path Which requests, as a pattern such as /reports/**.
     * @param freshness How new the local copy must be, as satchel.freshness.
     * @param durability When a request that wrote is answered, as satchel.durability.
     */
    public record Endpoint(
            String path,
            @Nullable String freshness,
            @Nullable Durability durability) {

        /** Refuses what cannot work, naming the property and the value. */
        public Endpoint {
            if (path == null || !path.startsWith("/")) {
                throw new IllegalArgumentException(
                        "satchel.web.endpoints[].path must be a pattern such as /reports/**: \"" + path + "\"");
            }
            if (freshness == null && durability == null) {
                throw new IllegalArgumentException(
                        "satchel.web.endpoints[].freshness or .durability must be set for the path " + path);
            }
            freshness(path, freshness);
        }

        /** What {@code freshness} says; null if nothing. */
        @Nullable
        Freshness freshnessOfRequests() {
            return freshness(path, freshness);
        }

        private static @Nullable Freshness freshness(String path, @Nullable String text) {
            try {
                return text == null ? null : FreshnessText.parse(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "satchel.web.endpoints[].freshness of the path " + path + " " + e.getMessage(), e);
            }
        }
    }

    /**
     * The endpoint that tells browsers of new versions.
     *
     * @param enabled Whether browsers can listen to the versions of their user's databases.
     * @param path Where they listen, by WebSocket or server-sent events.
     * @param heartbeat How often a listening browser hears something, at least 1s. Shorter than what proxies take for silence.
     * @param lifetime After how long a browser has to connect, and so to be authorised, anew.
     * @param maxConnections How many browsers may listen to this node at once. The server has a limit of its own, such as
     * server.tomcat.max-connections.
     * @param maxConnectionsPerUser How many of them may be one user's.
     * @param allowedOrigins Pages of which other sites may listen, such as https://app.example.com.
     */
    public record Events(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("/satchel/events") String path,
            @DefaultValue("25s") Duration heartbeat,
            @DefaultValue("1h") Duration lifetime,
            @DefaultValue("10000") int maxConnections,
            @DefaultValue("50") int maxConnectionsPerUser,
            @DefaultValue({}) List<String> allowedOrigins) {

        private static final Duration SHORTEST = Duration.ofSeconds(1);

        /** Refuses what cannot work, naming the property and the value. */
        public Events {
            if (!path.startsWith("/") || path.contains("*") || path.contains("{")) {
                throw new IllegalArgumentException(
                        "satchel.events.path must be a path such as /satchel/events: \"" + path + "\"");
            }
            if (heartbeat.compareTo(SHORTEST) < 0) {
                throw new IllegalArgumentException("satchel.events.heartbeat must be 1s or more: " + heartbeat);
            }
            if (lifetime.compareTo(heartbeat) < 0) {
                throw new IllegalArgumentException(
                        "satchel.events.lifetime must not be shorter than satchel.events.heartbeat: " + lifetime);
            }
        }
    }

    /**
     * Which node a user's requests should go to.
     *
     * @param nodes Names of all nodes, such as app-1, app-2, app-3, so that answers say in X-Satchel-Node which of them a user's
     * requests should go to. Not used if there is a LiveNodes bean.
     * @param self Name of this node among them; satchel.node or else the host name if not set.
     */
    public record Placement(
            @DefaultValue({}) List<String> nodes, @Nullable String self) {
        /** Refuses names that cannot stand in a header. */
        public Placement {
            check("satchel.placement.nodes", nodes);
            check("satchel.placement.self", self == null ? List.of() : List.of(self));
        }

        private static void check(String property, List<String> names) {
            for (String name : names) {
                try {
                    NodeId.of(name);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(property + ": " + e.getMessage(), e);
                }
            }
        }
    }

    /**
     * How this node leaves.
     *
     * @param notice How long this node goes on serving at its end after it has said that it is not ready, so that whoever sends requests
     * notices. Longer than the period of their probe, at most 10m; spring.lifecycle.timeout-per-shutdown-phase must be longer.
     */
    public record Drain(@DefaultValue("0s") Duration notice) {
        private static final Duration LONGEST = Duration.ofMinutes(10);

        /** Refuses what cannot work, naming the property and the value. */
        public Drain {
            if (notice.isNegative() || notice.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("satchel.drain.notice must be 0s to 10m: " + notice);
            }
        }
    }
}
