package dev.satchel.redis;

import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What goes over the channel, as one line of fields between spaces, each percent-encoded:
 *
 * <pre>
 * satchel/1 SENDER published 43 WRITER USER/NAME     an event; also conflict, deleted, restored
 * satchel/1 SENDER gap                               the sender has lost events before this
 * </pre>
 *
 * Fields after these are passed over, so that later versions may add some.
 *
 * @param sender which feed sent it
 * @param event what it tells; null for a gap
 */
record FeedMessage(String sender, @Nullable VersionEvent event) {
    private static final String FORMAT = "satchel/1";
    private static final String GAP = "gap";

    String encode() {
        VersionEvent told = event;
        if (told == null) {
            return String.join(" ", FORMAT, encode(sender), GAP);
        }
        return String.join(
                " ",
                FORMAT,
                encode(sender),
                told.kind().name().toLowerCase(Locale.ROOT),
                Long.toString(told.version().number()),
                encode(told.writer()),
                told.database().path());
    }

    /**
     * Reads a message.
     *
     * @throws IllegalArgumentException if it is none, or one of another format
     */
    static FeedMessage parse(String text) {
        List<String> fields = List.of(text.split(" ", -1));
        if (fields.size() < 3 || !fields.get(0).equals(FORMAT)) {
            throw new IllegalArgumentException("not a message of the format " + FORMAT);
        }
        String sender = decode(fields.get(1));
        if (fields.get(2).equals(GAP)) {
            return new FeedMessage(sender, null);
        }
        if (fields.size() < 6) {
            throw new IllegalArgumentException("an event needs 6 fields, found " + fields.size());
        }
        String[] path = fields.get(5).split("/", -1);
        if (path.length != 2) {
            throw new IllegalArgumentException("not a database");
        }
        return new FeedMessage(
                sender,
                new VersionEvent(
                        DatabaseId.decode(path[0], path[1]),
                        Version.of(Long.parseLong(fields.get(3))),
                        VersionEvent.Kind.valueOf(fields.get(2).toUpperCase(Locale.ROOT)),
                        decode(fields.get(4))));
    }

    private static String encode(String field) {
        return URLEncoder.encode(field, StandardCharsets.UTF_8);
    }

    private static String decode(String field) {
        return URLDecoder.decode(field, StandardCharsets.UTF_8);
    }
}
