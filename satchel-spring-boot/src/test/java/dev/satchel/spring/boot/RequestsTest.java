package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.SchemaMigration;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.spring.web.FreshnessResolver;
import dev.satchel.spring.web.UserResolver;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.ModelAndView;

/** A whole application on the real engine, driven over HTTP, with its requests to the store counted. */
class RequestsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static final InMemoryObjectStore BUCKET = new InMemoryObjectStore();
    private static final AtomicInteger USERS = new AtomicInteger();

    @TempDir
    private static Path sharedFolder;

    /** The application without any special setting, which most tests share. */
    private static @Nullable ConfigurableApplicationContext shared;

    private static final FaultyObjectStore SHARED_FAULTS = new FaultyObjectStore(BUCKET);
    private static final CountingObjectStore SHARED_STORE = new CountingObjectStore(SHARED_FAULTS);

    @TempDir
    private Path folder;

    /** A user whom no other test knows. */
    private final String alice = "alice" + USERS.incrementAndGet();

    private FaultyObjectStore faults = SHARED_FAULTS;
    private CountingObjectStore store = SHARED_STORE;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private @Nullable ConfigurableApplicationContext application;
    private URI base = URI.create("http://localhost");

    @AfterEach
    void stop() throws Exception {
        faults.clear();
        if (application != null && application != shared) {
            application.close();
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
        assertThat(store.requests().entries()).isEmpty();
    }

    @Test
    void writingRequestOnAFreshCopyIsOnePut() throws Exception {
        startShared();
        post("/items", alice, "one");
        store.requests().reset();

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
        store.requests().reset();

        HttpResponse<String> response = get("/items", alice);

        assertThat(response.body()).isEqualTo("[\"one\"]");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("1");
        assertThat(operations()).containsExactly(Operation.GET);
    }

    @Test
    void readingRequestOnTheLocalCopyOrWithASatisfiedBookmarkIsNone() throws Exception {
        startShared();
        String bookmark = header(post("/items", alice, "one"), "X-Satchel-Version");
        store.requests().reset();

        assertThat(get("/items", alice, "X-Freshness", "local").body()).isEqualTo("[\"one\"]");
        assertThat(get("/items", alice, "X-Freshness", bookmark).body()).isEqualTo("[\"one\"]");
        assertThat(operations()).isEmpty();
    }

    @Test
    void manyStatementsAndConnectionsOfARequestAreOnePut() throws Exception {
        startShared();
        post("/items", alice, "one");
        store.requests().reset();

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
    void everyWritingRequestIsUploadedAndNoReadingOne(boolean virtualThreads) throws Exception {
        start("spring.threads.virtual.enabled=" + virtualThreads);
        int users = 25;

        List<CompletableFuture<HttpResponse<String>>> writing = new ArrayList<>();
        List<CompletableFuture<HttpResponse<String>>> reading = new ArrayList<>();
        for (int i = 0; i < users; i++) {
            writing.add(async(
                    request("/items", alice + "-writer" + i).POST(HttpRequest.BodyPublishers.ofString("item" + i))));
            reading.add(async(request("/items", alice + "-reader" + i).GET()));
        }

        for (int i = 0; i < users; i++) {
            HttpResponse<String> written = writing.get(i).get();
            assertThat(written.statusCode()).isEqualTo(201);
            assertThat(header(written, "X-Sync-Status")).isEqualTo("synced");
            assertThat(header(written, "X-Satchel-Version")).isEqualTo("1");
            HttpResponse<String> read = reading.get(i).get();
            assertThat(read.statusCode()).isEqualTo(200);
            assertThat(header(read, "X-Satchel-Version")).isEqualTo("0");
        }
        assertThat(store.requests().entries())
                .filteredOn(entry -> entry.operation() == Operation.PUT)
                .hasSize(users)
                .allSatisfy(entry -> assertThat(entry.key()).startsWith(alice + "-writer"));
        Satchel other = otherNode("last-write-wins");
        for (int i = 0; i < users; i++) {
            assertThat(itemsSeenBy(other, alice + "-writer" + i)).containsExactly("item" + i);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void writesOfOneUserAtOnceAreAllThere(boolean virtualThreads) throws Exception {
        start("spring.threads.virtual.enabled=" + virtualThreads);
        post("/items", alice, "first");
        store.requests().reset();

        List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            all.add(async(request("/items", alice).POST(HttpRequest.BodyPublishers.ofString("item" + i))));
            all.add(async(request("/items", alice).GET()));
        }
        for (CompletableFuture<HttpResponse<String>> each : all) {
            assertThat(each.get().statusCode()).isIn(200, 201);
            assertThat(header(each.get(), "X-Sync-Status")).isEqualTo("synced");
        }

        long commits = store.requests().entries().stream()
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
        faults.on(".*").always().inject(fault);

        HttpResponse<String> response = post("/items", alice, "new");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(header(response, "X-Sync-Status")).isEqualTo("failed");
        assertThat(response.body()).contains("\"outcome\":\"not-saved\"");
        assertThat(response.headers().firstValue("Retry-After").isPresent())
                .isEqualTo(fault != FaultyObjectStore.Fault.DENIED);
        assertThat(store.requests().count(Operation.PUT)).isZero();
        assertThat(folder.resolve("user_data/" + alice + "/database.sqlite")).doesNotExist();

        faults.clear();
        HttpResponse<String> recovered = postUntilAnswered("/items", alice, "new");
        assertThat(recovered.statusCode()).isEqualTo(201);
        assertThat(get("/items", alice).body()).isEqualTo("[\"precious\",\"new\"]");
    }

    @Test
    void storeThatFailsWhenTheRequestEndsIsAProblemAndTheChangeIsTakenBack() throws Exception {
        start("satchel.store-timeout=2s");
        post("/items", alice, "one");
        faults.on(".*", Operation.PUT).always().inject(FaultyObjectStore.Fault.NOT_SENT);

        HttpResponse<String> refused = post("/items", alice, "two");
        faults.clear();

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("\"outcome\":\"not-saved\"").doesNotContain("saved item");
        assertThat(get("/items", alice).body()).isEqualTo("[\"one\"]");
    }

    @Test
    void lostAnswersAreToldAsUnknownAndSettledBeforeTheNextRequest() throws Exception {
        start("satchel.store-timeout=2s");
        post("/items", alice, "one");
        faults.on(".*", Operation.PUT).always().inject(FaultyObjectStore.Fault.FAIL_AFTER);
        faults.on(".*", Operation.GET).always().inject(FaultyObjectStore.Fault.FAIL_AFTER);

        HttpResponse<String> unknown = post("/items", alice, "two", "X-Freshness", "local");
        faults.clear();

        assertThat(unknown.statusCode()).isEqualTo(503);
        assertThat(unknown.body()).contains("\"outcome\":\"unknown\"");
        assertThat(get("/items", alice).body()).isEqualTo("[\"one\",\"two\"]");
    }

    // ---- other users, other threads

    @Test
    void writesToOtherUsersAreTheirsAndFailuresAreToldApart() throws Exception {
        start("satchel.store-timeout=2s");
        post("/items", "admin", "own");
        store.requests().reset();

        HttpResponse<String> both = post("/gifts/bob/carol", "admin", "gift");

        assertThat(both.statusCode()).isEqualTo(201);
        assertThat(store.requests().entries())
                .filteredOn(entry -> entry.operation() == Operation.PUT)
                .extracting(entry -> entry.key().substring(0, entry.key().indexOf('/')))
                .containsExactly("bob", "carol");
        faults.on("carol/.*", Operation.PUT).always().inject(FaultyObjectStore.Fault.NOT_SENT);
        HttpResponse<String> half = post("/gifts/bob/carol", "admin", "second");
        faults.clear();
        assertThat(half.statusCode()).isEqualTo(503);
        Satchel other = otherNode("last-write-wins");
        assertThat(itemsSeenBy(other, "bob")).containsExactly("gift", "second");
        assertThat(itemsSeenBy(other, "carol")).containsExactly("gift");
        assertThat(itemsSeenBy(other, "admin")).containsExactly("own");
    }

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

    /** As the welcome page is, which Spring Boot forwards to. Tomcat means to end an answer at the end of a forward. */
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
        FaultyObjectStore.Pause pause = faults.on(".*", Operation.PUT).pauseBefore();

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

    // ---- the application

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Items {
        @Bean
        UserResolver userResolver() {
            return request ->
                    Optional.ofNullable(request.getHeader("X-User-ID")).map(UserId::of);
        }

        @Bean
        FreshnessResolver freshness() {
            return request -> Optional.ofNullable(request.getHeader("X-Freshness"))
                    .map(value -> value.equals("local") ? Freshness.local() : Freshness.atLeast(Version.parse(value)));
        }

        @Bean
        SchemaMigration schema() {
            return new Schema();
        }

        /** Images would be requests that come at their own time. */
        @Bean
        SatchelCustomizer noImages(SatchelProperties properties) {
            return builder ->
                    builder.config(properties.config().withIdle(100_000, Duration.ofHours(1), Duration.ofHours(1)));
        }

        @Bean
        Step step() {
            return new Step();
        }
    }

    /** What happens in the middle of a slow request. */
    static final class Step {
        private volatile Runnable inTheMiddle = () -> {};
    }

    private static final class Schema implements SchemaMigration {
        @Override
        public int targetVersion() {
            return 1;
        }

        @Override
        public void migrate(Connection connection, int from) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("create table item (id integer primary key, name text not null)");
            }
        }
    }

    @RestController
    static class ItemController {
        private final JdbcClient jdbc;
        private final Satchel satchel;
        private final Step step;

        ItemController(JdbcClient jdbc, Satchel satchel, Step step) {
            this.jdbc = jdbc;
            this.satchel = satchel;
            this.step = step;
        }

        @GetMapping("/forwarded")
        ModelAndView forwarded() {
            return new ModelAndView("forward:/items");
        }

        @GetMapping("/free")
        String free() {
            return "free";
        }

        @GetMapping("/items")
        List<String> items() {
            return jdbc.sql("select name from item order by id")
                    .query(String.class)
                    .list();
        }

        @PostMapping("/items")
        @ResponseStatus(HttpStatus.CREATED)
        public String add(@RequestBody String name) {
            insert(name);
            return "saved item";
        }

        @PostMapping("/items-slowly")
        @ResponseStatus(HttpStatus.CREATED)
        String addSlowly(@RequestBody String name) {
            items();
            step.inTheMiddle.run();
            insert(name);
            return "saved item";
        }

        @PostMapping("/many")
        void many() {
            for (int i = 0; i < 10; i++) {
                insert("many" + i);
            }
        }

        @PostMapping("/rolled-back")
        @Transactional
        public void rolledBack() {
            insert("never");
            TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
        }

        @PostMapping("/callable")
        Callable<String> callable(@RequestBody String name) {
            return () -> {
                insert(name);
                return "saved item";
            };
        }

        @PostMapping("/gifts/{first}/{second}")
        @ResponseStatus(HttpStatus.CREATED)
        void gifts(@PathVariable String first, @PathVariable String second, @RequestBody String gift) {
            for (String user : List.of(first, second)) {
                RequestsTest.insert(satchel, user, gift);
            }
        }

        @GetMapping("/mdc")
        Map<String, String> mdc() {
            items();
            return new HashMap<>(MDC.getCopyOfContextMap());
        }

        private void insert(String name) {
            jdbc.sql("insert into item (name) values (?)").param(name).update();
        }
    }

    /** Starts an application of this test alone. */
    private void start(String... properties) {
        faults = new FaultyObjectStore(BUCKET);
        store = new CountingObjectStore(faults);
        application = run(store, folder.resolve("user_data"), properties);
        base = addressOf(application);
    }

    /** Uses the application that tests share. */
    private void startShared() {
        if (shared == null) {
            shared = run(SHARED_STORE, sharedFolder.resolve("user_data"));
        }
        application = shared;
        base = addressOf(shared);
        store.requests().reset();
        bean(Step.class).inTheMiddle = () -> {};
    }

    private static ConfigurableApplicationContext run(ObjectStore store, Path localFolder, String... properties) {
        ApplicationContextInitializer<GenericApplicationContext> beans =
                context -> context.registerBean(ObjectStore.class, () -> store);
        List<String> all = new ArrayList<>(List.of(properties));
        all.add("server.port=0");
        all.add("satchel.local-directory=" + localFolder);
        return new SpringApplicationBuilder(Items.class, ItemController.class)
                .initializers(beans)
                .properties(all.toArray(String[]::new))
                .run();
    }

    private static URI addressOf(ConfigurableApplicationContext application) {
        return URI.create("http://localhost:"
                + ((WebServerApplicationContext) application).getWebServer().getPort());
    }

    private <T> T bean(Class<T> type) {
        if (application == null) {
            throw new AssertionError("not started");
        }
        return application.getBean(type);
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

    private static void insert(Satchel satchel, String user, String name) {
        try {
            satchel.<@Nullable Void, SQLException>write(DatabaseId.of(user), session -> {
                JdbcClient.create(session.dataSource())
                        .sql("insert into item (name) values (?)")
                        .param(name)
                        .update();
                return null;
            });
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> itemsSeenBy(Satchel satchel, String user) {
        return satchel.<List<String>, RuntimeException>read(
                DatabaseId.of(user),
                session -> JdbcClient.create(session.dataSource())
                        .sql("select name from item order by id")
                        .query(String.class)
                        .list());
    }

    private List<Operation> operations() {
        return store.requests().entries().stream()
                .map(RequestLog.Entry::operation)
                .toList();
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("none");
    }

    private HttpResponse<String> get(String path, @Nullable String user, String... headers) throws Exception {
        return send(request(path, user, headers).GET());
    }

    private HttpResponse<String> post(String path, String user, String body, String... headers) throws Exception {
        return send(request(path, user, headers).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** The engine pauses between attempts at a store that failed, and may answer for that time without asking it. */
    private HttpResponse<String> postUntilAnswered(String path, String user, String body) throws Exception {
        HttpResponse<String> response = post(path, user, body);
        for (int i = 0; i < 20 && response.statusCode() == 503; i++) {
            response = post(path, user, body);
        }
        return response;
    }

    private HttpRequest.Builder request(String path, @Nullable String user, String... headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(base.resolve(path)).header("Content-Type", "text/plain");
        if (user != null) {
            builder.header("X-User-ID", user);
        }
        return headers.length == 0 ? builder : builder.headers(headers);
    }

    private static CompletableFuture<HttpResponse<String>> async(HttpRequest.Builder request) {
        return HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
