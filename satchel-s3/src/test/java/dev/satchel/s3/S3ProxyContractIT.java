package dev.satchel.s3;

import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.ObjectStoreContract;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class S3ProxyContractIT extends ObjectStoreContract {
    private static LocalS3Proxy proxy;

    @BeforeAll
    static void start() throws Exception {
        proxy = LocalS3Proxy.startInMemory();
    }

    @AfterAll
    static void stop() throws Exception {
        proxy.close();
    }

    @Override
    protected ObjectStore store() {
        return new S3ObjectStoreProvider().open(URI.create(proxy.uri()), proxy.environment());
    }

    @Override
    protected int objectsToPageOver() {
        return 300;
    }

    @Override
    protected int incrementsPerThread() {
        return 1;
    }

    @Override
    protected int overwritesPerThread() {
        return 8;
    }
}
