package dev.satchel.examples.reels;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import dev.satchel.examples.reels.RunningReels.Client;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * Takes the pictures of the documentation, {@code docs/images/reels.png} and {@code reels-two-tabs.png}; run by hand when the page
 * has changed.
 */
final class ReelsPicture {
    private ReelsPicture() {}

    private static final int TAB_WIDTH = 1100;
    private static final int TAB_HEIGHT = 720;
    private static final int GAP = 8;

    /** Takes the two files to write. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("reels");
        try (RunningReels reels = RunningReels.start(folder.resolve("bucket"), folder.resolve("user_data"));
                Playwright playwright = Chromium.driver()) {
            fill(reels.as("alice"));
            Page page = Chromium.launch(playwright)
                    .newContext(new Browser.NewContextOptions().setViewportSize(1440, 900))
                    .newPage();
            page.navigate(reels.base().toString());
            page.getByLabel("Your name").fill("alice");
            page.keyboard().press("Enter");
            page.getByText("Season highlights").click();
            page.getByLabel("Playhead").fill("13200");
            page.evaluate("document.activeElement.blur()");
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(arguments[0])));
            twoTabs(page, Path.of(arguments[1]));
        }
    }

    /** What is typed in one tab is there in the other; prints how long that took. */
    private static void twoTabs(Page first, Path file) throws IOException {
        Page second = first.context().newPage();
        second.navigate(first.url());
        first.setViewportSize(TAB_WIDTH, TAB_HEIGHT);
        second.setViewportSize(TAB_WIDTH, TAB_HEIGHT);
        assertThat(second.getByLabel("Clip name")).isVisible();
        first.getByLabel("Clip name").fill("Goal, seen in both tabs");
        long typed = System.nanoTime();
        assertThat(second.getByLabel("Clip name")).hasValue("Goal, seen in both tabs");
        System.out.printf("shown in the other tab after %d ms%n", (System.nanoTime() - typed) / 1_000_000);
        BufferedImage both = new BufferedImage(2 * TAB_WIDTH + GAP, TAB_HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = both.createGraphics();
        graphics.setColor(Color.GRAY);
        graphics.fillRect(0, 0, both.getWidth(), both.getHeight());
        graphics.drawImage(ImageIO.read(new ByteArrayInputStream(first.screenshot())), 0, 0, null);
        graphics.drawImage(ImageIO.read(new ByteArrayInputStream(second.screenshot())), TAB_WIDTH + GAP, 0, null);
        graphics.dispose();
        ImageIO.write(both, "png", file.toFile());
    }

    private static void fill(Client alice) {
        long game = alice.create("/api/games", "{\"name\":\"Lions – Tigers\"}");
        long project = alice.create("/api/projects", "{\"name\":\"Season highlights\",\"gameId\":" + game + "}");
        String clips = "/api/projects/" + project + "/clips";
        alice.create(clips, """
                {"name": "Goal from the halfway line",
                 "source": {"width": 1920, "height": 1080, "durationMs": 32000},
                 "crop": {"x": 560, "y": 120, "width": 1200, "height": 675},
                 "timing": {"inMs": 4200, "outMs": 25600, "segments": [
                   {"startMs": 4200, "endMs": 10400, "speed": 1},
                   {"startMs": 10400, "endMs": 15800, "speed": 0.4},
                   {"startMs": 17600, "endMs": 21000, "speed": 1},
                   {"startMs": 21000, "endMs": 25600, "speed": 2}]}}""");
        alice.create(clips, clip("Double save", 700, 0, 608, 1080, 4900, 22500));
        alice.create(clips, clip("Nutmeg on the wing", 420, 0, 1080, 1080, 5800, 24000));
        alice.create(clips, clip("Penalty, both angles", 0, 0, 1920, 1080, 6700, 25500));
        alice.create(clips, clip("Final whistle", 300, 60, 1600, 900, 1200, 9400));
    }

    private static String clip(String name, int x, int y, int width, int height, int in, int out) {
        return """
                {"name": "%s", "crop": {"x": %d, "y": %d, "width": %d, "height": %d},
                 "timing": {"inMs": %d, "outMs": %d}}""".formatted(name, x, y, width, height, in, out);
    }
}
