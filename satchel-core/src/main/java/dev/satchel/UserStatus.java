package dev.satchel;

import java.util.List;
import java.util.Objects;

/**
 * What this machine knows of all databases of a user, without asking the store.
 *
 * @param user whose they are
 * @param status the worst of the databases'
 * @param databases those that this machine knows anything of, by name; at least one
 */
public record UserStatus(UserId user, SyncStatus status, List<DatabaseStatus> databases) {
    /** Checks for nulls and keeps a copy. */
    public UserStatus {
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(status, "status");
        databases = List.copyOf(databases);
    }

    /** Of databases of one user, at least one. */
    static UserStatus of(List<DatabaseStatus> databases) {
        SyncStatus worst = SyncStatus.SYNCED;
        for (DatabaseStatus each : databases) {
            worst = worst.worse(each.status());
        }
        return new UserStatus(databases.get(0).database().user(), worst, databases);
    }
}
