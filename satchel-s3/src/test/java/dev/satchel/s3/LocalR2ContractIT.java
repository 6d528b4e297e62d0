package dev.satchel.s3;

import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.ObjectStoreContract;
import dev.satchel.testkit.cloudflare.LocalR2;
import dev.satchel.testkit.cloudflare.LocalR2Extension;
import java.net.URI;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LocalR2Extension.class)
class LocalR2ContractIT extends ObjectStoreContract {
    private final LocalR2 r2;

    LocalR2ContractIT(LocalR2 r2) {
        this.r2 = r2;
    }

    @Override
    protected ObjectStore store() {
        return new S3ObjectStoreProvider().open(URI.create(r2.uri()), r2.environment());
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
