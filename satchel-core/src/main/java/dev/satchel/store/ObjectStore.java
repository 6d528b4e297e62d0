package dev.satchel.store;

import java.util.Map;
import java.util.Optional;

/**
 * A flat, ordered map of immutable byte objects, each with a little metadata.
 *
 * <p>Keys are {@code /}-separated, ordered by their UTF-8 bytes, at most 1,024 bytes long; no segment is empty, {@code .} or
 * {@code ..}; none has control characters. Every method answers a key, metadata or a limit that breaks the rules with
 * {@link IllegalArgumentException} before anything is asked or changed ({@link StoreRules} checks). A key is never also the
 * folder of another key; a store may refuse that ({@link StoreException.Reason#REJECTED}) but need not notice. A store with
 * narrower limits, like a file system's on the length of a name, refuses in the same way, with words that say so.
 *
 * <p>Every operation is strongly consistent: what one caller has put, the next get, head and list see, on every machine.
 *
 * <p><b>Three answers.</b> Present, absent and "could not ask" are told apart: absence is an empty {@link Optional}, everything
 * that leaves the question open is a {@link StoreException}. An implementation never turns an error into an absence.
 *
 * <p><b>No hidden retries.</b> One call is one attempt. Only the caller knows whether a put may be sent again.
 *
 * <p>Implementations are thread-safe. Every method blocks the calling thread, and every one ends within the time-outs the
 * implementation was configured with.
 */
public interface ObjectStore extends AutoCloseable {

    /** The most entries that one {@link #list} call returns. */
    int MAX_LIST_LIMIT = 1000;

    /**
     * Opens an object for reading. The caller closes it.
     *
     * @return the object, or empty if it is known not to exist
     * @throws StoreException if the store could not be asked
     */
    default Optional<StoredObject> get(String key) {
        return get(key, ByteRange.ALL);
    }

    /**
     * Opens a part of an object for reading. The caller closes it. {@link StoredObject#info()} describes the whole object, the
     * body has only the range, cut at the object's end.
     *
     * @return the object, or empty if it is known not to exist
     * @throws StoreException if the store could not be asked, or, as {@link StoreException.Reason#REJECTED}, if the range is not
     *     {@link ByteRange#ALL} and begins at or beyond the object's end
     */
    Optional<StoredObject> get(String key, ByteRange range);

    /**
     * Describes an object without its body.
     *
     * @return the description, or empty if the object is known not to exist
     * @throws StoreException if the store could not be asked
     */
    Optional<ObjectInfo> head(String key);

    /**
     * Stores an object, whole or not at all, if the condition holds. Checking and storing are one atomic step. A reader that
     * has opened the object before goes on reading what it opened, or fails; it never reads a mixture.
     *
     * @param metadata lower-case ASCII keys ({@code [a-z0-9-]+}) with printable ASCII values that are not empty and neither
     *     begin nor end with a space, together at most 2,048 bytes, each entry counted with 11 bytes more
     * @return {@link PutResult.Stored}, or {@link PutResult.PreconditionFailed} if the condition did not hold (nothing changed);
     *     {@code ifMatch} on a key that does not exist does not hold
     * @throws StoreException if the outcome is unknown or the store refused; {@link StoreException#reason()} says which.
     *     {@link StoreException.Reason#IO} if the body could not be read
     */
    PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition);

    /**
     * Lists objects in key order, without metadata. A page that is not full is the last one.
     *
     * @param prefix what the keys begin with; may be empty
     * @param startAfter only keys after this one; empty for all. It need not exist nor begin with the prefix
     * @param limit 1 to {@link #MAX_LIST_LIMIT}
     * @throws StoreException if the store could not be asked
     */
    ListPage list(String prefix, String startAfter, int limit);

    /**
     * Deletes an object. Deleting what does not exist succeeds.
     *
     * @throws StoreException if the outcome is unknown or the store refused
     */
    void delete(String key);

    /** Where this store is, for messages: a URI without secrets. */
    String location();

    /** Releases connections. Objects stay. Never throws. */
    @Override
    void close();
}
