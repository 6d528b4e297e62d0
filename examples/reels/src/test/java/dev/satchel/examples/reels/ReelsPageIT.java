package dev.satchel.examples.reels;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.satchel.examples.reels.RunningReels.Client;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real Chromium. After each test it is proved that the page has kept nothing in the browser but its cookie, has
 * not so much as tried to, and has asked no other server for anything.
 */
class ReelsPageIT {
    /** Replaces every way into the browser's storage by one that notes who came, before the page's scripts run. */
    private static final String WATCH_STORAGE = """
        (() => {
          const calls = [];
          Object.defineProperty(window, '__storageCalls', { value: calls });
          for (const name of ['getItem', 'setItem', 'removeItem', 'clear', 'key']) {
            const original = Storage.prototype[name];
            Storage.prototype[name] = function (...parameters) {
              calls.push(name);
              return original.apply(this, parameters);
            };
          }
          for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
            for (const owner of [window, Window.prototype]) {
              const property = Object.getOwnPropertyDescriptor(owner, name);
              if (property?.get) {
                Object.defineProperty(owner, name, {
                  ...property,
                  get() {
                    calls.push(name);
                    return property.get.call(this);
                  },
                });
              }
            }
          }
        })();
        """;

    @TempDir
    static Path folder;

    private static RunningReels reels;
    private static Playwright playwright;
    private static Browser browser;

    private final List<String> foreign = new ArrayList<>();
    private final List<String> pageErrors = new ArrayList<>();
    private BrowserContext context;
    private Page page;
    private String user;
    private Client elsewhere;

    @BeforeAll
    static void start() {
        playwright = Chromium.driver();
        browser = Chromium.launch(playwright);
        reels = RunningReels.start(folder);
    }

    @AfterAll
    static void stop() {
        if (reels != null) {
            reels.close();
        }
        if (playwright != null) {
            playwright.close();
        }
    }

    @BeforeEach
    void openPage(TestInfo test) {
        user = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        elsewhere = reels.as(user);
        context = browser.newContext(new Browser.NewContextOptions().setViewportSize(1440, 900));
        context.addInitScript(WATCH_STORAGE);
        context.route(Pattern.compile(".*"), this::onlyLocal);
        page = context.newPage();
        page.onPageError(pageErrors::add);
        page.navigate(reels.base().toString());
    }

    @AfterEach
    void leftNothingInTheBrowserAndAskedNobodyElse() {
        List<?> calls = (List<?>) page.evaluate("window.__storageCalls");
        CDPSession devTools = context.newCDPSession(page);
        devTools.send("DOMStorage.enable");
        String stored = stored(devTools, true) + stored(devTools, false);
        context.close();

        assertThat(calls).as("calls of the browser's storage").isEmpty();
        assertThat(stored).as("entries in the browser's storage").isEqualTo("[][]");
        assertThat(foreign).as("requests to other servers").isEmpty();
        assertThat(pageErrors).as("errors in scripts").isEmpty();
    }

    @Test
    void watchOnStorageWouldNoticeItsUse() {
        Page other = context.newPage();
        other.navigate(reels.base().toString());
        other.evaluate("localStorage.setItem('a', '1'); sessionStorage.getItem('b'); localStorage.clear()");

        assertThat((List<?>) other.evaluate("window.__storageCalls"))
                .asString()
                .isEqualTo("[localStorage, setItem, sessionStorage, getItem, localStorage, clear]");
    }

