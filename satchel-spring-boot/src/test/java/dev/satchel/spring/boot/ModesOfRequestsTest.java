package dev.satchel.spring.boot;

import static dev.satchel.spring.boot.ItemsApplication.insert;
import static dev.satchel.spring.boot.ItemsClient.header;
import static dev.satchel.spring.boot.ItemsClient.status;
import static dev.satchel.spring.boot.ItemsClient.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Satchel;
import dev.satchel.spring.boot.ItemsApplication.Schema;
import dev.satchel.spring.web.RequestFreshness;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.ModelAndView;

/** What requests ask of the store by endpoint, path and bookmark, in an application that asks it nothing by itself. */
class ModesOfRequestsTest {
    private static final InMemoryObjectStore BUCKET = new InMemoryObjectStore();
    private static final AtomicInteger USERS = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static RunningItems application;
    private static Satchel other;

    private final String alice = "alice" + USERS.incrementAndGet();

    @BeforeAll
    static void start() {
        application = RunningItems.start(
                BUCKET,
                folder.resolve("user_data"),
                List.of(Modes.class),
                "satchel.freshness=local",
                "satchel.web.bookmark-cookie=true",
                "satchel.web.endpoints[0].path=/reports/{name}",
                "satchel.web.endpoints[0].freshness=latest",
                "satchel.web.endpoints[1].path=/reports/**",
                "satchel.web.endpoints[1].freshness=1h",
                "satchel.web.endpoints[1].durability=deferred",
                "spring.web.error.path=/what-failed");
        other = Satchel.builder(BUCKET, folder.resolve("other"))
                .schema(new Schema())
                .build();
    }

    @AfterAll
    static void stop() {
        application.close();
        other.close();
    }

    @BeforeEach
    void oneItem() {
        application.post("/items", alice, "ours");
        application.requests().reset();
    }

    // ---- bookmarks

    @Test
    void bookmarkOfAnotherNodesVersionIsFetchedOnceAndThenCostsNothing() {
        insert(other, alice, "theirs");
        assertThat(application.get("/items", alice).body()).isEqualTo("[\"ours\"]");
        assertThat(operations()).isEmpty();

        HttpResponse<String> first = application.get("/items", alice, "X-Satchel-Version", "2");
        assertThat(first.body()).isEqualTo("[\"ours\",\"theirs\"]");
        assertThat(operations()).contains(Operation.GET).doesNotContain(Operation.PUT);

        application.requests().reset();
        for (int i = 0; i < 5; i++) {
            application.get("/items", alice, "X-Satchel-Version", "2");
        }
        application.post("/items", alice, "again", "X-Satchel-Version", "2");
        assertThat(operations()).containsExactly(Operation.PUT);
    }

