package dev.satchel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectStoresTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("TOKEN", "t");

    @Test
    void plainPathIsAFolder(@TempDir Path folder) {
        Path bucket = folder.resolve("my bucket");

        try (ObjectStore store = ObjectStores.open(bucket.toString(), ENVIRONMENT)) {
            assertThat(store).isInstanceOf(DirectoryObjectStore.class);
        }
        assertThat(bucket).isDirectory();
    }

    @Test
    void fileUriIsAFolder(@TempDir Path folder) {
        Path bucket = folder.resolve("my bucket");

        try (ObjectStore store = ObjectStores.open(bucket.toUri().toString(), ENVIRONMENT)) {
            store.put("a/b", ObjectBody.of(new byte[1]), Map.of(), PutCondition.none());
        }
        assertThat(bucket.resolve("a").resolve("b")).isRegularFile();
    }

    @Test
    void relativeFileUriIsARelativeFolder(@TempDir Path folder) throws Exception {
        Path bucket = Path.of("").toAbsolutePath().relativize(Files.createDirectory(folder.resolve("bucket")));

        try (ObjectStore store = ObjectStores.open("file:" + bucket, ENVIRONMENT)) {
            store.put("a", ObjectBody.of(new byte[1]), Map.of(), PutCondition.none());
        }
        assertThat(folder.resolve("bucket").resolve("a")).isRegularFile();
    }

    @Test
    void tellsTheFolderOfAStoreWithoutMakingIt(@TempDir Path folder) {
        Path bucket = folder.resolve("my bucket");

        assertThat(ObjectStores.folder(bucket.toString())).contains(bucket);
        assertThat(ObjectStores.folder(bucket.toUri().toString())).contains(bucket);
        assertThat(ObjectStores.folder("file:data/bucket")).contains(Path.of("data/bucket"));
        assertThat(ObjectStores.folder("r2://bucket?account=a")).isEmpty();
        assertThat(bucket).doesNotExist();
    }

    @Test
    void otherSchemesAreOpenedByTheirProvider() {
        try (ObjectStore store = ObjectStores.open("Memory://place?x=y", ENVIRONMENT)) {
            assertThat(store.location()).isEqualTo("Memory://place?x=y with [TOKEN]");
        }
    }

    @Test
    void providersAreFoundOnThreadsWithAnotherClassLoader() throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        try (ObjectStore store = ObjectStores.open("memory://place", ENVIRONMENT)) {
            assertThat(store.location()).startsWith("memory://place");
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "r2://bucket?account=a, dev.satchel:satchel-s3",
        "s3://bucket, dev.satchel:satchel-s3",
        "gs://bucket, scheme gs",
        "'', is empty",
        "' ', is empty",
        "file:, no folder",
        "file:///tmp/x?y=z, no options",
        "file://host/tmp/x, folder on this machine",
        "memory://a/b c, malformed at character 13"
    })
    void whatCannotBeOpenedIsExplained(String store, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ObjectStores.open(store, ENVIRONMENT))
                .withMessageContaining(message);
    }

    @Test
    void malformedUriIsNotRepeated() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ObjectStores.open("memory://user:hunter2@place/a b", ENVIRONMENT))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
    }

    /** Opens a store that only knows where it is. */
    public static final class MemoryProvider implements ObjectStoreProvider {
        @Override
        public boolean handles(String scheme) {
            return scheme.equals("memory");
        }

        @Override
        public ObjectStore open(URI uri, Map<String, String> environment) {
            return new ObjectStore() {
                @Override
                public Optional<StoredObject> get(String key, ByteRange range) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public Optional<ObjectInfo> head(String key) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public PutResult put(
                        String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public ListPage list(String prefix, String startAfter, int limit) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public void delete(String key) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public String location() {
                    return uri + " with " + environment.keySet();
                }

                @Override
                public void close() {}
            };
        }
    }
}