    @Test
    void libraryIsBuiltEditedAndEmptiedAgain() {
        signIn();
        assertThat(page.getByText("Nothing here yet")).isVisible();

        press("New game");
        answerDialog("Lions – Tigers", "Create game");
        press("New project");
        answerDialog("Best of", "Create project");
        assertThat(page.getByText("No clips yet")).isVisible();
        press("Add a clip");
        answerDialog("Corner", "Add clip");

        page.getByLabel("Clip name").fill("Corner, near post");
        page.getByLabel("Project name").fill("Best of the year");
        page.getByLabel("Project name").press("Enter");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("9:16"))
                .click();
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));

        assertThat(elsewhere.get("/api/projects").json().get(0).get("name").stringValue())
                .isEqualTo("Best of the year");
        assertThat(elsewhere.get("/api/projects/1/clips").body())
                .contains("\"name\":\"Corner, near post\"", "\"width\":608,\"height\":1080");

        press("Delete clip");
        page.getByRole(AriaRole.DIALOG).getByText("Delete clip").click();
        assertThat(page.getByText("No clips yet")).isVisible();
        page.locator(".trail-back").click();
        assertThat(page.locator(".card-name")).hasText("Best of the year");
        page.locator(".card").hover();
        press("Delete project Best of the year");
        page.getByRole(AriaRole.DIALOG).getByText("Delete project").click();
        assertThat(page.getByText("No project of this game yet")).isVisible();
        page.locator(".game").nth(1).hover();
        press("Rename game Lions – Tigers");
        answerDialog("Lions – Bears", "Rename");
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("Lions – Bears");
        page.locator(".game").nth(1).hover();
        press("Delete game Lions – Bears");
        page.getByRole(AriaRole.DIALOG)
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Delete game"))
                .click();
        assertThat(page.locator(".game")).hasCount(1);
        assertThat(elsewhere.get("/api/games").body()).isEqualTo("[]");
        assertThat(elsewhere.get("/api/projects").body()).isEqualTo("[]");
    }

    @Test
    void completedProjectIsArchivedAndRestored() {
        clipOfNewProject();
        signIn();
        page.locator(".card").hover();
        press("Complete A project");
        assertThat(page.locator(".card-completed")).isVisible();

        press("Archive completed");

        assertThat(page.getByText("Nothing here yet")).isVisible();
        assertThat(page.locator(".archived")).containsText("archived");
        assertThat(page.locator(".archive-sizes")).containsText("Library");
        press("Restore A project");
        assertThat(page.locator(".card")).containsText("1 clip");
        assertThat(page.locator(".archived")).hasCount(0);
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
    }

    @Test
    void whatIsWrongIsSaidBesideTheField() {
        page.getByLabel("Your name").fill("../" + user);
        press("Open my library");
        assertThat(page.locator(".field-error")).containsText("This name cannot be used");
        assertThat(page.getByLabel("Your name")).isFocused();

        signIn();
        press("New project");
        page.getByText("Create project").click();
        assertThat(page.locator("dialog .field-error")).hasText("A name is needed.");
        page.keyboard().type("x".repeat(121));
        page.getByText("Create project").click();
        assertThat(page.locator("dialog .field-error")).containsText("at most 120 characters");
        page.keyboard().press("Escape");
        assertThat(page.locator("dialog")).hasCount(0);
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
    }

    @Test
    void slidersChangeCropTimingAndSpeed() {
        long clip = clipOfNewProject();
        signIn("#/projects/1");

        page.getByLabel("Width", exact()).fill("960");
        page.getByLabel("Left", exact()).fill("400");
        page.getByLabel("In", exact()).fill("2000");
        page.getByLabel("Out", exact()).fill("9000");
        page.getByLabel("Playhead").fill("5000");
        press("Split");
        page.getByLabel("Speed", exact()).fill("0.5");
        assertThat(page.locator(".segment")).hasCount(2);
        assertThat(page.locator(".clip-facts")).containsText("0:11.0");
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));

        assertThat(elsewhere.get("/api/clips/" + clip).body())
                .contains("\"crop\":{\"x\":400,\"y\":0,\"width\":960,\"height\":1080}")
                .contains("\"inMs\":2000,\"outMs\":9000")
                .contains(
                        "{\"startMs\":2000,\"endMs\":5000,\"speed\":1.0},{\"startMs\":5000,\"endMs\":9000,\"speed\":0.5}");
    }

    @Test
    void keysDoWhatButtonsDo() {
        long clip = clipOfNewProject();
        signIn("#/projects/1");

        page.getByLabel("Playhead").fill("3000");
        page.keyboard().press("i");
        page.getByLabel("Playhead").fill("8000");
        page.keyboard().press("o");
        page.getByLabel("Playhead").fill("4000");
        page.keyboard().press("s");
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
        page.keyboard().press("Space");
        assertThat(page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Pause")))
                .isVisible();
        page.keyboard().press("Space");
        page.keyboard().press("?");
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("Split at the playhead");
        page.keyboard().press("Escape");
        page.keyboard().press("n");
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("New clip");
        page.keyboard().press("Escape");

        assertThat(elsewhere.get("/api/clips/" + clip).body())
                .contains("\"inMs\":3000,\"outMs\":8000")
                .contains(
                        "{\"startMs\":3000,\"endMs\":4000,\"speed\":1.0},{\"startMs\":4000,\"endMs\":8000,\"speed\":1.0}");
    }

    @Test
    void signedInUserIsStillSoAfterAReload() {
        signIn();
        page.reload();
        assertThat(page.locator(".person-name")).hasText(user);

        press("Sign out");
        assertThat(page.getByLabel("Your name")).isVisible();
        page.reload();
        assertThat(page.getByLabel("Your name")).isVisible();
    }

    @Test
    void markSaysSavingUntilTheAnswerIsThere() {
        clipOfNewProject();
        signIn("#/projects/1");
        List<Route> held = new ArrayList<>();
        page.route("**/api/clips/*", held::add);

        page.getByLabel("Clip name").fill("Held");
        assertThat(mark()).hasText("Saving…");
        page.waitForCondition(() -> !held.isEmpty());
        assertThat(mark()).hasText("Saving…");
        assertThat(elsewhere.get("/api/projects/1/clips").body()).doesNotContain("Held");
        page.unroute("**/api/clips/*");
        held.get(0).resume();

        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
        assertThat(elsewhere.get("/api/projects/1/clips").body()).contains("Held");
    }

    @Test
    void changeThatWasNotSavedIsKeptAndSentAgain() {
        clipOfNewProject();
        signIn("#/projects/1");
        page.route("**/api/clips/*", ReelsPageIT::unavailable);

        page.getByLabel("Clip name").fill("Kept");
        assertThat(mark()).hasText(Pattern.compile("Not saved.*"));
        assertThat(page.getByLabel("Clip name")).hasValue("Kept");
        page.unroute("**/api/clips/*");
        mark().click();

        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
        assertThat(elsewhere.get("/api/projects/1/clips").body()).contains("Kept");
    }

    @Test
    void changeThatTheServerHasYetToUploadIsStillBeingSaved() {
        clipOfNewProject();
        signIn("#/projects/1");
        page.route("**/api/status", route -> answerAs(route, "pending"));
        page.route("**/api/clips/*", route -> answerAs(route, "pending"));

        page.getByLabel("Clip name").fill("On the server");
        page.waitForResponse("**/api/status", () -> {});
        assertThat(mark()).hasText("Saving…");
        page.unroute("**/api/status");

        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
    }

    @Test
    void changeThatReplacedAnotherOneIsToldAsANewerVersionElsewhere() {
        clipOfNewProject();
        signIn("#/projects/1");
        page.route("**/api/clips/*", route -> answerAs(route, "conflict"));

        page.getByLabel("Clip name").fill("Made here");

        assertThat(mark()).containsText("Conflict: newer version elsewhere");
        mark().click();
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
    }

    @Test
    void conflictIsToldToTheWriterAndNotToWhoOnlyReads() {
        clipOfNewProject();
        signIn("#/projects/1");
        Page reader = secondTab("#/projects/1");
        reader.evaluate("""
            window.told = [];
            new MutationObserver(() => told.push(document.querySelector('#sync').textContent))
                .observe(document.querySelector('#sync'), { subtree: true, childList: true, characterData: true })\
            """);
        page.route("**/api/clips/*", route -> answerAs(route, "conflict"));

        page.getByLabel("Clip name").fill("Made here");

        assertThat(mark()).containsText("Conflict: newer version elsewhere");
        assertThat(reader.getByLabel("Clip name")).hasValue("Made here");
        assertThat(reader.evaluate("told.join()").toString()).doesNotContain("Conflict");
    }

    @Test
    void twoTabsShowEachOthersEdits() {
        clipOfNewProject();
        signIn("#/projects/1");
        Page second = secondTab("#/projects/1");

        page.getByLabel("Clip name").fill("From the first tab");
        assertThat(second.getByLabel("Clip name")).hasValue("From the first tab");
        page.getByLabel("Clip name").blur();
        second.getByLabel("Clip name").fill("From the second tab");

        assertThat(page.getByLabel("Clip name")).hasValue("From the second tab");
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
        assertThat(second.locator("#sync")).hasText(Pattern.compile("Saved.*"));
    }

    @Test
    void changeThatWasRefusedForANewerOneIsNotSavedUntilItIsSentAgain() {
        clipOfNewProject();
        signIn("#/projects/1");
        page.route(
                "**/api/clips/*",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setStatus(409)
                        .setHeaders(Map.of(
                                "Content-Type",
                                "application/problem+json",
                                "X-Sync-Status",
                                "conflict",
                                "X-Satchel-Version",
                                "3"))
                        .setBody("{\"status\":409,\"detail\":\"Another machine saved a newer version first.\"}")));

        page.getByLabel("Clip name").fill("Made here");
        assertThat(mark()).containsText("Not saved");
        page.unroute("**/api/clips/*");
        mark().click();

        assertThat(mark()).containsText("Newer version elsewhere");
        assertThat(elsewhere.get("/api/projects/1/clips").body()).contains("Made here");
    }

    @Test
    void refusedCreationIsSaidInTheDialogAndForgottenWithIt() {
        signIn();
        page.route("**/api/projects", ReelsPageIT::unavailable);
        press("New project");
        answerDialog("Never", "Create project");
        assertThat(page.locator("dialog [role=alert]")).containsText("cannot be reached");
        assertThat(mark()).hasText(Pattern.compile("Not saved.*"));
        page.keyboard().press("Escape");

        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
    }

    @Test
    void versionMadeElsewhereIsShownToWhoIsNotInTheMiddleOfSomething() {
        elsewhere.create("/api/projects", "{\"name\":\"First\"}");
        signIn();
        assertThat(page.locator(".card")).hasCount(1);

        elsewhere.create("/api/projects", "{\"name\":\"Made elsewhere\"}");

        assertThat(page.locator(".card")).hasCount(2);
        assertThat(page.getByText("changed somewhere else").first()).isVisible();
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
    }

    @Test
    void pageThatCannotListenNoticesANewerVersionOnFocusAndLoadsItOnRequest() {
        page.routeWebSocket(Pattern.compile(".*/satchel/events.*"), socket -> socket.close());
        page.route(
                Pattern.compile(".*/satchel/events.*"),
                route -> route.fulfill(new Route.FulfillOptions().setStatus(503)));
        page.reload();
        elsewhere.create("/api/projects", "{\"name\":\"First\"}");
        signIn();
        assertThat(page.locator(".card")).hasCount(1);

        elsewhere.create("/api/projects", "{\"name\":\"Made elsewhere\"}");
        page.evaluate("window.dispatchEvent(new Event('focus'))");
        assertThat(mark()).containsText("Newer version elsewhere");
        assertThat(page.locator(".card")).hasCount(1);
        mark().click();

        assertThat(page.locator(".card")).hasCount(2);
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
    }

    @Test
    void whoIsInTheMiddleOfSomethingIsToldOfANewerVersionAndLoadsItOnRequest() {
        clipOfNewProject();
        signIn("#/projects/1");
        page.getByLabel("Clip name").focus();

        elsewhere.create("/api/projects/1/clips", "{\"name\":\"Made elsewhere\"}");
        assertThat(mark()).containsText("Newer version elsewhere");
        assertThat(page.locator(".clip-name")).hasCount(1);
        page.getByLabel("Clip name").fill("Made here");
        assertThat(mark()).containsText("Newer version elsewhere");
        mark().click();

        assertThat(page.locator(".clip-name")).hasText(new String[] {"Made here", "Made elsewhere"});
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
    }

    @Test
    void viewOpenedNextShowsWhatWasMadeElsewhere() {
        clipOfNewProject();
        signIn("#/projects/1");
        elsewhere.create("/api/projects", "{\"name\":\"Made elsewhere\"}");

        page.locator(".trail-back").click();

        assertThat(page.locator(".card")).hasCount(2);
        assertThat(page.getByText("changed somewhere else").first()).isVisible();
        assertThat(mark()).hasText(Pattern.compile("Saved.*"));
    }

    @Test
    void projectDeletedElsewhereIsSaidToBeGone() {
        clipOfNewProject();
        signIn("#/projects/1");
        page.getByLabel("Clip name").focus();
        elsewhere.delete("/api/projects/1");

        page.getByLabel("Clip name").fill("Too late");

        assertThat(page.getByText("Not here any more")).isVisible();
        page.getByText("To the library").click();
        assertThat(page.getByText("Nothing here yet")).isVisible();
    }

    @Test
    void markIsNeverRed() {
        clipOfNewProject();
        signIn("#/projects/1");
        assertNotRed("Saved");

        page.route("**/api/status", Route::abort);
        page.evaluate("window.dispatchEvent(new Event('focus'))");
        assertNotRed("No connection");
        page.unroute("**/api/status");

        page.route("**/api/clips/*", ReelsPageIT::unavailable);
        page.getByLabel("Clip name").fill("Not yet");
        assertNotRed("Not saved");
        page.unroute("**/api/clips/*");
        mark().click();
        assertNotRed("Saved");

        page.getByLabel("Clip name").focus();
        elsewhere.create("/api/projects", "{\"name\":\"Made elsewhere\"}");
        page.evaluate("window.dispatchEvent(new Event('focus'))");
        assertNotRed("Newer version elsewhere");
    }

    @Test
    void everyControlHasAName() {
        clipOfNewProject();
        elsewhere.create("/api/games", "{\"name\":\"A game\"}");
        signIn();
        assertThat(namelessControls()).isEmpty();
        press("New project");
        assertThat(namelessControls()).isEmpty();
        page.keyboard().press("Escape");
        page.getByText("A project").click();
        assertThat(page.getByLabel("Clip name")).isVisible();
        assertThat(namelessControls()).isEmpty();
    }

    @Test
    void narrowWindowNeedsNoSidewaysScrolling() {
        clipOfNewProject();
        page.setViewportSize(360, 740);
        signIn("#/projects/1");
        assertThat(page.getByLabel("Clip name")).isVisible();
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(360);

        page.locator(".trail-back").click();
        assertThat(page.locator(".card")).isVisible();
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(360);
    }

    private long clipOfNewProject() {
        long project = elsewhere.create("/api/projects", "{\"name\":\"A project\"}");
        return elsewhere.create("/api/projects/" + project + "/clips", "{\"name\":\"A clip\"}");
    }

    private void signIn() {
        page.getByLabel("Your name").fill(user);
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("All projects");
    }

    /** Signs in and goes where the address says. */
    private void signIn(String hash) {
        signIn();
        page.navigate(reels.base() + "/" + hash);
        assertThat(page.getByLabel("Clip name")).isVisible();
    }

    /** The same user in another tab of the same browser. */
    private Page secondTab(String hash) {
        Page second = context.newPage();
        second.onPageError(pageErrors::add);
        second.navigate(reels.base() + "/" + hash);
        assertThat(second.getByLabel("Clip name")).isVisible();
        return second;
    }

    private Locator mark() {
        return page.locator("#sync");
    }

    private void press(String name) {
        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName(name).setExact(true))
                .first()
                .click();
    }

    private void answerDialog(String name, String action) {
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        dialog.getByLabel("Name").fill(name);
        dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(action))
                .click();
    }

    private static Page.GetByLabelOptions exact() {
        return new Page.GetByLabelOptions().setExact(true);
    }

    private void assertNotRed(String state) {
        assertThat(mark()).containsText(state);
        String color = (String) page.evaluate(
                "getComputedStyle(document.querySelector('#sync .mark-dot')).backgroundColor.match(/\\d+/g).join(' ')");
        String[] parts = color.split(" ", -1);
        int red = Integer.parseInt(parts[0]);
        int green = Integer.parseInt(parts[1]);
        int blue = Integer.parseInt(parts[2]);
        assertThat(Math.max(green, blue)).as(state + " is " + color).isGreaterThan(red * 2 / 3);
    }

    private List<?> namelessControls() {
        return (List<?>) page.evaluate("""
            [...document.querySelectorAll('button, a, input, select')]
              .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length))
              .map((one) => one.outerHTML)\
            """);
    }

    private void onlyLocal(Route route) {
        URI uri = URI.create(route.request().url());
        if ("data".equals(uri.getScheme())
                || uri.getAuthority().equals(reels.base().getAuthority())) {
            route.resume();
        } else {
            foreign.add(uri.toString());
            route.abort();
        }
    }

    /** Lets the server answer, but for what the answer says of the store. */
    private static void answerAs(Route route, String syncStatus) {
        APIResponse answer = route.fetch();
        Map<String, String> headers = new HashMap<>(answer.headers());
        headers.put("x-sync-status", syncStatus);
        route.fulfill(new Route.FulfillOptions().setResponse(answer).setHeaders(headers));
    }

    private static void unavailable(Route route) {
        route.fulfill(new Route.FulfillOptions()
                .setStatus(503)
                .setContentType("application/problem+json")
                .setBody("{\"status\":503,\"detail\":\"The store cannot be reached.\",\"outcome\":\"not-saved\"}"));
    }

    private static String stored(CDPSession devTools, boolean local) {
        var id = new com.google.gson.JsonObject();
        id.addProperty("securityOrigin", reels.base().toString());
        id.addProperty("isLocalStorage", local);
        var parameters = new com.google.gson.JsonObject();
        parameters.add("storageId", id);
        return devTools.send("DOMStorage.getDOMStorageItems", parameters)
                .get("entries")
                .toString();
    }
}
