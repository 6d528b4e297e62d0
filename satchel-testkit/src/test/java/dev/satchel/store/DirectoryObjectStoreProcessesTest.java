package dev.satchel.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several JVMs on one folder at once, each of them killed by SIGKILL in the middle of its work, and replaced. */
class DirectoryObjectStoreProcessesTest {
    private static final int AT_ONCE = 4;
    private static final int LIVES = 3;
    private static final int THREADS_EACH = 3;
    private static final int MOST_LINES = 150;

    @TempDir
    Path folder;

    @Test
    void killedProcessesLoseAndMixNothing() throws Exception {
        DirectoryObjectStore store = new DirectoryObjectStore(folder);
        DirectoryStoreProcess.put(store, "counter", "0".getBytes(StandardCharsets.UTF_8), PutCondition.ifAbsent());

        List<String> said = livesOfAllProcesses();

        expectClaimsKept(store, said);
        expectCountsKept(store, said);
        expectEveryObjectWhole(store);
        expectNothingStuck(store);
        store.close();
    }

    /** Each line has the process's name before it. */
    private List<String> livesOfAllProcesses() throws Exception {
        List<Callable<List<String>>> places = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            int place = i;
            places.add(() -> lives(place, new Random(place)));
        }
        ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<String> all = new ArrayList<>();
            for (Future<List<String>> said : executor.invokeAll(places)) {
                all.addAll(said.get());
            }
            return all;
        } finally {
            executor.shutdownNow();
        }
    }

    private List<String> lives(int place, Random random) throws IOException, InterruptedException {
        List<String> said = new ArrayList<>();
        for (int life = 0; life < LIVES; life++) {
            said.addAll(live("process-" + place + "-" + life, life == 0, 1 + random.nextInt(MOST_LINES)));
        }
        return said;
    }

    /** Starts a process, kills it after it has said some lines, and returns all it has said. */
    private List<String> live(String name, boolean fsync, int lines) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DirectoryStoreProcess.class.getName(),
                        folder.toString(),
                        name,
                        Boolean.toString(fsync))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> said = new ArrayList<>();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.endsWith(".")) {
                    said.add(name + " " + line.substring(0, line.length() - 1));
                }
                if (said.size() == lines) {
                    process.toHandle().destroyForcibly(); // Process would close the output too
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(said).noneMatch(line -> line.contains("broken")).hasSizeGreaterThanOrEqualTo(lines);
        return said;
    }

    private static void expectClaimsKept(ObjectStore store, List<String> said) {
        List<String> claims =
                said.stream().filter(line -> line.contains(" won ")).toList();
        assertThat(claims).isNotEmpty();
        assertThat(claims.stream().map(line -> line.split(" ")[2])).doesNotHaveDuplicates();
        for (String claim : claims) {
            String[] words = claim.split(" ");
            try (StoredObject object = store.get(words[2]).orElseThrow()) {
                assertThat(new String(object.readAll(), StandardCharsets.UTF_8)).isEqualTo(words[0]);
            }
        }
    }

    /** Each thread may have counted once more without being able to say so. */
    private static void expectCountsKept(ObjectStore store, List<String> said) {
        int counted =
                (int) said.stream().filter(line -> line.endsWith(" counted")).count();
        try (StoredObject object = store.get("counter").orElseThrow()) {
            assertThat(Integer.parseInt(new String(object.readAll(), StandardCharsets.UTF_8)))
                    .isBetween(counted, counted + AT_ONCE * LIVES * THREADS_EACH);
        }
    }

    private static void expectEveryObjectWhole(ObjectStore store) {
        List<ObjectInfo> objects =
                store.list("", "", ObjectStore.MAX_LIST_LIMIT).objects();
        assertThat(objects).extracting(ObjectInfo::key).contains("counter", "image", "log/0");
        for (ObjectInfo info : objects) {
            try (StoredObject object = store.get(info.key()).orElseThrow()) {
                assertThat(DirectoryStoreProcess.isWhole(object))
                        .as("%s", object.info())
                        .isTrue();
                assertThat(object.info().etag()).isEqualTo(info.etag());
            }
        }
    }

    private static void expectNothingStuck(ObjectStore store) {
        for (int i = 0; i < 200; i++) {
            DirectoryStoreProcess.put(store, "after/" + i, new byte[0], PutCondition.ifAbsent());
        }
        store.delete("come/and/go");
        DirectoryStoreProcess.put(store, "come", new byte[0], PutCondition.ifAbsent());
        assertThat(store.head("come")).isPresent();
    }
}
