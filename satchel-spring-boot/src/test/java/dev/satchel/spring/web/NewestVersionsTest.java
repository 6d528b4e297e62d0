package dev.satchel.spring.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How new databases are is found out for pages that resume. */
@Timeout(60)
class NewestVersionsTest {
    @TempDir
    private Path folder;

    @Test
    void errorsTakeNobodysPlace() throws Exception {
        AtomicInteger errors = new AtomicInteger(NewestVersions.AT_ONCE);
        ScheduledExecutorService dispatcher = Executors.newSingleThreadScheduledExecutor();
        ExecutorService blocking = Executors.newCachedThreadPool();
        CompletableFuture<DatabaseId> told = new CompletableFuture<>();
        try (Satchel satchel =
                Satchel.builder(failingStore(errors), folder.resolve("users")).build()) {
            NewestVersions newest = new NewestVersions(
                    satchel,
                    dispatcher,
                    work -> blocking.submit(work),
                    Duration.ofMillis(1),
                    database -> true,
                    (database, version) -> told.complete(database));
            for (int i = 0; i <= NewestVersions.AT_ONCE; i++) {
                DatabaseId database = DatabaseId.of("user" + i);
                dispatcher.submit(() -> newest.ask(database)).get();
            }
            assertThat(told.get(30, TimeUnit.SECONDS)).isEqualTo(DatabaseId.of("user" + NewestVersions.AT_ONCE));
        } finally {
            blocking.shutdownNow();
            dispatcher.shutdownNow();
        }
        assertThat(errors).hasNonPositiveValue();
    }

    /** A store whose first requests end in an Error. */
    private static ObjectStore failingStore(AtomicInteger errors) {
        InMemoryObjectStore store = new InMemoryObjectStore();
        return (ObjectStore) Proxy.newProxyInstance(
                NewestVersionsTest.class.getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (proxy, method, args) -> {
                    boolean request =
                            method.getName().equals("get") || method.getName().equals("list");
                    if (request && errors.getAndDecrement() > 0) {
                        throw new AssertionError("simulated");
                    }
                    try {
                        return method.invoke(store, args);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
    }
}
