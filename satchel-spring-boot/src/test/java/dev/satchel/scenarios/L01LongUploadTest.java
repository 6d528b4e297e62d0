package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.COMMITS;
import static dev.satchel.scenarios.Applications.DEFERRED;
import static dev.satchel.scenarios.Applications.items;
import static dev.satchel.spring.boot.ItemsClient.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.RunningItems;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("L01 The write lock is held during the upload: requests of 2 to 7 minutes")
class L01LongUploadTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    /** The upload takes as long as all the writes together, and longer: it is held until they are answered. */
    @Test
    void rapidWritesAreAnsweredWhileAnUploadIsUnderWay() throws IOException {
        RunningItems application = applications.start("a", DEFERRED);
        application.get("/items", "u");
        var upload = application.faults().on(COMMITS, Operation.PUT).pauseBefore();
        application.post("/items", "u", "item1");
        upload.awaitReached();
        long threads = satchelThreads();

        for (String item : items(20).subList(1, 20)) {
            HttpResponse<String> answer = application.post("/items", "u", item);
            assertThat(answer.statusCode()).isEqualTo(201);
            assertThat(status(answer)).isEqualTo("pending");
        }

        assertThat(satchelThreads()).isLessThanOrEqualTo(threads + 1);
        assertThat(spooled()).as("pending commits on the disk").hasSizeLessThanOrEqualTo(2);
        upload.release();
        Applications.await(
                "it is stored",
                () -> application.get("/actuator/satchel/u", null).body().contains("\"status\":\"synced\""));
        assertThat(applications.head("u")).isLessThanOrEqualTo(3);
        assertThat(applications.storedAt("u", applications.head("u"))).isEqualTo(items(20));
        assertThat(spooled()).isEmpty();
    }

    private static long satchelThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("satchel-"))
                .count();
    }

    private List<Path> spooled() throws IOException {
        Path spool = applications.folder("a").resolve("u/database.spool");
        if (!Files.exists(spool)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(spool)) {
            return files.toList();
        }
    }
}
