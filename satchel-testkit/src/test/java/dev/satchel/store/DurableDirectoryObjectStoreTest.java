package dev.satchel.store;

import dev.satchel.testkit.ObjectStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract again with every fsync, and with less to do, since disks are slow. */
class DurableDirectoryObjectStoreTest extends ObjectStoreContract {
    @TempDir
    Path folder;

    @Override
    protected ObjectStore store() {
        return new DirectoryObjectStore(folder);
    }

    @Override
    protected int objectsToPageOver() {
        return 30;
    }

    @Override
    protected int incrementsPerThread() {
        return 1;
    }

    @Override
    protected int overwritesPerThread() {
        return 3;
    }
}
