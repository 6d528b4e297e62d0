package dev.satchel.examples.reels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.examples.reels.RunningReels.Answer;
import dev.satchel.examples.reels.RunningReels.Client;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The REST contract, from outside: a real server and a plain HTTP client. */
class ReelsApiTest {
    private static final String PROBLEM = "application/problem+json";

    @TempDir
    static Path folder;

    private static RunningReels reels;

    private Client client;

    @BeforeAll
    static void start() {
        reels = RunningReels.start(folder.resolve("data"));
    }

    @AfterAll
    static void stop() {
        reels.close();
    }

    @BeforeEach
    void nobodyElsesUser(TestInfo test) {
        client = reels.as(test.getTestMethod().orElseThrow().getName() + " "
                + test.getDisplayName().hashCode());
    }

    // ---- what is asked for

    @Test
    void newUserHasNothing() {
        assertThat(client.get("/api/games").body()).isEqualTo("[]");
        assertThat(client.get("/api/projects").body()).isEqualTo("[]");
    }

    @Test
    void createdGameIsAnsweredWithItsIdAndPlaceAndListed() {
        Answer created = client.post("/api/games", "{\"name\":\" Lions – Tigers \"}");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo("/api/games/1");
        assertThat(withoutTimes(created.body())).isEqualTo("{\"id\":1,\"name\":\"Lions – Tigers\",\"projects\":0}");
        assertThat(client.get("/api/games").body()).isEqualTo("[" + created.body() + "]");
        assertThat(client.get("/api/games/1").body()).isEqualTo(created.body());
    }

    @Test
    void gameIsRenamedAndDeletedAndItsProjectsStay() {
        client.create("/api/games", "{\"name\":\"Old\"}");
        client.create("/api/projects", "{\"name\":\"Best of\",\"gameId\":1}");

        Answer renamed = client.put("/api/games/1", "{\"name\":\"New\"}");
        assertThat(withoutTimes(renamed.body())).isEqualTo("{\"id\":1,\"name\":\"New\",\"projects\":1}");

        assertThat(client.delete("/api/games/1").status()).isEqualTo(204);
        assertThat(client.get("/api/games").body()).isEqualTo("[]");
        assertThat(client.get("/api/projects/1").json().get("gameId").isNull()).isTrue();
    }

    @Test
    void projectIsCreatedReadChangedAndDeleted() {
        client.create("/api/games", "{\"name\":\"A game\"}");
        Answer created = client.post("/api/projects", "{\"name\":\"Best of\",\"gameId\":1}");
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo("/api/projects/1");
        assertThat(withoutTimes(created.body())).isEqualTo("{\"id\":1,\"name\":\"Best of\",\"gameId\":1,\"clips\":0}");
        assertThat(client.get("/api/projects/1").body()).isEqualTo(created.body());
        assertThat(client.get("/api/projects").body()).isEqualTo("[" + created.body() + "]");

        Answer renamed = client.put("/api/projects/1", "{\"name\":\"Best of 2026\"}");
        assertThat(renamed.status()).isEqualTo(200);
        assertThat(withoutTimes(renamed.body()))
                .as("a game that is not mentioned stays")
                .isEqualTo("{\"id\":1,\"name\":\"Best of 2026\",\"gameId\":1,\"clips\":0}");
        Answer alone = client.put("/api/projects/1", "{\"name\":\"Best of 2026\",\"gameId\":null}");
        assertThat(withoutTimes(alone.body()))
                .isEqualTo("{\"id\":1,\"name\":\"Best of 2026\",\"gameId\":null,\"clips\":0}");

        assertThat(client.delete("/api/projects/1").status()).isEqualTo(204);
        assertThat(client.get("/api/projects/1").status()).isEqualTo(404);
        assertThat(client.delete("/api/projects/1").status()).isEqualTo(404);
    }

