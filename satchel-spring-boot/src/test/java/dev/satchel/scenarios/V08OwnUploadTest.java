package dev.satchel.scenarios;

import static dev.satchel.scenarios.Applications.COMMITS;
import static dev.satchel.scenarios.Applications.REJECT;
import static dev.satchel.scenarios.Applications.get;
import static dev.satchel.spring.boot.ItemsClient.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.ItemsApplication.Step;
import dev.satchel.spring.boot.RunningItems;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The order of steps below the requests is that of SelfConflictTest, which goes through all of them. */
@DisplayName("V08 A process conflicts with its own upload")
class V08OwnUploadTest {
    @RegisterExtension
    private final Applications applications = new Applications();

    private RunningItems application;

    @BeforeEach
    void aUserUnderTheStrictPolicy() {
        application = applications.start("a", REJECT);
        application.post("/items", "u", "base");
        application.requests().reset();
    }

    /** Where the two requests meet. */
    enum Meeting {
        /** Both have opened their session; they commit and are uploaded as they come. */
        BEFORE_THEIR_COMMITS,
        /** The first is uploading; the second does all it has to do. */
        BEFORE_THE_FIRST_UPLOAD_TAKES_EFFECT,
        /** The first has been uploaded and does not know; the second does all it has to do. */
        AFTER_THE_FIRST_UPLOAD_TOOK_EFFECT,
        /** The second has opened its session before the first's upload, and commits after it. */
        AROUND_THE_FIRST_UPLOAD
    }

    @ParameterizedTest
    @EnumSource
    void twoRequestsOfOneUserNeverConflict(Meeting meeting) {
        List<HttpResponse<String>> answers = run(meeting);

        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(201);
            assertThat(status(answer)).isEqualTo("synced");
        });
        assertThat(applications.stored("u")).containsExactlyInAnyOrder("base", "r1", "r2");
        List<String> uploads = application.requests().entries().stream()
                .filter(entry -> entry.operation() == Operation.PUT)
                .map(RequestLog.Entry::key)
                .toList();
        assertThat(uploads).hasSizeBetween(1, 2).doesNotHaveDuplicates().isSorted();
        assertThat(applications.objects("u/").keySet()).noneMatch(key -> key.contains("conflicts"));
    }

    private List<HttpResponse<String>> run(Meeting meeting) {
        switch (meeting) {
            case BEFORE_THEIR_COMMITS -> {
                CyclicBarrier both = new CyclicBarrier(2);
                application.bean(Step.class).inTheMiddle = () -> meet(both);
                CompletableFuture<HttpResponse<String>> first = application.postAsync("/items-slowly", "u", "r1");
                CompletableFuture<HttpResponse<String>> second = application.postAsync("/items-slowly", "u", "r2");
                return List.of(get(first), get(second));
            }
            case AROUND_THE_FIRST_UPLOAD -> {
                CountDownLatch opened = new CountDownLatch(1);
                CountDownLatch uploaded = new CountDownLatch(1);
                application.bean(Step.class).inTheMiddle = () -> {
                    opened.countDown();
                    pass(uploaded);
                };
                CompletableFuture<HttpResponse<String>> second = application.postAsync("/items-slowly", "u", "r2");
                pass(opened);
                HttpResponse<String> first = application.post("/items", "u", "r1");
                uploaded.countDown();
                return List.of(first, get(second));
            }
            default -> {
                var upload = application.faults().on(COMMITS, Operation.PUT);
                Pause pause = meeting == Meeting.BEFORE_THE_FIRST_UPLOAD_TAKES_EFFECT
                        ? upload.pauseBefore()
                        : upload.pauseAfter();
                CountDownLatch atIt = new CountDownLatch(1);
                application.bean(Step.class).inTheMiddle = atIt::countDown;
                CompletableFuture<HttpResponse<String>> first = application.postAsync("/items", "u", "r1");
                pause.awaitReached();
                CompletableFuture<HttpResponse<String>> second =
                        application.postAsync("/items-slowly", "u", "r2", "X-Freshness", "local");
                pass(atIt);
                pause.release();
                return List.of(get(first), get(second));
            }
        }
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void pass(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("waited in vain");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
