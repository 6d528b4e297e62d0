package dev.satchel.cli;

import dev.satchel.DatabaseId;

/** Databases as people call them. */
final class Names {
    private Names() {}

    /** The user alone, if it is the usual database. */
    static String of(DatabaseId id) {
        return id.name().equals(DatabaseId.DEFAULT_NAME) ? id.user().value() : id.user() + "'s " + id.name();
    }
}
