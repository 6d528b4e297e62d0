package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.IMPATIENT;
import static dev.satchel.spring.boot.ItemsClient.status;
import static dev.satchel.spring.boot.ItemsClient.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.ItemsApplication.Step;
import dev.satchel.spring.boot.RunningItems;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every order of restarts and uploads is D01DeletedAccountTest's. */
@DisplayName("D01 A deleted account comes back, in requests")
class D01DeletedAccountRequestsTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    @Test
    void requestThatWroteTheDeletedAccountIsToldSoAndTheNewAccountStartsEmpty() {
        RunningItems a = applications.start("a");
        RunningItems b = applications.start("b");
        a.post("/items", "u", "old");
        b.get("/items", "u");
        b.bean(Step.class).inTheMiddle =
                () -> assertThat(a.post("/account-deleted", "u", "").body()).isEqualTo("deleted");

        HttpResponse<String> late = b.post("/items-slowly", "u", "old of b");

        assertThat(late.statusCode()).isEqualTo(410);
        assertThat(status(late)).isEqualTo("failed");
        assertThat(late.body()).contains("problem:deleted", "\"outcome\":\"not-saved\"", "\"retryable\":false");
        for (RunningItems each : List.of(a, b)) {
            assertThat(each.get("/items", "u").body()).isEqualTo("[]");
        }

        HttpResponse<String> registered = b.post("/items", "u", "new");
        assertThat(registered.statusCode()).isEqualTo(201);
        assertThat(version(registered)).isEqualTo("3");
        for (RunningItems each : List.of(a, b)) {
            assertThat(each.get("/items", "u").body()).isEqualTo("[\"new\"]");
        }
        assertThat(applications.stored("u")).containsExactly("new");
    }

    @Test
    void deletionThatBreaksOffIsNotReportedCompleteAndIsFinishedByTheRetry() {
        RunningItems a = applications.start("a", IMPATIENT);
        a.post("/items", "u", "old");
        a.faults().on(".*/0000000000000001-.*", Operation.PUT).always().inject(Fault.FAIL_BEFORE);

        HttpResponse<String> brokenOff = a.post("/account-deleted", "u", "");

        assertThat(brokenOff.statusCode()).isEqualTo(503);
        assertThat(brokenOff.body()).contains("\"retryable\":true").doesNotContain("deleted");
        a.faults().clear();
        assertThat(a.post("/account-deleted", "u", "").body()).isEqualTo("deleted");
        Map<String, String> left = applications.objects("u/");
        assertThat(left).containsEntry("u/database.ltx/0000/0000000000000001-0000000000000001.ltx", "");
        assertThat(a.get("/items", "u").body()).isEqualTo("[]");
    }
}