    @Test
    void cookieIsABookmarkThatBrowsersBringByThemselves() {
        insert(other, alice, "theirs");
        HttpResponse<String> elsewhere = application.get("/reports/latest", alice);
        String cookie = cookieOf(elsewhere);
        assertThat(cookie).endsWith(".2");
        assertThat(header(elsewhere, "Set-Cookie")).endsWith("; Path=/; HttpOnly; SameSite=Lax");

        insert(other, alice, "later");
        application.requests().reset();
        HttpResponse<String> known = application.get("/items", alice, "Cookie", cookie);
        assertThat(version(known)).isEqualTo("2");
        assertThat(known.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(operations()).isEmpty();

        HttpResponse<String> newer = application.get("/items", alice, "Cookie", cookie.replace(".2", ".3"));
        assertThat(version(newer)).isEqualTo("3");
    }

    @Test
    void bookmarkOfAVersionThatThereIsNotCostsOneGetAndItsCookieIsPutRight() {
        HttpResponse<String> forged = application.get("/items", alice, "X-Satchel-Version", "999999999999999999");
        assertThat(forged.statusCode()).isEqualTo(200);
        assertThat(version(forged)).isEqualTo("1");
        assertThat(operations()).containsExactly(Operation.GET);

        String cookie = cookieOf(forged).replace(".1", ".999999999999999999");
        HttpResponse<String> righted = application.get("/items", alice, "Cookie", cookie);
        assertThat(cookieOf(righted)).endsWith(".1");
        application.requests().reset();
        assertThat(application.get("/items", alice, "Cookie", cookieOf(righted)).body())
                .isEqualTo("[\"ours\"]");
        assertThat(operations()).isEmpty();
    }

    // ---- paths and annotations

    @Test
    void firstPathThatMatchesSaysHowNewAndHowSafe() {
        insert(other, alice, "theirs");

        assertThat(application.get("/reports/all", alice).body()).isEqualTo("[\"ours\",\"theirs\"]");
        insert(other, alice, "later");
        assertThat(version(application.get("/reports/all/recent", alice))).isEqualTo("2");
        assertThat(status(application.post("/reports/all/recent", alice, "deferred")))
                .isEqualTo("pending");
    }

    @Test
    void bookmarkThatIsNewerThanTheCopyDoesNotMakeLatestWeaker() {
        insert(other, alice, "second");
        insert(other, alice, "third");

        assertThat(version(application.get("/latest", alice, "X-Satchel-Version", "2")))
                .isEqualTo("3");
        insert(other, alice, "fourth");
        assertThat(version(application.get("/reports/all", alice, "X-Satchel-Version", "3")))
                .isEqualTo("4");
    }

    @Test
    void forwardsIncludesAndErrorPagesHaveTheModeOfTheRequest() {
        insert(other, alice, "second");
        assertThat(version(application.get("/forwarding", alice))).isEqualTo("2");
        insert(other, alice, "third");
        assertThat(version(application.get("/including", alice))).isEqualTo("3");
        insert(other, alice, "fourth");
        HttpResponse<String> failed = application.get("/failing", alice);
        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).isEqualTo("4 items");
        assertThat(version(failed)).isEqualTo("4");

        assertThat(operations())
                .as("one of the newest and one of the log's end each")
                .hasSize(6);
    }

    /** What was asked about this test's user: uploads of others' may still be under way. */
    private List<Operation> operations() {
        return application.requests().entries().stream()
                .filter(entry -> entry.key().startsWith(alice + "/"))
                .map(RequestLog.Entry::operation)
                .toList();
    }

    private static String cookieOf(HttpResponse<?> response) {
        String header = header(response, "Set-Cookie");
        return header.substring(0, header.indexOf(';'));
    }

    @RestController
    static class Modes {
        private final JdbcClient jdbc;

        Modes(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @GetMapping({"/reports/{name}", "/reports/{name}/recent"})
        List<String> report() {
            return items();
        }

        @PostMapping("/reports/{name}/recent")
        void addToReport(@RequestBody String name) {
            jdbc.sql("insert into item (name) values (?)").param(name).update();
        }

        @GetMapping("/latest")
        @RequestFreshness("latest")
        List<String> latest() {
            return items();
        }

        @GetMapping("/local")
        @RequestFreshness("local")
        List<String> local() {
            return items();
        }

        @GetMapping("/forwarding")
        @RequestFreshness("latest")
        ModelAndView forwarding() {
            return new ModelAndView("forward:/local");
        }

        @GetMapping("/including")
        @RequestFreshness("latest")
        void including(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
            response.setContentType("application/json");
            request.getRequestDispatcher("/local").include(request, response);
        }

        @GetMapping("/failing")
        @RequestFreshness("latest")
        String failing() {
            throw new IllegalStateException("handler failed");
        }

        @GetMapping("/what-failed")
        String whatFailed() {
            return items().size() + " items";
        }

        private List<String> items() {
            return jdbc.sql("select name from item order by id")
                    .query(String.class)
                    .list();
        }
    }
}
