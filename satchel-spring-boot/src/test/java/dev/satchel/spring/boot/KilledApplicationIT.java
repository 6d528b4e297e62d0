package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Satchel;
import dev.satchel.store.DirectoryObjectStore;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two Spring Boot applications on one bucket, each killed by SIGKILL in the middle of its requests, and replaced. */
class KilledApplicationIT {
    private static final int APPLICATIONS = 2;
    private static final int LIVES = 2;
    private static final int CLIENTS = 4;
    private static final int SHORTEST_LIFE = 20;
    private static final int CREATED = 201;
    private static final int CONFLICT = 409;
    private static final List<String> USERS = List.of("ann", "Bob", "cleo");

    @TempDir
    Path folder;

    /** What was said of each item, and whose it is. */
    private final Map<String, String> synced = new ConcurrentHashMap<>();

    private final Map<String, String> refused = new ConcurrentHashMap<>();
    private final Map<String, String> attempted = new ConcurrentHashMap<>();
    private final List<String> wrong = java.util.Collections.synchronizedList(new ArrayList<>());

    @Test
    void whatWasAnsweredAsSyncedIsThereHoweverOftenTheyAreKilled() throws Exception {
        long seed = Long.getLong("satchel.seed", new SecureRandom().nextInt(1_000_000));
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Callable<Integer>> applications = new ArrayList<>();
            for (int i = 0; i < APPLICATIONS; i++) {
                int number = i;
                applications.add(() -> livesOf(number, new Random(seed + number), threads));
            }
            for (Future<Integer> lives : threads.invokeAll(applications)) {
                assertThat(lives.get()).isEqualTo(LIVES);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(wrong).as("-Dsatchel.seed=%d", seed).isEmpty();
        assertThat(synced).hasSizeGreaterThanOrEqualTo(SHORTEST_LIFE * LIVES);
        try (DirectoryObjectStore store = new DirectoryObjectStore(folder.resolve("bucket"));
                Satchel fresh = Satchel.builder(store, folder.resolve("fresh"))
                        .schema(new ItemsApplication.Schema())
                        .build()) {
            for (String user : USERS) {
                List<String> items = ItemsApplication.itemsSeenBy(fresh, user);
                assertThat(items).as("items of %s", user).doesNotHaveDuplicates();
                assertThat(itemsOf(attempted, user))
                        .as("-Dsatchel.seed=%d", seed)
                        .containsAll(items);
                assertThat(items).as("-Dsatchel.seed=%d", seed).containsAll(itemsOf(synced, user));
                assertThat(items)
                        .as("-Dsatchel.seed=%d", seed)
                        .filteredOn(itemsOf(refused, user)::contains)
                        .isEmpty();
            }
        }
    }

    private static TreeSet<String> itemsOf(Map<String, String> items, String user) {
        TreeSet<String> found = new TreeSet<>();
        items.forEach((item, owner) -> {
            if (owner.equals(user)) {
                found.add(item);
            }
        });
        return found;
    }

    /** Some lives begin on an empty disk, some on what the one before has left. */
    private int livesOf(int number, Random random, ExecutorService threads) throws Exception {
        int lives = 0;
        for (; lives < LIVES; lives++) {
            Path disk = folder.resolve("disk-" + number + "-" + (random.nextBoolean() ? 0 : lives));
            try (ItemsProcess process = ItemsProcess.start(folder.resolve("bucket"), disk)) {
                AtomicBoolean killed = new AtomicBoolean();
                CountDownLatch answers = new CountDownLatch(SHORTEST_LIFE + random.nextInt(SHORTEST_LIFE));
                List<Future<?>> clients = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    String name = number + "-" + lives + "-" + i;
                    clients.add(threads.submit(() -> {
                        load(process.client(), name, new Random(name.hashCode()), answers, killed);
                        return null;
                    }));
                }
                while (!answers.await(50, TimeUnit.MILLISECONDS)
                        && clients.stream().noneMatch(Future::isDone)) {
                    // Some have not been given yet.
                }
                killed.set(true);
                process.kill();
                for (Future<?> client : clients) {
                    client.get();
                }
            }
        }
        return lives;
    }

    private void load(ItemsClient client, String name, Random random, CountDownLatch answers, AtomicBoolean killed) {
        for (int i = 0; ; i++) {
            String item = "item-" + name + "-" + i;
            String user = USERS.get(random.nextInt(USERS.size()));
            attempted.put(item, user);
            HttpResponse<String> response;
            try {
                response = client.post("/items", user, item);
            } catch (UncheckedIOException e) {
                if (!killed.get()) {
                    wrong.add("nobody was killed, and " + e);
                }
                return;
            }
            note(item, user, response);
            if (response.statusCode() == CREATED) {
                answers.countDown();
            }
        }
    }

    private void note(String item, String user, HttpResponse<String> response) {
        String status = ItemsClient.status(response);
        switch (response.statusCode()) {
            case CREATED -> {
                if (!status.equals("synced")) {
                    wrong.add("201 with status " + status);
                }
                synced.put(item, user);
            }
            case CONFLICT -> {
                if (!status.equals("conflict")) {
                    wrong.add("409 with status " + status);
                }
                refused.put(item, user);
            }
            default -> {
                if (status.equals("synced")) {
                    wrong.add(response.statusCode() + " with status synced: " + response.body());
                }
            }
        }
    }
}
