package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.DEFERRED;
import static dev.satchel.spring.boot.ItemsClient.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.spring.boot.ItemsClient;
import dev.satchel.spring.boot.RunningItems;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("U01 Process dies between response and upload")
@Tag("protocol-rules")
class U01KilledBeforeUploadTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    /** Nothing of the upload had happened, it was under way, or it had taken effect and the answer was. */
    @ParameterizedTest
    @ValueSource(strings = {"unreachable", "pause before", "pause after"})
    void nextStartOnTheSameDiskUploadsByItself(String store) {
        Path bucketFolder = applications.folder("bucket");
        Path disk = applications.folder("disk");
        try (ChildProcess process = ChildProcess.start(bucketFolder, disk, DEFERRED)) {
            ItemsClient http = process.http();
            http.get("/items", "u");
            process.command(store);

            HttpResponse<String> acknowledged = http.post("/items", "u", "owed");

            assertThat(acknowledged.statusCode()).isEqualTo(201);
            assertThat(status(acknowledged)).isEqualTo("pending");
            if (store.startsWith("pause")) {
                process.awaitLine("at upload");
            }
            process.kill();
        }
        DirectoryObjectStore bucket = applications.closing(new DirectoryObjectStore(bucketFolder));
        int landed = store.equals("pause after") ? 1 : 0;
        assertThat(Applications.objects(bucket, "u/database.ltx/")).hasSize(landed);

        FaultyObjectStore offline = new FaultyObjectStore(bucket);
        offline.on(".*").always().inject(Fault.NOT_SENT);
        RunningItems restarted = applications.start(offline, disk, DEFERRED);

        assertThat(restarted.get("/actuator/satchel/u", null).body())
                .contains("\"status\":\"pending\"")
                .doesNotContain("synced");
        offline.clear();
        Applications.await(
                "it is uploaded without a request of the user",
                () -> Applications.objects(bucket, "u/database.ltx/").size() == 1
                        && !restarted.get("/actuator/satchel/u", null).body().contains("pending"));
        assertThat(applications.stored(bucket, DatabaseId.of("u"))).containsExactly("owed");
        assertThat(disk.resolve("u/database.spool")).doesNotExist();
    }
}
