package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.IMPATIENT;
import static dev.satchel.scenarios.Applications.items;
import static dev.satchel.spring.boot.ItemsClient.header;
import static dev.satchel.spring.boot.ItemsClient.status;
import static dev.satchel.spring.boot.ItemsClient.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.RunningItems;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What each failure is on the wire is R01OnTheWireIT's, in satchel-s3. */
@DisplayName("R01 \"Not there\" and \"could not ask\" were the same answer")
class R01CouldNotAskTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    @Test
    void firstAccessThatFailsIsATypedFailureAndTheNextLoadsTheNewestVersion() throws IOException {
        RunningItems before = applications.start("before");
        RunningItems cold = applications.start("cold", IMPATIENT);
        for (Fault fault : new Fault[] {
            Fault.FAIL_BEFORE, Fault.NOT_SENT, Fault.THROTTLED, Fault.DENIED, Fault.TRUNCATED_BODY, Fault.BROKEN_BODY
        }) {
            String user = "user" + fault.ordinal();
            items(12).forEach(item -> before.post("/items", user, item));
            cold.requests().reset();
            cold.faults().on(".*").always().inject(fault);

            HttpResponse<String> failed = cold.get("/items", user);

            assertThat(failed.statusCode()).as("%s", fault).isEqualTo(503);
            assertThat(status(failed)).isEqualTo("failed");
            boolean refused =
                    fault == Fault.DENIED; // repeating helps as soon as an operator has mended it, and not before
            assertThat(failed.body())
                    .contains(refused ? "problem:store-refused" : "problem:unavailable")
                    .contains("\"retryable\":" + !refused);
            assertThat(header(failed, "Retry-After").equals("none")).isEqualTo(refused);
            assertThat(filesOf(applications.folder("cold").resolve(user))).isEmpty();
            assertThat(cold.get("/actuator/satchel/" + user, null).statusCode()).isEqualTo(404);
            assertThat(cold.requests().count(Operation.PUT)).isZero();

            cold.faults().clear();
            Applications.await("it is loaded", () -> cold.get("/items", user).statusCode() == 200);
            assertThat(version(cold.get("/items", user))).isEqualTo("12");
            assertThat(cold.get("/items", user).body())
                    .startsWith("[\"item1\",")
                    .endsWith(",\"item12\"]");
        }
    }

    /** Whatever could be taken for a database. */
    private static Stream<Path> filesOf(Path folder) throws IOException {
        return Files.exists(folder)
                ? Files.list(folder).filter(file -> file.toString().matches(".*[.](sqlite|replica)"))
                : Stream.empty();
    }
}
