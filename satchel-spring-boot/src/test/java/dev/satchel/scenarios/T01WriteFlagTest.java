package dev.satchel.scenarios;

import static dev.satchel.spring.boot.ItemsClient.header;
import static dev.satchel.spring.boot.ItemsClient.status;
import static dev.satchel.spring.boot.ItemsClient.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.RunningItems;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

@DisplayName("T01 The write flag is wiped by a neighbour request")
@Tag("protocol-rules")
class T01WriteFlagTest {
    private static final int WRITERS = 25;

    @RegisterExtension
    private final Applications applications = new Applications();

    /** What carries the requests. */
    enum Carriers {
        /** Four threads of Tomcat for all requests. */
        CLASSIC_POOL("/items", "server.tomcat.threads.max=4"),
        /** A virtual thread each, on as many carriers as there are processors; from Java 21 on. */
        VIRTUAL_THREADS("/items", "spring.threads.virtual.enabled=true"),
        /** Handlers that go on in two threads of Spring's own pool. */
        TASK_EXECUTOR(
                "/in-executor",
                "spring.task.execution.pool.core-size=2",
                "spring.task.execution.propagate-context=true"),
        /** Handlers that go on in two threads of a reactive scheduler. */
        REACTIVE_SCHEDULER("/reactive");

        private final String path;
        private final String[] properties;

        Carriers(String path, String... properties) {
            this.path = path;
            this.properties = properties;
        }
    }

    static Stream<Carriers> carriers() {
        boolean virtual = Runtime.version().feature() >= 21;
        return Stream.of(Carriers.values()).filter(each -> virtual || each != Carriers.VIRTUAL_THREADS);
    }

    @RestController
    static class OtherThreads {
        private final JdbcClient jdbc;
        private final TaskExecutor executor;
        private final Scheduler scheduler = Schedulers.newBoundedElastic(2, 1000, "few", 60, true);

        OtherThreads(JdbcClient jdbc, AsyncTaskExecutor executor) {
            this.jdbc = jdbc;
            this.executor = executor;
        }

        @PostMapping("/in-executor")
        CompletableFuture<String> add(@RequestBody String name) {
            return CompletableFuture.supplyAsync(() -> insert(name), executor);
        }

        @GetMapping("/in-executor")
        CompletableFuture<List<String>> all() {
            return CompletableFuture.supplyAsync(this::select, executor);
        }

        @PostMapping("/reactive")
        Mono<String> addReactively(@RequestBody String name) {
            return Mono.fromCallable(() -> insert(name)).subscribeOn(scheduler);
        }

        @GetMapping("/reactive")
        Mono<List<String>> allReactively() {
            return Mono.fromCallable(this::select).subscribeOn(scheduler);
        }

        private String insert(String name) {
            jdbc.sql("insert into item (name) values (?)").param(name).update();
            return "saved item";
        }

        private List<String> select() {
            return jdbc.sql("select name from item").query(String.class).list();
        }
    }

    @AfterEach
    void noMorePropagation() {
        Hooks.disableAutomaticContextPropagation();
    }

    @ParameterizedTest
    @MethodSource("carriers")
    void everyWritingRequestIsUploadedAndNoReadingOne(Carriers carriers) {
        Hooks.enableAutomaticContextPropagation();
        RunningItems application = applications.start(
                applications.bucket(), applications.folder("a"), List.of(OtherThreads.class), carriers.properties);

        List<CompletableFuture<HttpResponse<String>>> writing = new ArrayList<>();
        List<CompletableFuture<HttpResponse<String>>> reading = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            writing.add(application.postAsync(carriers.path, "writer" + i, "item" + i));
            reading.add(application.getAsync(carriers.path, "reader" + i));
        }

        for (int i = 0; i < WRITERS; i++) {
            HttpResponse<String> written = Applications.get(writing.get(i));
            assertThat(written.body()).isEqualTo("saved item");
            assertThat(status(written)).isEqualTo("synced");
            assertThat(version(written)).isEqualTo("1");
            HttpResponse<String> read = Applications.get(reading.get(i));
            assertThat(read.statusCode()).isEqualTo(200);
            assertThat(header(read, "X-Satchel-Version")).isEqualTo("0");
        }
        assertThat(application.requests().entries())
                .filteredOn(entry -> entry.operation() == Operation.PUT)
                .extracting(RequestLog.Entry::key)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, WRITERS)
                        .mapToObj(i -> "writer" + i + "/database.ltx/0000/0000000000000001-0000000000000001.ltx")
                        .toList());
        for (int i = 0; i < WRITERS; i++) {
            assertThat(applications.storedAt("writer" + i, 1)).containsExactly("item" + i);
        }
    }
}
