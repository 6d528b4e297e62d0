package dev.satchel.spring.boot;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import java.util.List;

/** Every meter of this module. No meter has a tag of a user, database, key or path. */
public enum SatchelMeter implements MeterDocumentation {
    /** Databases that are open on this node. */
    DATABASES_OPEN("satchel.databases.open", Meter.Type.GAUGE),
    /** Sessions that are open on this node. */
    SESSIONS_ACTIVE("satchel.sessions.active", Meter.Type.GAUGE),
    /** Databases loaded because this node had no usable copy. */
    OPEN("satchel.open", Meter.Type.TIMER, Key.OUTCOME),
    /** Bytes of databases loaded because this node had no usable copy. */
    OPEN_BYTES("satchel.open.bytes", "bytes", Meter.Type.DISTRIBUTION_SUMMARY),
    /** Comparisons with the store and uploads of commits. */
    SYNC("satchel.sync", Meter.Type.TIMER, Key.OPERATION, Key.OUTCOME),
    /** Bytes of uploaded commits. */
    SYNC_BYTES("satchel.sync.bytes", "bytes", Meter.Type.DISTRIBUTION_SUMMARY),
    /** From the oldest change of a commit until the commit is in the store. */
    SYNC_LAG("satchel.sync.lag", Meter.Type.TIMER),
    /** For how long the oldest change that is not in the store yet waits, in seconds; zero if none does. */
    SYNC_UNSAVED("satchel.sync.unsaved", "seconds", Meter.Type.GAUGE),
    /** Images written. */
    IMAGE("satchel.image", Meter.Type.TIMER),
    /** Bytes of images written. */
    IMAGE_BYTES("satchel.image.bytes", "bytes", Meter.Type.DISTRIBUTION_SUMMARY),
    /** Sessions ended. */
    SESSIONS("satchel.sessions", Meter.Type.COUNTER, Key.STATUS),
    /** Commits that met another node's commit on the same version. */
    COMMIT_CONFLICTS("satchel.commit.conflicts", Meter.Type.COUNTER, Key.POLICY),
    /** Open databases closed, and copies of closed ones removed from the disk. */
    EVICTIONS("satchel.evictions", Meter.Type.COUNTER, Key.CAUSE),
    /** Databases that a session has made larger than a threshold. */
    SIZE_CROSSINGS("satchel.size.crossings", Meter.Type.COUNTER, Key.LEVEL),
    /** Damaged objects or files found; should be zero. */
    CORRUPTION("satchel.corruption", Meter.Type.COUNTER, Key.KIND),
    /** Requests to the object store. */
    STORE_REQUESTS("satchel.store.requests", Meter.Type.TIMER, Key.OPERATION, Key.OUTCOME),
    /** Bytes sent to and received from the object store. */
    STORE_BYTES("satchel.store.bytes", "bytes", Meter.Type.COUNTER, Key.DIRECTION),
    /** Browsers that listen to events on this node. */
    EVENT_CONNECTIONS("satchel.events.connections", Meter.Type.GAUGE),
    /** Whether all that other nodes tell is heard: 1, or 0 while the connection to Redis is lost. */
    FEED_CONNECTED("satchel.feed.connected", Meter.Type.GAUGE),
    /** Events of this node that could not be sent to Redis because too many were waiting. */
    FEED_DROPPED("satchel.feed.dropped", Meter.Type.COUNTER),
    /** Answers that began to leave before their request had ended. */
    RESPONSES_EARLY("satchel.responses.early", Meter.Type.COUNTER),
    /** Answers broken off because their end could not be made durable; should be zero. */
    RESPONSES_BROKEN("satchel.responses.broken", Meter.Type.COUNTER);

    private final String meterName;
    private final String unit;
    private final Meter.Type type;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is.
    private final List<Key> keys;

    SatchelMeter(String meterName, Meter.Type type, Key... keys) {
        this(meterName, "", type, keys);
    }

    SatchelMeter(String meterName, String unit, Meter.Type type, Key... keys) {
        this.meterName = meterName;
        this.unit = unit;
        this.type = type;
        this.keys = List.of(keys);
    }

    @Override
    public String getName() {
        return meterName;
    }

    @Override
    public String getBaseUnit() {
        return unit;
    }

    @Override
    public Meter.Type getType() {
        return type;
    }

    @Override
    public KeyName[] getKeyNames() {
        return keys.toArray(KeyName[]::new);
    }

    /** The tags; each has a small, closed set of values. */
    public enum Key implements KeyName {
        /** {@code refresh} or {@code publish}; of a store request its kind, such as {@code put}. */
        OPERATION("operation"),
        /** {@code ok}, {@code unchanged}, {@code conflict}, {@code error} and the like. */
        OUTCOME("outcome"),
        /** As in {@code X-Sync-Status}. */
        STATUS("status"),
        /** {@code room}, {@code idle} or {@code disk}. */
        CAUSE("cause"),
        /** What was damaged: {@code commit}, {@code image} and the like. */
        KIND("kind"),
        /** {@code info} or {@code warning}. */
        LEVEL("level"),
        /** {@code last_write_wins} or {@code reject}. */
        POLICY("policy"),
        /** {@code sent} or {@code received}. */
        DIRECTION("direction");

        private final String key;

        Key(String key) {
            this.key = key;
        }

        @Override
        public String asString() {
            return key;
        }
    }
}
