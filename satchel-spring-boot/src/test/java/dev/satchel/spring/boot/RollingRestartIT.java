package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Satchel;
import dev.satchel.store.DirectoryObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three Spring Boot applications on one bucket, each drained by SIGTERM and replaced by one with an empty disk, under load. */
class RollingRestartIT {
    private static final int NODES = 3;
    private static final int CLIENTS = 2;
    private static final int SIGTERM_EXIT = 143;
    private static final long PROBE_MILLIS = 100;

    @TempDir
    Path folder;

    private final List<ItemsProcess> ready = new CopyOnWriteArrayList<>();
    private final List<ItemsProcess> all = new CopyOnWriteArrayList<>();
    private final Map<String, String> saved = new ConcurrentHashMap<>();
    private final List<String> failed = new CopyOnWriteArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private volatile boolean over;

    @Test
    void noRequestFailsWhileEveryNodeIsReplaced() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<ItemsProcess>> starting = new ArrayList<>();
            for (int i = 0; i < NODES; i++) {
                starting.add(threads.submit(this::start));
            }
            List<ItemsProcess> old = new ArrayList<>();
            for (Future<ItemsProcess> each : starting) {
                old.add(each.get());
            }
            List<Future<?>> busy = new ArrayList<>();
            busy.add(threads.submit(this::probe));
            for (int i = 0; i < CLIENTS; i++) {
                String user = "user-" + i;
                busy.add(threads.submit(() -> load(user)));
            }

            for (ItemsProcess leaving : old) {
                start();
                assertThat(leaving.terminate()).isEqualTo(SIGTERM_EXIT);
            }

            over = true;
            for (Future<?> each : busy) {
                each.get();
            }
        } finally {
            over = true;
            threads.shutdownNow();
            all.forEach(ItemsProcess::close);
        }

        assertThat(failed).isEmpty();
        assertThat(saved).hasSizeGreaterThan(CLIENTS * NODES);
        try (DirectoryObjectStore store = new DirectoryObjectStore(folder.resolve("bucket"));
                Satchel fresh = Satchel.builder(store, folder.resolve("fresh"))
                        .schema(new ItemsApplication.Schema())
                        .build()) {
            saved.forEach((item, user) ->
                    assertThat(ItemsApplication.itemsSeenBy(fresh, user)).contains(item));
        }
    }

    private ItemsProcess start() throws IOException {
        ItemsProcess process = ItemsProcess.start(
                folder.resolve("bucket"),
                folder.resolve("disk-" + turn.incrementAndGet()),
                "satchel.drain.notice=2s",
                "management.endpoint.health.probes.enabled=true");
        all.add(process);
        ready.add(process);
        return process;
    }

    /** As a load balancer does. */
    private void probe() {
        while (!over) {
            ready.removeIf(process -> !isReady(process));
            try {
                TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static boolean isReady(ItemsProcess process) {
        try {
            return process.client().get("/actuator/health/readiness", null).statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private void load(String user) {
        for (int i = 0; !over; i++) {
            String item = user + "-" + i;
            boolean writes = i % 3 == 0;
            try {
                HttpResponse<String> response = ask(user, writes ? item : null);
                if (response.statusCode() != (writes ? 201 : 200)) {
                    failed.add(item + ": " + response.statusCode() + " " + response.body());
                } else if (writes) {
                    saved.put(item, user);
                }
            } catch (UncheckedIOException e) {
                failed.add(item + ": " + e);
            }
        }
    }

    /** A request that could not even be sent goes to the next node; any other that fails has failed. */
    private HttpResponse<String> ask(String user, @Nullable String item) {
        while (true) {
            List<ItemsProcess> nodes = List.copyOf(ready);
            ItemsProcess node = nodes.get(Math.floorMod(turn.incrementAndGet(), nodes.size()));
            try {
                return item == null
                        ? node.client().get("/items", user)
                        : node.client().post("/items", user, item);
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof ConnectException)) {
                    throw e;
                }
                ready.remove(node);
            }
        }
    }
}
