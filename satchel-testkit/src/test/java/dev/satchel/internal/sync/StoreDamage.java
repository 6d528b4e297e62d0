package dev.satchel.internal.sync;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.PutCondition;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.InMemoryObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What may have happened to an object in the store. */
enum StoreDamage {
    BIT_OF_THE_BODY {
        @Override
        byte[] body(byte[] bytes) {
            bytes[bytes.length / 2] ^= 1;
            return bytes;
        }
    },
    BIT_OF_THE_HEADER {
        @Override
        byte[] body(byte[] bytes) {
            bytes[5] ^= 0x20;
            return bytes;
        }
    },
    CUT {
        @Override
        byte[] body(byte[] bytes) {
            return Arrays.copyOf(bytes, bytes.length - 7);
        }
    },
    EMPTY {
        @Override
        byte[] body(byte[] bytes) {
            return new byte[0];
        }
    },
    FOREIGN_BYTES {
        @Override
        byte[] body(byte[] bytes) {
            return "<html>not what was asked for</html>".getBytes(StandardCharsets.UTF_8);
        }
    },
    VERSION_IN_THE_METADATA {
        @Override
        void metadata(Map<String, String> metadata) {
            metadata.put("db-version", Long.toString(Long.parseLong(metadata.get("db-version")) ^ 8));
        }
    },
    WRITER_IN_THE_METADATA {
        @Override
        void metadata(Map<String, String> metadata) {
            metadata.put("satchel-writer", metadata.get("satchel-writer") + "x");
        }
    },
    METADATA_GONE {
        @Override
        void metadata(Map<String, String> metadata) {
            metadata.clear();
        }
    },
    NEWER_FORMAT {
        @Override
        void metadata(Map<String, String> metadata) {
            metadata.put("satchel-format", "2");
        }
    },
    /** Another object of the same kind and the same database lies there, whole. */
    OF_ANOTHER_VERSION,
    /** An object of the same kind of another database lies there, whole. */
    OF_ANOTHER_DATABASE;

    byte[] body(byte[] bytes) {
        return bytes;
    }

    void metadata(Map<String, String> metadata) {}

    /** Does it. */
    void apply(InMemoryObjectStore store, String key, String sameKind, String ofAnotherDatabase) {
        String from = switch (this) {
            case OF_ANOTHER_VERSION -> sameKind;
            case OF_ANOTHER_DATABASE -> ofAnotherDatabase;
            default -> key;
        };
        try (StoredObject object = store.get(from).orElseThrow()) {
            Map<String, String> metadata = new LinkedHashMap<>(object.info().metadata());
            metadata(metadata);
            store.put(key, ObjectBody.of(body(object.readAll())), metadata, PutCondition.none());
        }
    }

    /** As the documentation calls it. */
    String title() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
}
