package dev.satchel.cli;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoredObject;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;

/** Tells a progress bar of the bytes that are read from another store, or written as a whole. Thread-safe. */
final class ProgressObjectStore implements ObjectStore {
    private final ObjectStore store;
    private final ProgressBars progress;

    /** Shows the traffic with {@code store}, which is closed with this one. */
    ProgressObjectStore(ObjectStore store, ProgressBars progress) {
        this.store = store;
        this.progress = progress;
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        Optional<StoredObject> found = store.get(key, range);
        found.ifPresent(object -> progress.expect("receiving", object.expectedBytes()));
        return found.map(object -> new StoredObject(object.info(), new Watched(object.body()), object.expectedBytes()));
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        return store.head(key);
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        // A body is opened by the store, as often as it likes; what can be told is that it has gone.
        long size = size(body);
        progress.expect("sending", size);
        PutResult result = store.put(key, body, metadata, condition);
        progress.moved(size);
        return result;
    }

    private static long size(ObjectBody body) {
        try {
            return body.size();
        } catch (IOException e) {
            return 0; // the store will say why
        }
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        return store.list(prefix, startAfter, limit);
    }

    @Override
    public void delete(String key) {
        store.delete(key);
    }

    @Override
    public String location() {
        return store.location();
    }

    @Override
    public void close() {
        store.close();
    }

    /** Counts what is read. */
    private final class Watched extends FilterInputStream {
        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            progress.moved(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, length);
            progress.moved(Math.max(0, count));
            return count;
        }
    }
}
