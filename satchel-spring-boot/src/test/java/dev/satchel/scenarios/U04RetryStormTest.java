package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.COMMITS;
import static dev.satchel.scenarios.Applications.DEFERRED;
import static dev.satchel.spring.boot.ItemsClient.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.RunningItems;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.OneAtATimeObjectStore;
import dev.satchel.testkit.Operation;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long the pauses are, and that they differ, is ThrottledStoreTest's. */
@DisplayName("U04 Reads trigger retries: a storm of same-key uploads")
class U04RetryStormTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    @ParameterizedTest
    @ValueSource(strings = {"latest", "local"})
    void readsAndWritesBesideAPendingUploadAskForNothing(String freshness) {
        OneAtATimeObjectStore strict = new OneAtATimeObjectStore(applications.bucket());
        RunningItems application =
                applications.start(strict, applications.folder("a"), DEFERRED, "satchel.freshness=" + freshness);
        application.post("/items", "u", "base");
        Applications.await("it is stored", () -> applications.head("u") == 1);
        for (int nth = 1; nth <= 3; nth++) {
            application.faults().on(COMMITS, Operation.PUT).nth(nth).inject(Fault.THROTTLED);
        }
        var upload = application.faults().on(COMMITS, Operation.PUT).nth(4).pauseBefore();
        assertThat(status(application.post("/items", "u", "marker", "X-Freshness", "local")))
                .isEqualTo("pending");
        application.requests().reset();

        List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(application.getAsync("/items", "u"));
            if (i % 4 == 0) {
                all.add(application.postAsync("/items", "u", "write" + i));
            }
        }
        all.stream().map(Applications::get).forEach(answer -> {
            assertThat(answer.statusCode()).isIn(200, 201);
            assertThat(status(answer)).isEqualTo("pending");
        });
        upload.awaitReached();
        upload.release();

        Applications.await(
                "the marker is cleared",
                () -> application.get("/actuator/satchel/u", null).body().contains("\"status\":\"synced\""));
        assertThat(strict.refused()).isZero();
        assertThat(application.requests().count(Operation.GET)).isZero();
        assertThat(application.requests().count(Operation.LIST)).isZero();
        assertThat(application.requests().count(Operation.PUT)).isLessThanOrEqualTo(7);
        assertThat(applications.stored("u")).hasSize(7).startsWith("base", "marker");
    }
}
