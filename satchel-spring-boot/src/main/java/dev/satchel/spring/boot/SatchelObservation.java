package dev.satchel.spring.boot;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.docs.ObservationDocumentation;
import java.util.List;

/**
 * Every observation of this module: what a request or job waits for. Each is a span if the application traces, and a timer of the
 * same name. Tags of the timer are the low-cardinality keys; what names a database is on spans alone.
 */
public enum SatchelObservation implements ObservationDocumentation {
    /** A session opens: the local copy is compared with the store, and loaded if there is none. */
    REFRESH("satchel.refresh", "satchel refresh", Key.FRESHNESS, Key.OUTCOME),
    /** A session ends or pauses: what it committed and saw is made durable. */
    PUBLISH("satchel.publish", "satchel publish", Key.DURABILITY, Key.OUTCOME);

    private final String observationName;
    private final String spanName;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is.
    private final List<Key> keys;

    SatchelObservation(String observationName, String spanName, Key... keys) {
        this.observationName = observationName;
        this.spanName = spanName;
        this.keys = List.of(keys);
    }

    @Override
    public String getName() {
        return observationName;
    }

    @Override
    public String getContextualName() {
        return spanName;
    }

    @Override
    public KeyName[] getLowCardinalityKeyNames() {
        return keys.toArray(KeyName[]::new);
    }

    @Override
    public KeyName[] getHighCardinalityKeyNames() {
        return new KeyName[] {Key.DATABASE, Key.VERSION};
    }

    /** The keys. */
    public enum Key implements KeyName {
        /** {@code latest}, {@code within}, {@code at_least} or {@code local}. */
        FRESHNESS("freshness"),
        /** {@code durable} or {@code deferred}. */
        DURABILITY("durability"),
        /** Of a refresh {@code ok} or {@code error}, of a publish as in {@code X-Sync-Status}. */
        OUTCOME("outcome"),
        /** On spans: which database, as logs of the web filters call it. */
        DATABASE("satchel.database"),
        /** On spans: the version that the session begins with, or that its answer reflects. */
        VERSION("satchel.version");

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
