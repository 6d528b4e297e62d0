package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.REJECT;
import static dev.satchel.scenarios.Applications.items;
import static dev.satchel.spring.boot.ItemsClient.status;
import static dev.satchel.spring.boot.ItemsClient.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.ItemsApplication.Step;
import dev.satchel.spring.boot.RunningItems;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("V06 After a conflict the user is stuck until the server restarts")
class V06StuckAfterConflictTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    private RunningItems b;
    private HttpResponse<String> refused;

    @BeforeEach
    void conflictInB() {
        RunningItems a = applications.start("a", REJECT);
        b = applications.start("b", REJECT);
        items(7).forEach(item -> a.post("/items", "u", item));
        assertThat(version(b.get("/items", "u"))).isEqualTo("7");
        b.bean(Step.class).inTheMiddle = () -> a.post("/items", "u", "a");
        refused = b.post("/items-slowly", "u", "b");
        b.bean(Step.class).inTheMiddle = () -> {};
        assertThat(statusCall()).contains("\"status\":\"conflict\"");
    }

    private String statusCall() {
        return b.get("/actuator/satchel/u", null).body();
    }

    @Test
    void nextRequestWorksOnTheNewestVersionAndIsToldSaved() {
        HttpResponse<String> next = b.get("/items", "u");

        assertThat(version(next)).isEqualTo("8");
        assertThat(next.body()).endsWith("\"item7\",\"a\"]").doesNotContain("\"b\"");
        assertThat(status(next)).isEqualTo("synced");
        assertThat(statusCall()).contains("\"status\":\"synced\"").doesNotContain("conflict");
        HttpResponse<String> later = b.post("/items", "u", "later");
        assertThat(version(later)).isEqualTo("9");
        assertThat(status(later)).isEqualTo("synced");
        assertThat(applications.stored("u")).endsWith("item7", "a", "later");
    }

    @Test
    void sameRequestAgainIsSavedOnTheNewestVersion() {
        HttpResponse<String> again = b.post("/items-slowly", "u", "b");

        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("\"outcome\":\"conflict-kept\"", "\"retryable\":true");
        assertThat(again.statusCode()).isEqualTo(201);
        assertThat(again.body()).isEqualTo("saved item");
        assertThat(version(again)).isEqualTo("9");
        assertThat(status(again)).isEqualTo("synced");
        assertThat(statusCall()).doesNotContain("conflict");
        assertThat(applications.stored("u")).endsWith("item7", "a", "b");
    }
}
