package dev.satchel.spring.boot;

import static dev.satchel.spring.boot.ItemsApplication.insert;
import static dev.satchel.spring.boot.ItemsApplication.itemsSeenBy;
import static dev.satchel.spring.boot.ItemsClient.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.ConflictPolicy;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.spring.boot.ItemsApplication.Schema;
import dev.satchel.spring.boot.ItemsApplication.Step;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole application on the real engine, driven over HTTP, with its requests to the store counted. */
class RequestsTest {
    private static final InMemoryObjectStore BUCKET = new InMemoryObjectStore();
    private static final AtomicInteger USERS = new AtomicInteger();

    @TempDir
    private static Path sharedFolder;

    /** The application without any special setting, which most tests share. */
    private static @Nullable RunningItems shared;

    @TempDir
    private Path folder;

    /** A user whom no other test knows. */
    private final String alice = "alice" + USERS.incrementAndGet();

    private final List<AutoCloseable> opened = new ArrayList<>();
    private @Nullable RunningItems application;

    @AfterEach
    void stop() throws Exception {
        if (application != null) {
            application.faults().clear();
            if (application != shared) {
                application.close();
            }
        }
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @AfterAll
    static void stopShared() {
        if (shared != null) {
            shared.close();
        }
    }

    // ---- requests to the store

    @Test
    void startMakesNoRequest() throws Exception {
        start();

        assertThat(get("/free", alice).body()).isEqualTo("free");
        assertThat(get("/free", null).body()).isEqualTo("free");
        assertThat(requests().entries()).isEmpty();
    }

    @Test
    void writingRequestOnAFreshCopyIsOnePut() throws Exception {
        startShared();
        post("/items", alice, "one");
        requests().reset();

        HttpResponse<String> response = post("/items", alice, "two", "X-Freshness", "local");

        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(header(response, "X-Sync-Status")).isEqualTo("synced");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("2");
        assertThat(operations()).containsExactly(Operation.PUT);
    }

    @Test
    void readingRequestOnTheLatestVersionIsOneGet() throws Exception {
        startShared();
        post("/items", alice, "one");
        requests().reset();

        HttpResponse<String> response = get("/items", alice);

        assertThat(response.body()).isEqualTo("[\"one\"]");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("1");
        assertThat(operations()).containsExactly(Operation.GET);
    }

    @Test
    void readingRequestOnTheLocalCopyOrWithASatisfiedBookmarkIsNone() throws Exception {
        startShared();
        String bookmark = header(post("/items", alice, "one"), "X-Satchel-Version");
        requests().reset();

        assertThat(get("/items", alice, "X-Freshness", "local").body()).isEqualTo("[\"one\"]");
        assertThat(get("/items", alice, "X-Freshness", bookmark).body()).isEqualTo("[\"one\"]");
        assertThat(operations()).isEmpty();
    }

    @Test
    void manyStatementsAndConnectionsOfARequestAreOnePut() throws Exception {
        startShared();
        post("/items", alice, "one");
        requests().reset();

        HttpResponse<String> response = post("/many", alice, "", "X-Freshness", "local");

        assertThat(header(response, "X-Satchel-Version")).isEqualTo("2");
        assertThat(operations()).containsExactly(Operation.PUT);
    }

    @Test
    void requestsThatWriteNothingMakeNoVersion() throws Exception {
        startShared();
        post("/items", alice, "one");

        assertThat(header(post("/rolled-back", alice, ""), "X-Satchel-Version")).isEqualTo("1");
        assertThat(header(get("/items", alice), "X-Satchel-Version")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void writesOfOneUserAtOnceAreAllThere(boolean virtualThreads) throws Exception {
        start("spring.threads.virtual.enabled=" + virtualThreads);
        post("/items", alice, "first");
        requests().reset();

        List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            all.add(application().postAsync("/items", alice, "item" + i));
            all.add(application().getAsync("/items", alice));
        }
        for (CompletableFuture<HttpResponse<String>> each : all) {
            assertThat(each.get().statusCode()).isIn(200, 201);
            assertThat(header(each.get(), "X-Sync-Status")).isEqualTo("synced");
        }

        long commits = requests().entries().stream()
                .filter(entry ->
                        entry.operation() == Operation.PUT && entry.key().contains(".ltx/"))
                .count();
        assertThat(commits).isBetween(1L, 25L);
        assertThat(header(get("/items", alice), "X-Satchel-Version")).isEqualTo("" + (commits + 1));
        assertThat(itemsSeenBy(otherNode("last-write-wins"), alice)).hasSize(26);
    }

    // ---- conflicts

    @Test
    void refusedConflictIsToldAndTheNextRequestIsHealthy() throws Exception {
        start("satchel.conflict-policy=reject");
        post("/items", alice, "base");
        Satchel other = otherNode("reject");
        Step step = bean(Step.class);
        step.inTheMiddle = () -> insert(other, alice, "theirs");

        HttpResponse<String> refused = post("/items-slowly", alice, "ours");

        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(header(refused, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(header(refused, "X-Sync-Status")).isEqualTo("conflict");
        assertThat(refused.body())
                .contains("\"outcome\":\"conflict-kept\"")
                .contains("\"base\":1,\"head\":2,\"keptAs\":\"" + alice + "/");
        step.inTheMiddle = () -> {};
        assertThat(get("/items", alice).body()).isEqualTo("[\"base\",\"theirs\"]");
        HttpResponse<String> next = post("/items", alice, "again");
        assertThat(next.statusCode()).isEqualTo(201);
        assertThat(header(next, "X-Sync-Status")).isEqualTo("synced");
        assertThat(header(next, "X-Satchel-Version")).isEqualTo("3");
    }

    @Test
    void overwrittenVersionIsToldOnASuccessfulAnswer() throws Exception {
        startShared();
        post("/items", alice, "base");
        Satchel other = otherNode("last-write-wins");
        bean(Step.class).inTheMiddle = () -> insert(other, alice, "theirs");

        HttpResponse<String> response = post("/items-slowly", alice, "ours");

        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(header(response, "X-Sync-Status")).isEqualTo("conflict");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("3");
        bean(Step.class).inTheMiddle = () -> {};
        assertThat(get("/items", alice).body()).isEqualTo("[\"base\",\"ours\"]");
    }

    @Test
    void whatAnotherNodeHasSavedIsSeenByTheNextRequest() throws Exception {
        startShared();
        post("/items", alice, "ours");
        insert(otherNode("last-write-wins"), alice, "theirs");

        assertThat(get("/items", alice).body()).isEqualTo("[\"ours\",\"theirs\"]");
    }

    // ---- a store that fails

    @ParameterizedTest
    @EnumSource(names = {"FAIL_BEFORE", "NOT_SENT", "THROTTLED", "DENIED"})
    void storeThatCannotBeReadIsAProblemAndNothingNewIsMade(FaultyObjectStore.Fault fault) throws Exception {
        insert(otherNode("last-write-wins"), alice, "precious");
        start("satchel.store-timeout=1s");
        faults().on(".*").always().inject(fault);

        HttpResponse<String> response = post("/items", alice, "new");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(header(response, "X-Sync-Status")).isEqualTo("failed");
        assertThat(response.body()).contains("\"outcome\":\"not-saved\"");
        assertThat(response.headers().firstValue("Retry-After").isPresent())
                .isEqualTo(fault != FaultyObjectStore.Fault.DENIED);
        assertThat(requests().count(Operation.PUT)).isZero();
        assertThat(folder.resolve("user_data/" + alice + "/database.sqlite")).doesNotExist();

        faults().clear();
        HttpResponse<String> recovered = application().postUntilAnswered("/items", alice, "new");
        assertThat(recovered.statusCode()).isEqualTo(201);
        assertThat(get("/items", alice).body()).isEqualTo("[\"precious\",\"new\"]");
    }

    @Test
    void storeThatFailsWhenTheRequestEndsIsAProblemAndTheChangeIsTakenBack() throws Exception {
        start("satchel.store-timeout=2s");
        post("/items", alice, "one");
        faults().on(".*", Operation.PUT).always().inject(FaultyObjectStore.Fault.NOT_SENT);

        HttpResponse<String> refused = post("/items", alice, "two");
        faults().clear();

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("\"outcome\":\"not-saved\"").doesNotContain("saved item");
        assertThat(get("/items", alice).body()).isEqualTo("[\"one\"]");
    }

    @Test
    void lostAnswersAreToldAsUnknownAndSettledBeforeTheNextRequest() throws Exception {
        start("satchel.store-timeout=2s");
        post("/items", alice, "one");
        faults().on(".*", Operation.PUT).always().inject(FaultyObjectStore.Fault.FAIL_AFTER);
        faults().on(".*", Operation.GET).always().inject(FaultyObjectStore.Fault.FAIL_AFTER);

        HttpResponse<String> unknown = post("/items", alice, "two", "X-Freshness", "local");
        faults().clear();

        assertThat(unknown.statusCode()).isEqualTo(503);
        assertThat(unknown.body()).contains("\"outcome\":\"unknown\"");
        assertThat(get("/items", alice).body()).isEqualTo("[\"one\",\"two\"]");
    }

    // ---- other users, other threads

    @Test
    void asynchronousHandlersWriteToTheirUser() throws Exception {
        startShared();

        HttpResponse<String> response = post("/callable", alice, "one");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("1");
        assertThat(itemsSeenBy(otherNode("last-write-wins"), alice)).containsExactly("one");
    }

    @Test
    void longAnswersArriveWhole() throws Exception {
        start("satchel.response-buffer=4KB");
        post("/items", alice, "x".repeat(100_000));

        HttpResponse<String> response = get("/items", alice);

        assertThat(response.body()).hasSize(100_004);
        assertThat(header(response, "X-Sync-Status")).isEqualTo("synced");
    }

    /**
     * As the welcome page is, which Spring Boot forwards to. Tomcat means to end an answer at the end of a forward: this one is as it
     * comes, like one into which an application is put as a WAR.
     */
    @Test
    void forwardedAnswersArriveWhole() throws Exception {
        startShared();
        post("/items", alice, "one");

        HttpResponse<String> response = get("/forwarded", alice);

        assertThat(response.body()).isEqualTo("[\"one\"]");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("1");
    }

    @Test
    void deferredWritesAreToldAsPending() throws Exception {
        start("satchel.durability=deferred");
        FaultyObjectStore.Pause pause = faults().on(".*", Operation.PUT).pauseBefore();

        HttpResponse<String> response = post("/items", alice, "one");
        pause.release();

        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(header(response, "X-Sync-Status")).isEqualTo("pending");
    }

    @Test
    void handlersLogWithDatabaseAndVersionButWithoutTheUser() throws Exception {
        startShared();
        post("/items", alice, "one");

        String body = get("/mdc", alice).body();

        assertThat(body)
                .contains("\"satchel.version\":\"1\"")
                .contains("satchel.database")
                .doesNotContain(alice);
    }

    @Test
    void userIdsOfAllKindsStayInTheirFolder() throws Exception {
        start();
        List<String> users = List.of("alice", "Alice", "ALICE", "a/b", "con", "a b", "..a", "x".repeat(150));
        for (String user : users) {
            assertThat(post("/items", user, user).statusCode()).as(user).isEqualTo(201);
        }
        for (String user : List.of("../x", "..", "a/../b", "x".repeat(300))) {
            assertThat(post("/items", user, user).statusCode()).as(user).isEqualTo(400);
        }

        for (String user : users) {
            assertThat(get("/items", user).body()).isEqualTo("[\"" + user + "\"]");
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("user_data"));
        }
    }

    /** Starts an application of this test alone. */
    private void start(String... properties) {
        application = RunningItems.start(BUCKET, folder.resolve("user_data"), properties);
    }

    /** Uses the application that tests share. */
    private void startShared() {
        if (shared == null) {
            shared = RunningItems.start(BUCKET, sharedFolder.resolve("user_data"));
        }
        application = shared;
        requests().reset();
        bean(Step.class).inTheMiddle = () -> {};
    }

    private RunningItems application() {
        if (application == null) {
            throw new AssertionError("not started");
        }
        return application;
    }

    private FaultyObjectStore faults() {
        return application().faults();
    }

    private RequestLog requests() {
        return application().requests();
    }

    private <T> T bean(Class<T> type) {
        return application().bean(type);
    }

    private Satchel otherNode(String policy) throws IOException {
        Satchel other = Satchel.builder(BUCKET, Files.createTempDirectory(folder.getParent(), "other"))
                .schema(new Schema())
                .config(SatchelConfig.defaults()
                        .withConflictPolicy(
                                policy.equals("reject") ? ConflictPolicy.REJECT : ConflictPolicy.LAST_WRITE_WINS))
                .build();
        opened.add(other);
        return other;
    }

    private List<Operation> operations() {
        return requests().entries().stream().map(RequestLog.Entry::operation).toList();
    }

    private HttpResponse<String> get(String path, @Nullable String user, String... headers) {
        return application().get(path, user, headers);
    }

    private HttpResponse<String> post(String path, String user, String body, String... headers) {
        return application().post(path, user, body, headers);
    }
}