    @Test
    void clipHasTheWholeFootageUnlessItSaysOtherwise() {
        client.create("/api/projects", "{\"name\":\"Best of\"}");

        Answer created = client.post("/api/projects/1/clips", "{\"name\":\"Goal\"}");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo("/api/clips/1");
        assertThat(withoutTimes(created.body()))
                .isEqualTo("{\"id\":1,\"projectId\":1,\"position\":1,\"name\":\"Goal\","
                        + "\"source\":{\"width\":1920,\"height\":1080,\"durationMs\":60000},"
                        + "\"crop\":{\"x\":0,\"y\":0,\"width\":1920,\"height\":1080},"
                        + "\"timing\":{\"inMs\":0,\"outMs\":60000,"
                        + "\"segments\":[{\"startMs\":0,\"endMs\":60000,\"speed\":1.0}]}}");
        assertThat(client.get("/api/projects/1/clips").body()).isEqualTo("[" + created.body() + "]");
        assertThat(client.get("/api/projects/1").json().get("clips").intValue()).isEqualTo(1);
    }

    @Test
    void clipKeepsCropAndTiming() {
        client.create("/api/projects", "{\"name\":\"Best of\"}");
        client.create(
                "/api/projects/1/clips",
                "{\"name\":\"Goal\",\"source\":{\"width\":1280,\"height\":720,\"durationMs\":8000}}");

        String crop = "{\"x\":100,\"y\":0,\"width\":405,\"height\":720}";
        String timing = "{\"inMs\":500,\"outMs\":7000,\"segments\":[{\"startMs\":500,\"endMs\":2000,\"speed\":1.0},"
                + "{\"startMs\":2500,\"endMs\":7000,\"speed\":0.25}]}";
        Answer changed = client.put("/api/clips/1", "{\"crop\":" + crop + ",\"timing\":" + timing + "}");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(client.get("/api/clips/1").body())
                .isEqualTo(changed.body())
                .contains("\"name\":\"Goal\"", "\"crop\":" + crop, "\"timing\":" + timing);
    }

    @Test
    void completedProjectsGoToTheArchiveWithTheirClipsAndComeBack() {
        long kept = client.create("/api/projects", "{\"name\":\"Best of\"}");
        long completed = client.create("/api/projects", "{\"name\":\"Cup final\"}");
        client.post("/api/projects/" + completed + "/clips", "{\"name\":\"Corner\"}");
        String clips = client.get("/api/projects/" + completed + "/clips").body();
        client.put("/api/projects/" + kept + "/completion", "");
        client.put("/api/projects/" + completed + "/completion", "");
        Answer takenUp = client.delete("/api/projects/" + kept + "/completion");
        assertThat(takenUp.json().get("completedAt").isNull()).isTrue();

        Answer run = client.post("/api/archive", "");

        assertThat(run.json().get("projects").intValue()).isEqualTo(1);
        assertThat(run.json().get("rows").intValue()).isEqualTo(2);
        assertThat(client.get("/api/projects").json()).hasSize(1);
        assertThat(client.get("/api/projects/" + completed).status()).isEqualTo(404);
        assertThat(client.get("/api/status").json().get("archived").longValue()).isPositive();
        Answer listed = client.get("/api/archive");
        assertThat(listed.json().get("projects").get(0).get("name").stringValue())
                .isEqualTo("Cup final");
        String batch = listed.json().get("projects").get(0).get("batch").stringValue();

        Answer restored = client.post("/api/archive/" + batch + "/restore", "");

        assertThat(restored.status()).isEqualTo(200);
        assertThat(restored.version()).isGreaterThan(run.version());
        assertThat(restored.json().get("projects")).isEmpty();
        assertThat(client.get("/api/projects/" + completed + "/clips").body()).isEqualTo(clips);
        assertThat(client.post("/api/archive/" + batch + "/restore", "").status())
                .isEqualTo(404);
    }

