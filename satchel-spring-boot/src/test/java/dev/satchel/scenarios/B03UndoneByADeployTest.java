package dev.satchel.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.spring.boot.ItemsClient;
import dev.satchel.store.DirectoryObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The two kinds of database are the user's main one, and one that requests open by its name. */
@DisplayName("B03 Publish, restore and delete came back undone after a deploy")
@Tag("protocol-rules")
class B03UndoneByADeployTest {
    private static final List<String> BEFORE = List.of("draft", "unwanted");
    private static final List<String> AFTER = List.of("draft published", "restored");

    @RegisterExtension
    private final Applications applications = new Applications();

    @ParameterizedTest
    @CsvSource({"durable, SIGTERM", "durable, SIGKILL", "deferred, SIGTERM", "deferred, SIGKILL"})
    void newProcessOnAnEmptyDiskServesWhatWasAcknowledged(String durability, String signal) {
        boolean lost = durability.equals("deferred") && signal.equals("SIGKILL");
        Path bucket = applications.folder("bucket");
        List<String> told = new ArrayList<>();
        try (ChildProcess process =
                ChildProcess.start(bucket, applications.folder("old"), "satchel.durability=" + durability)) {
            ItemsClient http = process.http();
            for (String kind : List.of("main", "other")) {
                for (String item : BEFORE) {
                    http.post("/kinds/" + kind + "/restore", "u", item);
                }
            }
            Applications.await(
                    "nothing is pending",
                    () -> !http.get("/actuator/satchel/u", null).body().contains("pending"));
            if (lost) {
                process.command("unreachable"); // Otherwise it might be quicker than the signal.
            }

            for (String kind : List.of("main", "other")) {
                told.add(act(http, kind, "publish", "draft"));
                told.add(act(http, kind, "restore", "restored"));
                told.add(act(http, kind, "delete", "unwanted"));
            }
            if (signal.equals("SIGTERM")) {
                process.terminate();
            } else {
                process.kill();
            }
        }

        DirectoryObjectStore store = applications.closing(new DirectoryObjectStore(bucket));
        assertThat(told).hasSize(6).containsOnly(durability.equals("deferred") ? "pending" : "synced");
        List<String> expected = lost ? BEFORE : AFTER;
        assertThat(applications.stored(store, DatabaseId.of("u"))).isEqualTo(expected);
        assertThat(applications.stored(store, DatabaseId.of("u", "other"))).isEqualTo(expected);
    }

    private static String act(ItemsClient http, String kind, String action, String item) {
        var answer = http.post("/kinds/" + kind + "/" + action, "u", item);
        assertThat(answer.statusCode()).isEqualTo(200);
        return kind.equals("main") ? ItemsClient.status(answer) : answer.body();
    }
}
