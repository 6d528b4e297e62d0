package dev.satchel.store;

import java.net.URI;
import java.util.Map;

/**
 * Opens stores of one kind by URI. Found with {@link java.util.ServiceLoader}, so a store is made available by putting its
 * module on the class path; users call {@link ObjectStores#open}.
 *
 * <p>Implementations have a public constructor without parameters, keep no state and are thread-safe.
 */
public interface ObjectStoreProvider {

    /**
     * Whether this provider opens URIs of a scheme.
     *
     * @param scheme in lower case, such as {@code r2}
     */
    boolean handles(String scheme);

    /**
     * Opens a store. Makes no request: whether the store answers is found out by {@link StoreProbe} or by the first use.
     *
     * @param uri its scheme is one that {@link #handles} accepts
     * @param environment where credentials come from, usually {@link System#getenv()}. Nothing else of the environment is read
     *     if what is needed is in here
     * @throws IllegalArgumentException if the URI names an unknown option, contains a secret or lacks something; the message
     *     names it, says what to write instead, and repeats no secret
     */
    ObjectStore open(URI uri, Map<String, String> environment);
}
