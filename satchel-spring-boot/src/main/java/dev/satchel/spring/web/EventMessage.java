package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.spring.internal.JsonText;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a browser is told, as JSON.
 *
 * @param json one line
 * @param version the bookmark to resume from, null if it tells of none
 */
record EventMessage(String json, @Nullable Version version) {
    /** Tells that the connection is alive. */
    static final EventMessage HEARTBEAT = new EventMessage("{\"kind\":\"heartbeat\"}", null);

    /** Something happened. */
    static EventMessage of(VersionEvent event) {
        return of(
                event.database(), event.version(), event.kind().name().toLowerCase(Locale.ROOT), event.writer(), null);
    }

    /** A request of a page was saved. */
    static EventMessage saved(DatabaseId database, Version version, String writer, String client) {
        String kind = VersionEvent.Kind.PUBLISHED.name().toLowerCase(Locale.ROOT);
        return of(database, version, kind, writer, client);
    }

    /** The answer at connect: the newest version that is known, if any is. */
    static EventMessage current(DatabaseId database, Optional<Version> version) {
        return of(database, version.orElse(null), "current", null, null);
    }

    private static EventMessage of(
            DatabaseId database,
            @Nullable Version version,
            String kind,
            @Nullable String writer,
            @Nullable String client) {
        StringBuilder out = new StringBuilder("{\"database\":");
        JsonText.quote(out, database.name())
                .append(",\"version\":")
                .append(version == null ? "null" : version.number());
        JsonText.quote(out.append(",\"kind\":"), kind);
        if (writer != null) {
            JsonText.quote(out.append(",\"writer\":"), writer);
        }
        if (client != null) {
            JsonText.quote(out.append(",\"client\":"), client);
        }
        return new EventMessage(out.append('}').toString(), version);
    }
}
