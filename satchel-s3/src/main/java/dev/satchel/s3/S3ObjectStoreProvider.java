package dev.satchel.s3;

import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStoreProvider;
import dev.satchel.store.RetryingObjectStore;
import java.net.URI;
import java.util.Locale;
import java.util.Map;

/** Opens {@code r2:} and {@code s3:} URIs. Reads and deletions are repeated when they fail; puts are sent once. */
public final class S3ObjectStoreProvider implements ObjectStoreProvider {

    /** For {@link java.util.ServiceLoader}. */
    public S3ObjectStoreProvider() {}

    @Override
    public boolean handles(String scheme) {
        return scheme.equals(S3Uri.R2) || scheme.equals(S3Uri.S3);
    }

    @Override
    public ObjectStore open(URI uri, Map<String, String> environment) {
        S3StoreConfig config = S3StoreConfig.parse(uri, environment);
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        return RetryingObjectStore.of(S3ObjectStore.open(config, S3Credentials.resolve(scheme, environment)));
    }
}
