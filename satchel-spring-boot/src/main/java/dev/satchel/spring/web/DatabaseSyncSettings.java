package dev.satchel.spring.web;

import java.time.Duration;
import java.util.List;

/**
 * Settings of {@link DatabaseSyncFilter}.
 *
 * @param responseBuffer how many bytes of an answer are held at most
 * @param excludePaths patterns of the paths that it leaves alone, such as {@code /assets/**}
 * @param logUserIds whether logs may show user ids
 * @param endpoints modes by path; the first that matches counts
 * @param bookmarkCookie whether browsers keep the version that they have seen in a cookie
 * @param maxWaitForOpen how long a request waits while a large database is being loaded; then it is answered with the status
 *     503, the progress and when to come again, and the loading goes on
 */
public record DatabaseSyncSettings(
        int responseBuffer,
        List<String> excludePaths,
        boolean logUserIds,
        List<EndpointMode> endpoints,
        boolean bookmarkCookie,
        Duration maxWaitForOpen) {

    /** How long a request waits for a large database, unless told otherwise. */
    public static final Duration MAX_WAIT_FOR_OPEN = Duration.ofSeconds(10);

    /** Which wait so long as is usual for a large database. */
    public DatabaseSyncSettings(
            int responseBuffer,
            List<String> excludePaths,
            boolean logUserIds,
            List<EndpointMode> endpoints,
            boolean bookmarkCookie) {
        this(responseBuffer, excludePaths, logUserIds, endpoints, bookmarkCookie, MAX_WAIT_FOR_OPEN);
    }

    /** Copies the lists. */
    public DatabaseSyncSettings {
        excludePaths = List.copyOf(excludePaths);
        endpoints = List.copyOf(endpoints);
    }
}
