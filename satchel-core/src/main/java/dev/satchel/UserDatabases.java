package dev.satchel;

import java.util.List;
import java.util.Objects;

/**
 * A user who has something in a bucket.
 *
 * @param user who
 * @param databases the user's databases by name; at least one
 */
public record UserDatabases(UserId user, List<DatabaseId> databases) {
    /** Copies the list. */
    public UserDatabases {
        Objects.requireNonNull(user, "user");
        databases = List.copyOf(databases);
    }
}
