package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.IMPATIENT;
import static dev.satchel.scenarios.Applications.REJECT;
import static dev.satchel.scenarios.Applications.items;
import static dev.satchel.spring.boot.ItemsClient.status;
import static dev.satchel.spring.boot.ItemsClient.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.ItemsApplication.Step;
import dev.satchel.spring.boot.RunningItems;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("V01 Two tabs or machines, and the later upload silently wins")
class V01TwoWritersTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    @Test
    void laterWriterIsToldOfTheConflictAndTheFirstOnesVersionStays() {
        RunningItems a = applications.start("a", REJECT);
        RunningItems b = applications.start("b", REJECT);
        items(7).forEach(item -> a.post("/items", "u", item));
        assertThat(version(b.get("/items", "u"))).isEqualTo("7");
        Map<String, String> afterA = new TreeMap<>();
        b.bean(Step.class).inTheMiddle = () -> {
            HttpResponse<String> saved = a.post("/items", "u", "a");
            assertThat(status(saved)).isEqualTo("synced");
            assertThat(version(saved)).isEqualTo("8");
            afterA.putAll(applications.versions("u"));
        };

        HttpResponse<String> refused = b.post("/items-slowly", "u", "b");

        assertThat(applications.head("u")).isEqualTo(8);
        assertThat(applications.stored("u")).hasSize(8).endsWith("a");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(status(refused)).isEqualTo("conflict");
        assertThat(refused.body()).contains("\"base\":7,\"head\":8").doesNotContain("saved item");
        assertThat(b.get("/actuator/satchel/u", null).body()).contains("\"status\":\"conflict\"");
        assertThat(applications.versions("u")).isEqualTo(afterA);
        assertThat(applications.objects("u/database.conflicts/").keySet())
                .singleElement()
                .satisfies(kept -> assertThat(refused.body()).contains("\"keptAs\":\"" + kept + "\""));
    }

    @Test
    void underLastWriteWinsTheOverwritingIsToldAndTheOverwrittenVersionStays() {
        RunningItems a = applications.start("a", IMPATIENT);
        RunningItems b = applications.start("b", IMPATIENT);
        items(7).forEach(item -> a.post("/items", "u", item));
        b.bean(Step.class).inTheMiddle = () -> a.post("/items", "u", "a");

        HttpResponse<String> overwrote = b.post("/items-slowly", "u", "b");

        assertThat(overwrote.statusCode()).isEqualTo(201);
        assertThat(status(overwrote)).isEqualTo("conflict");
        assertThat(version(overwrote)).isEqualTo("9");
        assertThat(applications.stored("u")).hasSize(8).endsWith("b");
        assertThat(applications.storedAt("u", 8)).hasSize(8).endsWith("a");
    }
}
