package dev.satchel.s3;

import dev.satchel.store.StoreRules;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the objects are and how to get there; no secrets. Immutable.
 *
 * @param location the store as a URI, for messages
 * @param bucket exists already; it is never created
 * @param prefix goes in front of every key, without a slash at either end; empty for the whole bucket
 * @param endpoint null for AWS itself
 * @param region {@code auto} for R2
 * @param pathStyle whether the bucket is in the path instead of the host name
 * @param timeouts of every request
 * @param maxConnections how many requests run at once; more wait for a free connection
 */
public record S3StoreConfig(
        String location,
        String bucket,
        String prefix,
        @Nullable URI endpoint,
        String region,
        boolean pathStyle,
        S3Timeouts timeouts,
        int maxConnections) {

    /** How many requests run at once unless told otherwise. */
    public static final int DEFAULT_MAX_CONNECTIONS = 256;

    /** Checks what can be checked without asking the store. */
    public S3StoreConfig {
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(timeouts, "timeouts");
        if (!bucket.matches("[a-z0-9A-Z][a-zA-Z0-9._-]{1,62}")) {
            throw new IllegalArgumentException(
                    "not a bucket's name: " + bucket + "; 3 to 63 letters, digits and hyphens");
        }
        if (!prefix.isEmpty()) {
            StoreRules.checkKey(prefix);
        }
        if (!region.matches("[A-Za-z0-9-]+")) {
            throw new IllegalArgumentException("not a region: " + region);
        }
        if (maxConnections < 1) {
            throw new IllegalArgumentException("maxConnections must be at least 1: " + maxConnections);
        }
    }

    /**
     * Reads a store's URI.
     *
     * <ul>
     *   <li>{@code r2://bucket/prefix?account=ACCOUNT[&jurisdiction=eu]}, or {@code endpoint=} instead of the account for a local
     *       R2
     *   <li>{@code s3://bucket/prefix?[endpoint=...][&region=...][&pathStyle=true|false]}; without an endpoint {@code
     *       AWS_ENDPOINT_URL_S3} and {@code AWS_ENDPOINT_URL} count, without a region {@code AWS_REGION}, {@code
     *       AWS_DEFAULT_REGION} and the AWS profile
     * </ul>
     *
     * @param environment usually {@link System#getenv()}
     * @throws IllegalArgumentException naming what is wrong or unknown; without secrets, even if the URI has some
     */
    public static S3StoreConfig parse(URI uri, Map<String, String> environment) {
        return new S3Uri(uri, environment).config();
    }

    /** The same with other time-outs. */
    public S3StoreConfig withTimeouts(S3Timeouts newTimeouts) {
        return new S3StoreConfig(location, bucket, prefix, endpoint, region, pathStyle, newTimeouts, maxConnections);
    }

    /** The same with another number of connections. */
    public S3StoreConfig withMaxConnections(int newMaxConnections) {
        return new S3StoreConfig(location, bucket, prefix, endpoint, region, pathStyle, timeouts, newMaxConnections);
    }
}