    @Test
    void archivedProjectWhoseGameIsGoneStaysAndSaysWhy() {
        long game = client.create("/api/games", "{\"name\":\"Lions – Tigers\"}");
        long project = client.create("/api/projects", "{\"name\":\"Best of\",\"gameId\":" + game + "}");
        client.put("/api/projects/" + project + "/completion", "");
        Answer run = client.post("/api/archive", "");
        String batch =
                run.json().get("archive").get("projects").get(0).get("batch").stringValue();
        client.delete("/api/games/" + game);

        Answer refused = client.post("/api/archive/" + batch + "/restore", "");

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().get("detail").stringValue()).contains("game");
        assertThat(client.get("/api/archive").json().get("projects")).hasSize(1);
    }

    @Test
    void clipsAreInOrderAndGoWithTheirProject() {
        client.create("/api/projects", "{\"name\":\"Best of\"}");
        for (String name : List.of("one", "two", "three")) {
            client.create("/api/projects/1/clips", "{\"name\":\"" + name + "\"}");
        }
        assertThat(client.delete("/api/clips/2").status()).isEqualTo(204);
        client.create("/api/projects/1/clips", "{\"name\":\"four\"}");

        List<String> names = client.get("/api/projects/1/clips")
                .json()
                .valueStream()
                .map(clip -> clip.get("position") + " " + clip.get("name").stringValue())
                .toList();
        assertThat(names).containsExactly("1 one", "3 three", "4 four");

        client.delete("/api/projects/1");
        assertThat(client.get("/api/projects/1/clips").status()).isEqualTo(404);
        assertThat(client.get("/api/clips/1").status()).isEqualTo(404);
    }

    @Test
    void idOfSomethingDeletedIsNotGivenAgain() {
        client.create("/api/projects", "{\"name\":\"First\"}");
        client.delete("/api/projects/1");

        assertThat(client.create("/api/projects", "{\"name\":\"Second\"}")).isEqualTo(2);
    }

    @Test
    void anyTextIsKeptAsItWasWritten() {
        String name = "Größe „42“ 使用 🎬 <b>&amp;'; DROP TABLE projects; --";

        client.create("/api/projects", "{\"name\":\"" + name + "\"}");

        assertThat(client.get("/api/projects/1").json().get("name").stringValue())
                .isEqualTo(name);
    }

    // ---- versions

    @Test
    void everyChangeIsAVersionAndNothingElseIs() {
        assertThat(client.get("/api/projects").version()).isZero();
        Answer created = client.post("/api/projects", "{\"name\":\"Best of\"}");
        Answer renamed = client.put("/api/projects/1", "{\"name\":\"Better of\"}");
        Answer renamedToTheSame = client.put("/api/projects/1", "{\"name\":\"Better of\"}");
        Answer refused = client.post("/api/projects", "{\"name\":\"\"}");
        Answer missing = client.delete("/api/projects/77");
        Answer read = client.get("/api/projects/1");
        Answer deleted = client.delete("/api/projects/1");

        assertThat(Stream.of(created, renamed, renamedToTheSame, missing, read, deleted)
                        .map(Answer::version))
                .containsExactly(1L, 2L, 2L, 2L, 2L, 3L);
        assertThat(Stream.of(created, renamed, renamedToTheSame, missing, read, deleted)
                        .map(answer -> answer.header("X-Sync-Status")))
                .containsOnly("synced");
        assertThat(refused.status()).isEqualTo(400);
    }

    @Test
    void statusTellsVersionAndSize() {
        client.create("/api/projects", "{\"name\":\"Best of\"}");

        Answer status = client.get("/api/status");

        assertThat(status.version()).isEqualTo(1);
        assertThat(status.body())
                .matches("\\{\"version\":1,\"status\":\"synced\",\"size\":[1-9][0-9]+,\"archived\":0}");
    }

    @Test
    void usersDoNotMeet() {
        client.create("/api/projects", "{\"name\":\"Mine\"}");

        assertThat(reels.as("somebody else").get("/api/projects").body()).isEqualTo("[]");
        assertThat(reels.as("somebody else").get("/api/projects/1").status()).isEqualTo(404);
    }

    @Test
    void upperAndLowerCaseAreTwoUsers() {
        reels.as("Twin").create("/api/projects", "{\"name\":\"Of Twin\"}");
        reels.as("twin").create("/api/projects", "{\"name\":\"Of twin\"}");

        assertThat(reels.as("Twin").get("/api/projects").body())
                .contains("Of Twin")
                .doesNotContain("Of twin");
        assertThat(reels.as("twin").get("/api/projects").body())
                .contains("Of twin")
                .doesNotContain("Of Twin");
    }

    // ---- what is refused

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\":\"\"}",
                "{\"name\":\" \\t \"}",
                "{\"name\":null}",
                "{}",
                "{\"name\":5}",
                "{\"name\":true}",
                "{\"name\":[\"x\"]}",
                "{\"name\":{}}",
                "{\"name\":\"a\\u0000b\"}",
                "{\"name\":\"a\\nb\"}",
                "{\"name\":\"\\ud800\"}"
            })
    void nameThatIsNoneIsRefused(String body) {
        client.create("/api/projects", "{\"name\":\"Best of\"}");
        for (String path : List.of("/api/games", "/api/projects", "/api/projects/1/clips")) {
            assertRefused(client.post(path, body), "name");
        }
        if (!body.equals("{}")) {
            assertRefused(client.put("/api/projects/1", body), "name");
        }
    }

    @Test
    void nameMayHave120CharactersAndNotMore() {
        assertThat(client.post("/api/games", "{\"name\":\"" + "🎬".repeat(120) + "\"}")
                        .status())
                .isEqualTo(201);
        assertRefused(client.post("/api/games", "{\"name\":\"" + "x".repeat(121) + "\"}"), "name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"name\":", "nothing", "[]", "[1]", "\"x\"", "17", "null", "{\"name\":\"x\"} x"})
    void bodyThatIsNoObjectIsRefused(String body) {
        assertRefused(client.post("/api/projects", body), "");
    }

    @Test
    void bodyThatIsTooLongIsRefused() {
        assertRefused(client.post("/api/projects", "{\"name\":\"" + "x".repeat(70_000) + "\"}"), "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        gameId                    | {"name":"x","gameId":"1"}
        gameId                    | {"name":"x","gameId":1.5}
        gameId                    | {"name":"x","gameId":77}
        gameId                    | {"name":"x","gameId":99999999999999999999}
        """)
    void gameThatIsNoneIsRefused(String field, String body) {
        client.create("/api/projects", "{\"name\":\"Best of\"}");

        assertRefused(client.post("/api/projects", body), field);
        assertRefused(client.put("/api/projects/1", body), field);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''                        | {}
        name                      | {"name":""}
        crop.x                    | {"crop":{"x":-1,"y":0,"width":100,"height":100}}
        crop.y                    | {"crop":{"x":0,"y":-1,"width":100,"height":100}}
        crop.width                | {"crop":{"x":0,"y":0,"width":15,"height":100}}
        crop.height               | {"crop":{"x":0,"y":0,"width":100,"height":15}}
        crop.width                | {"crop":{"x":1000,"y":0,"width":921,"height":100}}
        crop.height               | {"crop":{"x":0,"y":1,"width":100,"height":1080}}
        crop.width                | {"crop":{"x":2147483647,"y":0,"width":2147483647,"height":100}}
        crop.height               | {"crop":{"x":0,"y":0,"width":100}}
        crop.x                    | {"crop":{"x":1.5,"y":0,"width":100,"height":100}}
        crop.x                    | {"crop":{"x":"1","y":0,"width":100,"height":100}}
        crop                      | {"crop":[0,0,100,100]}
        timing.inMs               | {"timing":{"inMs":-1,"outMs":1000}}
        timing.outMs              | {"timing":{"inMs":0,"outMs":60001}}
        timing.outMs              | {"timing":{"inMs":1000,"outMs":1099}}
        timing.outMs              | {"timing":{"inMs":5000,"outMs":1000}}
        timing.outMs              | {"timing":{"inMs":0}}
        timing.segments           | {"timing":{"inMs":0,"outMs":1000,"segments":[]}}
        timing.segments           | {"timing":{"inMs":0,"outMs":1000,"segments":[null]}}
        timing.segments[0]        | {"timing":{"inMs":500,"outMs":1000,"segments":[{"startMs":0,"endMs":900,"speed":1}]}}
        timing.segments[0]        | {"timing":{"inMs":0,"outMs":1000,"segments":[{"startMs":5,"endMs":5,"speed":1}]}}
        timing.segments[0]        | {"timing":{"inMs":0,"outMs":1000,"segments":[{"startMs":5,"endMs":1001,"speed":1}]}}
        timing.segments[1]        | {"timing":{"inMs":0,"outMs":1000,"segments":[{"startMs":0,"endMs":500,"speed":1},{"startMs":499,"endMs":900,"speed":1}]}}
        timing.segments[0].speed  | {"timing":{"inMs":0,"outMs":1000,"segments":[{"startMs":0,"endMs":500,"speed":0.01}]}}
        timing.segments[0].speed  | {"timing":{"inMs":0,"outMs":1000,"segments":[{"startMs":0,"endMs":500,"speed":9}]}}
        timing.segments[0].speed  | {"timing":{"inMs":0,"outMs":1000,"segments":[{"startMs":0,"endMs":500,"speed":"fast"}]}}
        timing.segments[0].endMs  | {"timing":{"inMs":0,"outMs":1000,"segments":[{"startMs":0,"speed":1}]}}
        """)
    void cropOrTimingThatDoesNotFitIsRefusedAndChangesNothing(String field, String body) {
        client.create("/api/projects", "{\"name\":\"Best of\"}");
        client.create("/api/projects/1/clips", "{\"name\":\"Goal\"}");
        String before = client.get("/api/projects/1/clips").body();

        assertRefused(client.put("/api/clips/1", body), field);

        assertThat(client.get("/api/projects/1/clips").body()).isEqualTo(before);
    }

    @Test
    void everythingThatIsWrongIsNamedAtOnce() {
        client.create("/api/projects", "{\"name\":\"Best of\"}");

        Answer answer = client.post(
                "/api/projects/1/clips", "{\"name\":\"\",\"source\":{\"width\":1,\"height\":9000,\"durationMs\":0}}");

        assertRefused(answer, "name");
        assertRefused(answer, "source.width");
        assertRefused(answer, "source.height");
        assertRefused(answer, "source.durationMs");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/api/projects/77",
        "PUT,/api/projects/77",
        "DELETE,/api/projects/77",
        "GET,/api/projects/77/clips",
        "POST,/api/projects/77/clips",
        "GET,/api/games/77",
        "PUT,/api/games/77",
        "DELETE,/api/games/77",
        "GET,/api/clips/77",
        "PUT,/api/clips/77",
        "DELETE,/api/clips/77",
        "GET,/api/nothing",
        "GET,/nothing"
    })
    void whatIsNotThereIsNotFound(String method, String path) {
        Answer answer = reels.send(reels.request(path)
                .header("X-User-ID", "alice")
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString("{\"name\":\"x\"}")));

        assertProblem(answer, 404);
    }

    @Test
    void idThatIsNoNumberIsRefused() {
        assertProblem(client.get("/api/projects/abc"), 400);
        assertProblem(client.get("/api/projects/99999999999999999999"), 400);
    }

    @Test
    void whatIsNotJsonIsRefused() {
        assertProblem(
                reels.send(reels.request("/api/projects")
                        .header("X-User-ID", "alice")
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString("{\"name\":\"x\"}"))),
                415);
        assertProblem(client.delete("/api/projects"), 405);
    }

    // ---- who asks

    @ParameterizedTest
    @ValueSource(strings = {"/api/games", "/api/projects", "/api/projects/1", "/api/status", "/api/nothing"})
    void nobodyIsAskedToSignIn(String path) {
        Answer answer = reels.send(reels.request(path));

        assertProblem(answer, 401);
        assertThat(answer.header("WWW-Authenticate")).startsWith("Cookie ");
    }

    @Test
    void signingInGivesACookieThatIsNotForScripts() {
        Answer signedIn = signIn("{\"user\":\"carol\"}");

        assertThat(signedIn.status()).isEqualTo(200);
        assertThat(signedIn.body()).isEqualTo("{\"user\":\"carol\",\"demo\":true}");
        assertThat(signedIn.header("Set-Cookie"))
                .startsWith("reels_session=")
                .contains("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000");

        String cookie = cookieOf(signedIn);
        assertThat(reels.send(reels.request("/api/projects").header("Cookie", cookie))
                        .status())
                .isEqualTo(200);
        assertThat(reels.send(reels.request("/api/session").header("Cookie", cookie))
                        .body())
                .isEqualTo("{\"user\":\"carol\",\"demo\":true}");
        assertThat(reels.send(reels.request("/api/session")).body()).isEqualTo("{\"user\":null,\"demo\":true}");
    }

    @Test
    void cookieAndHeaderNameTheSameUser() {
        String user = "Zoë 使用";
        String cookie = cookieOf(signIn("{\"user\":\"" + user + "\"}"));
        reels.send(reels.request("/api/games")
                .header("Cookie", cookie)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\":\"Of Zoë\"}")));

        String header = new String(user.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(reels.send(reels.request("/api/games").header("Cookie", cookie))
                        .body())
                .contains("Of Zoë");
        assertThat(RawHttp.get(reels.base(), "/api/games", "X-User-ID: " + header))
                .contains("Of Zoë");
    }

    @Test
    void forgedCookieIsNobody() {
        String cookie = cookieOf(signIn("{\"user\":\"carol\"}"));
        String forged = cookie.replace("reels_session=", "reels_session=A");

        assertProblem(reels.send(reels.request("/api/projects").header("Cookie", forged)), 401);
    }

    @Test
    void signingOutTakesTheCookieAway() {
        Answer answer = reels.send(reels.request("/api/session").DELETE());

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Set-Cookie")).startsWith("reels_session=;").contains("Max-Age=0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"user\":\"\"}",
                "{\"user\":\"  \"}",
                "{\"user\":\"../x\"}",
                "{\"user\":\"..\"}",
                "{\"user\":\"a/../b\"}",
                "{\"user\":\"a\\u0000\"}",
                "{\"user\":5}",
                "{}"
            })
    void hostileUserCannotSignIn(String body) {
        Answer answer = signIn(body);

        assertRefused(answer, "user");
        assertThat(answer.header("Set-Cookie")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "..", "a\\..\\b", "/etc/../passwd"})
    void hostileUserInTheHeaderIsRefusedAndLeavesNoFile(String user) throws IOException {
        assertProblem(reels.as(user).get("/api/games"), 400);
        assertProblem(reels.as(user).post("/api/games", "{\"name\":\"x\"}"), 400);

        assertThat(in(folder)).containsExactly("data");
        assertThat(in(folder.resolve("data"))).containsExactlyInAnyOrder("bucket", "user_data");
    }

    @Test
    void userThatIsTooLongIsRefused() {
        assertProblem(reels.as("x".repeat(300)).get("/api/games"), 400);
        assertRefused(signIn("{\"user\":\"" + "x".repeat(300) + "\"}"), "user");
    }

    // ---- the page

    @ParameterizedTest
    @CsvSource({"/,text/html", "/js/main.js,text/javascript", "/css/reels.css,text/css", "/icon.svg,image/svg+xml"})
    void pageIsServedToAnybodyAndLoadsNothingFromElsewhere(String path, String type) {
        Answer answer = reels.send(reels.request(path));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type").toLowerCase(Locale.ROOT)).startsWith(type);
        assertThat(answer.header("Content-Security-Policy")).contains("default-src 'self'");
        assertThat(answer.body().replace("http://www.w3.org/2000/svg", "")).doesNotContain("http://", "https://");
    }

    private static Answer signIn(String body) {
        return reels.send(reels.request("/api/session")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    private static String cookieOf(Answer answer) {
        return answer.header("Set-Cookie").replaceAll(";.*", "");
    }

    private static void assertRefused(Answer answer, String field) {
        assertProblem(answer, 400);
        assertThat(answer.errorOf(field)).as(answer.body()).isNotEmpty();
    }

    private static void assertProblem(Answer answer, int status) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith(PROBLEM);
        assertThat(answer.json().get("status").intValue()).isEqualTo(status);
    }

    private static String withoutTimes(String body) {
        return body.replaceAll(",\"(createdAt|updatedAt|completedAt)\":(\"20[0-9T:.-]+Z\"|null)", "");
    }

    private static List<String> in(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
