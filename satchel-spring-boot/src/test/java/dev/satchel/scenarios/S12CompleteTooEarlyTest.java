package dev.satchel.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.store.DirectoryObjectStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The worker is ItemsProcess; it notifies in {@code SatchelScopes.whenSaved}. */
@DisplayName("S12 Job announced complete before its result was durable")
@Tag("protocol-rules")
class S12CompleteTooEarlyTest {
    private static final String USER = "u";

    @RegisterExtension
    private final Applications applications = new Applications();

    /** Each step at which the worker is killed, and whether it is by itself or held at its upload. */
    @ParameterizedTest
    @CsvSource({
        "rendered, none, false",
        "written, none, false",
        "none, before, false",
        "none, after, false",
        "saved, none, false",
        "notified, none, true"
    })
    void notificationImpliesThatAFreshProcessSeesTheResult(String step, String upload, boolean complete) {
        Path bucket = applications.folder("bucket");
        List<String> said;
        try (ChildProcess worker = ChildProcess.start(bucket, applications.folder("worker"))) {
            worker.http();
            if (!upload.equals("none")) {
                worker.command("pause " + upload);
            }
            worker.command("job " + USER + " " + step);
            worker.awaitLine(upload.equals("none") ? "at " + step : "at upload");
            worker.kill();
            said = worker.said();
        }

        DirectoryObjectStore store = applications.closing(new DirectoryObjectStore(bucket));
        List<String> seen = applications.stored(store, DatabaseId.of(USER));
        assertThat(said.contains("complete clip")).isEqualTo(complete);
        if (said.contains("complete clip")) {
            assertThat(seen).containsExactly("clip");
        }
        assertThat(seen.size()).isLessThanOrEqualTo(1);
    }

    @Test
    void failedUploadIsNotSavedAndTheRetryDoesNotRenderAgain() {
        Path bucket = applications.folder("bucket");
        try (ChildProcess worker =
                ChildProcess.start(bucket, applications.folder("worker"), "satchel.store-timeout=500ms")) {
            worker.http().get("/items", USER);
            worker.command("unreachable");
            worker.command("job " + USER + " none");

            worker.awaitLine("not saved, retry true");
            assertThat(worker.said()).doesNotContain("complete clip");
            worker.command("reachable");
            worker.awaitLine("complete clip");
            worker.kill();

            assertThat(worker.said()).containsOnlyOnce("rendering", "complete clip");
        }
        DirectoryObjectStore store = applications.closing(new DirectoryObjectStore(bucket));
        assertThat(applications.stored(store, DatabaseId.of(USER))).containsExactly("clip");
    }
}
