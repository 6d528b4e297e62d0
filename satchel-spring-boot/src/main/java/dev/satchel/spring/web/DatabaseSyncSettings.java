package dev.satchel.spring.web;

import java.util.List;

/**
 * Settings of {@link DatabaseSyncFilter}.
 *
 * @param responseBuffer how many bytes of an answer are held at most
 * @param excludePaths patterns of the paths that it leaves alone, such as {@code /assets/**}
 * @param logUserIds whether logs may show user ids
 * @param endpoints modes by path; the first that matches counts
 * @param bookmarkCookie whether browsers keep the version that they have seen in a cookie
 */
public record DatabaseSyncSettings(
        int responseBuffer,
        List<String> excludePaths,
        boolean logUserIds,
        List<EndpointMode> endpoints,
        boolean bookmarkCookie) {

    /** Copies the lists. */
    public DatabaseSyncSettings {
        excludePaths = List.copyOf(excludePaths);
        endpoints = List.copyOf(endpoints);
    }
}
