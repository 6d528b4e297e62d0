package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.IMPATIENT;
import static dev.satchel.scenarios.Applications.items;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.spring.boot.ItemsApplication;
import dev.satchel.spring.boot.RunningItems;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("V05 An empty database, made because the restore failed, is pushed over the real one")
@Tag("protocol-rules")
class V05EmptyDatabaseTest {
    private static final List<String> REAL = items(40);

    @RegisterExtension
    private final Applications applications = new Applications();

    /** A user whose database is at version 40. */
    private String user(String name) {
        try (Satchel before = Satchel.builder(applications.bucket(), applications.folder("before"))
                .schema(new ItemsApplication.Schema())
                .build()) {
            REAL.forEach(item -> ItemsApplication.insert(before, DatabaseId.of(name), item));
        }
        return name;
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "deferred"})
    void firstAccessThatCannotBeAnsweredIsARetryableFailure(String durability) {
        RunningItems cold = applications.start("cold", IMPATIENT, "satchel.durability=" + durability);
        for (Fault fault : List.of(Fault.FAIL_BEFORE, Fault.THROTTLED, Fault.NOT_SENT, Fault.TRUNCATED_BODY)) {
            String user = user("user" + fault.ordinal());
            cold.requests().reset();
            cold.faults()
                    .on(".*", Operation.GET, Operation.LIST, Operation.HEAD)
                    .always()
                    .inject(fault);

            HttpResponse<String> failed = cold.post("/items", user, "new");

            assertThat(failed.statusCode()).isEqualTo(503);
            assertThat(failed.body()).contains("\"outcome\":\"not-saved\"", "\"retryable\":true");
            assertThat(cold.requests().count(Operation.PUT)).isZero();
            cold.faults().clear();
            assertThat(cold.postUntilAnswered("/items", user, "new").statusCode())
                    .isEqualTo(201);
            Applications.await("it is stored", () -> applications.head(user) == 41);
            requireRealDataInEveryVersion(user);
            assertThat(applications.stored(user)).endsWith("item40", "new");
        }
    }

    @Test
    void noSingleRequestOfTheFirstAccessThatFailsIsTakenForAbsence() {
        RunningItems cold = applications.start("cold");
        for (int nth = 1; nth <= 4; nth++) {
            String user = user("user" + nth);
            cold.faults()
                    .on(user + "/.*", Operation.GET, Operation.LIST)
                    .nth(nth)
                    .inject(Fault.FAIL_BEFORE);

            assertThat(cold.post("/items", user, "new").statusCode()).isEqualTo(201);

            requireRealDataInEveryVersion(user);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable", "deferred"})
    void noInterleavingOfRequestsAndFailuresPushesAnEmptyDatabase(String durability) {
        RunningItems cold = applications.start("cold", IMPATIENT, "satchel.durability=" + durability);
        for (long seed = 1; seed <= 5; seed++) {
            String user = user("user" + seed);
            cold.faults()
                    .injectRandomly(
                            new Random(seed),
                            0.6,
                            Fault.FAIL_BEFORE,
                            Fault.FAIL_AFTER,
                            Fault.THROTTLED,
                            Fault.NOT_SENT,
                            Fault.TRUNCATED_BODY);
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(cold.postAsync("/items", user, "new" + i));
            }
            long answered = all.stream()
                    .map(Applications::get)
                    .filter(answer -> answer.statusCode() == 201)
                    .count();
            cold.faults().clear();
            Applications.await(
                    "nothing is owed",
                    () -> !cold.get("/actuator/satchel/" + user, null).body().contains("pending"));

            requireRealDataInEveryVersion(user);
            assertThat(applications.stored(user)).hasSizeGreaterThanOrEqualTo(40 + (int) answered);
        }
    }

    private void requireRealDataInEveryVersion(String user) {
        for (long version = 40; version <= applications.head(user); version++) {
            assertThat(applications.storedAt(user, version))
                    .as("version %d", version)
                    .startsWith(REAL.toArray(String[]::new));
        }
        assertThat(applications.stored(user)).startsWith(REAL.toArray(String[]::new));
    }
}
