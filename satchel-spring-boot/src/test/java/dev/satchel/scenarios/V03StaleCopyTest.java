package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.IMPATIENT;
import static dev.satchel.spring.boot.ItemsClient.header;
import static dev.satchel.spring.boot.ItemsClient.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.RunningItems;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("V03 A cross-user write was based on a stale copy and force-pushed over newer data")
class V03StaleCopyTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    /** The first opens a session in a scope; the second runs a function, which begins on the copy and is taken back. */
    @ParameterizedTest
    @ValueSource(strings = {"/items-of/t", "/gifts/t/t"})
    void writeForAnotherUserFailsWhenTheNewestVersionCannotBeRead(String path) {
        RunningItems here = applications.start("here", IMPATIENT);
        RunningItems there = applications.start("there");
        for (int i = 1; i <= 4; i++) {
            here.post("/items", "t", "here" + i);
        }
        for (int i = 5; i <= 9; i++) {
            there.post("/items", "t", "there" + i);
        }
        Map<String, String> before = applications.versions("t");
        here.requests().reset();
        here.faults()
                .on(".*", Operation.GET, Operation.LIST, Operation.HEAD)
                .always()
                .inject(Fault.FAIL_BEFORE);

        HttpResponse<String> failed = here.post(path, "s", "from s");

        assertThat(failed.statusCode()).isEqualTo(503);
        assertThat(failed.body()).contains("\"retryable\":true").doesNotContain("\"outcome\":\"saved");
        assertThat(header(failed, "Retry-After")).isNotEqualTo("none");
        assertThat(status(failed)).isIn("failed", "unknown");
        assertThat(applications.versions("t")).isEqualTo(before);
        if (path.startsWith("/items-of")) {
            assertThat(here.requests().count(Operation.PUT)).isZero();
            assertThat(here.get("/items", "t", "X-Freshness", "local").body())
                    .isEqualTo("[\"here1\",\"here2\",\"here3\",\"here4\"]");
        }

        here.faults().clear();
        HttpResponse<String> saved = here.postUntilAnswered(path, "s", "from s");
        assertThat(saved.statusCode()).isEqualTo(201);
        assertThat(applications.queryAt("t", 10, "select id || name from item order by id"))
                .hasSize(10)
                .endsWith("9there9", "10from s");
        assertThat(applications.head("s")).isZero();
    }
}
