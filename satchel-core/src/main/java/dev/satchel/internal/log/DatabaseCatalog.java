package dev.satchel.internal.log;

import dev.satchel.DatabaseId;
import dev.satchel.UserId;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The databases that a store has, found by listing. Reads a thousand keys at a time, and where a page ends inside a log it goes
 * on behind that log: what a listing costs grows with the number of databases, not of versions. Objects that are not ours are
 * passed over. Immutable, thread-safe; all methods throw {@link StoreException} if the store cannot be asked.
 */
public final class DatabaseCatalog {
    /** The character after the slash: {@code a0} is the first key that can follow those which begin with {@code a/}. */
    private static final String BEHIND = String.valueOf((char) ('/' + 1));

    private final ObjectStore store;

    /** The databases in {@code store}. */
    public DatabaseCatalog(ObjectStore store) {
        this.store = store;
    }

    /**
     * Some databases.
     *
     * @param databases in the order of their keys; one may appear again, on a later page too, but all of a user's are together
     * @param next where to go on, null at the end
     */
    public record Page(List<DatabaseId> databases, @Nullable String next) {}

    /** Where to begin for all users. */
    public static String beginning() {
        return "";
    }

    /** Where to begin for the users after this one, in the order of {@link UserId#encoded()} plus a slash. */
    public static String behind(UserId user) {
        return user.encoded() + BEHIND;
    }

    /** The databases whose keys come after {@code position}; one request. */
    public Page page(String position) {
        return page("", position);
    }

    /** The databases of one user; one request for each thousand keys or for each database, whatever is less. */
    public List<DatabaseId> of(UserId user) {
        List<DatabaseId> found = new ArrayList<>();
        String prefix = user.encoded() + "/";
        String position = "";
        while (position != null) {
            Page page = page(prefix, position);
            found.addAll(page.databases());
            position = page.next();
        }
        return found.stream().distinct().sorted().toList();
    }

    private Page page(String prefix, String position) {
        ListPage page = store.list(prefix, position, ObjectStore.MAX_LIST_LIMIT);
        List<DatabaseId> databases = new ArrayList<>();
        @Nullable DatabaseId last = null;
        for (ObjectInfo object : page.objects()) {
            Optional<DatabaseId> found = DatabaseKeys.databaseOf(object.key());
            if (found.isPresent() && !found.get().equals(last)) {
                last = found.get();
                databases.add(last);
            }
        }
        if (!page.more() || page.objects().isEmpty()) {
            return new Page(databases, null);
        }
        return new Page(
                databases,
                skipping(page.objects().get(page.objects().size() - 1).key()));
    }

    /** Behind the log, the conflicts or the foreign folder that a key is in; behind the key itself if it is an image. */
    private static String skipping(String key) {
        int first = key.indexOf('/');
        if (first < 0) {
            return key;
        }
        if (!isUser(key.substring(0, first))) {
            return key.substring(0, first) + BEHIND;
        }
        int second = key.indexOf('/', first + 1);
        return second < 0 ? key : key.substring(0, second) + BEHIND;
    }

    private static boolean isUser(String segment) {
        try {
            UserId.decode(segment);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
