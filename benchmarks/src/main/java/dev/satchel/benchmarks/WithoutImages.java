package dev.satchel.benchmarks;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.testkit.ForwardingObjectStore;
import java.util.Map;

/** Takes no image from whoever uses it, as if somebody else were always faster, so that a log stays as long as it is. */
final class WithoutImages extends ForwardingObjectStore {

    WithoutImages(ObjectStore delegate) {
        super(delegate);
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        return key.endsWith(".sqlite")
                ? PutResult.PreconditionFailed.INSTANCE
                : super.put(key, body, metadata, condition);
    }
}
