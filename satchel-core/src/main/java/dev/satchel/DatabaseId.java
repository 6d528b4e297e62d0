package dev.satchel;

import java.util.Comparator;
import java.util.Objects;

/**
 * Names one database: its user, and a name for applications that keep several per user.
 *
 * @param user whose it is
 * @param name {@value #DEFAULT_NAME} unless the application says otherwise; the same rules as for {@link UserId}, and 8 bytes shorter
 *     when encoded, since the archive of a database is called after it
 */
public record DatabaseId(UserId user, String name) implements Comparable<DatabaseId> {
    /** The name of a user's only database. */
    public static final String DEFAULT_NAME = "database";

    /** How the name of an archive database ends: {@code database.archive} has what left {@code database}. */
    public static final String ARCHIVE_SUFFIX = ".archive";

    private static final String WHAT = "database name";
    private static final Comparator<DatabaseId> ORDER =
            Comparator.comparing(DatabaseId::user).thenComparing(DatabaseId::name);

    /** Refuses names that have no safe encoding, with an {@link IllegalArgumentException} that says why. */
    public DatabaseId {
        Objects.requireNonNull(user, "user");
        SafeName.encode(WHAT, name);
        if (!isArchive(name)) {
            SafeName.encode("database name with " + ARCHIVE_SUFFIX + " behind it", name + ARCHIVE_SUFFIX);
        }
    }

    /** The only database of a user. */
    public static DatabaseId of(String user) {
        return of(UserId.of(user));
    }

    /** The only database of a user. */
    public static DatabaseId of(UserId user) {
        return new DatabaseId(user, DEFAULT_NAME);
    }

    /** One of several databases of a user. */
    public static DatabaseId of(String user, String name) {
        return new DatabaseId(UserId.of(user), name);
    }

    /** The name whose encoded form this is, as a database of {@code user}. */
    public static DatabaseId decode(String encodedUser, String encodedName) {
        return new DatabaseId(UserId.decode(encodedUser), SafeName.decode(WHAT, encodedName));
    }

    /**
     * Whether this is where the bucket tier keeps what another database of the user has archived: its name ends with {@value
     * #ARCHIVE_SUFFIX}. Such a database has a schema of its own, and the application's is not applied to it.
     */
    public boolean isArchive() {
        return isArchive(name);
    }

    private static boolean isArchive(String name) {
        return name.endsWith(ARCHIVE_SUFFIX) && name.length() > ARCHIVE_SUFFIX.length();
    }

    /** Where the bucket tier keeps what this database has archived. */
    public DatabaseId archive() {
        return new DatabaseId(user, name + ARCHIVE_SUFFIX);
    }

    /** The name's form in object keys and local paths. */
    public String encodedName() {
        return SafeName.encode(WHAT, name);
    }

    /** {@code <user>/<name>} in encoded form: what keys begin with, and the identity stored inside objects. */
    public String path() {
        return user.encoded() + "/" + encodedName();
    }

    @Override
    public int compareTo(DatabaseId other) {
        return ORDER.compare(this, other);
    }

    /** The {@link #path()}. */
    @Override
    public String toString() {
        return path();
    }
}
