package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.IMPATIENT;
import static dev.satchel.spring.boot.ItemsClient.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.spring.boot.RunningItems;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("T11 An administrator's write to another user's database was never uploaded (400 credits lost)")
class T11OtherUsersTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    @Test
    void whatAnAdministratorsRequestWroteForOthersSurvivesTheKill() {
        Path bucket = applications.folder("bucket");
        DirectoryObjectStore store = applications.closing(new DirectoryObjectStore(bucket));
        Map<String, String> before;
        try (ChildProcess process = ChildProcess.start(bucket, applications.folder("a"))) {
            var http = process.http();
            http.post("/items", "admin", "own");
            before = Applications.objects(store, "admin/database.ltx/");

            assertThat(http.post("/gifts/bob/carol", "admin", "credits").statusCode())
                    .isEqualTo(201);
            process.kill();
        }

        assertThat(applications.stored(store, DatabaseId.of("bob"))).containsExactly("credits");
        assertThat(applications.stored(store, DatabaseId.of("carol"))).containsExactly("credits");
        assertThat(Applications.objects(store, "admin/database.ltx/"))
                .hasSize(1)
                .isEqualTo(before);
    }

    /** By a function for each, or in a scope for each. */
    @ParameterizedTest
    @ValueSource(strings = {"/gifts", "/scoped-gifts"})
    void failureForOneIsToldAsThatOnesAndLeavesTheOthersAlone(String path) {
        RunningItems application = applications.start("a", IMPATIENT);
        application.post("/items", "admin", "own");
        application.faults().on("carol/.*", Operation.PUT).always().inject(Fault.NOT_SENT);

        HttpResponse<String> told = application.post(path + "-told/bob/carol", "admin", "credits");

        assertThat(told.body()).isEqualTo("bob: saved, carol: not saved");
        assertThat(application.get("/actuator/satchel/bob", null).body())
                .contains("\"status\":\"synced\"")
                .contains("\"version\":1");
        HttpResponse<String> untold = application.post(path + "/bob/carol", "admin", "more");
        assertThat(untold.statusCode()).isEqualTo(503);
        assertThat(status(untold)).isEqualTo("failed");
        application.faults().clear();
        assertThat(applications.stored("bob")).containsExactly("credits", "more");
        assertThat(applications.head("carol")).isZero();
        assertThat(applications.head("admin")).isEqualTo(1);
        assertThat(application.get("/items", "admin").body()).isEqualTo("[\"own\"]");
    }
}
