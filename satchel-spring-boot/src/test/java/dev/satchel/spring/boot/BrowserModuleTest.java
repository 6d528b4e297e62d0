package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The browser's module and its npm package, in the folder {@code browser}. */
class BrowserModuleTest {
    private static final Path PACKAGE = Path.of("browser");

    /** Without Node these are left out, except where {@code CI=true} says that there is one. */
    @Test
    void moduleHoldsWhatItsOwnTestsSay() throws Exception {
        Assumptions.assumeTrue(isNodeThere() || "true".equals(System.getenv("CI")), "no node on the PATH");
        Process tests = new ProcessBuilder("node", "--test")
                .directory(PACKAGE.toFile())
                .redirectErrorStream(true)
                .start();
        tests.getOutputStream().close();
        String output = new String(tests.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(tests.waitFor()).as(output).isZero();
        assertThat(output).containsPattern("pass [1-9]");
    }

    @Test
    void serverHasTheModuleOfThePackageAndNoOther() throws IOException {
        for (String name : new String[] {"satchel.js", "satchel.d.ts"}) {
            try (var served = getClass().getResourceAsStream("/META-INF/resources/satchel/" + name)) {
                assertThat(served).as(name).isNotNull();
                assertThat(served.readAllBytes()).isEqualTo(Files.readAllBytes(PACKAGE.resolve(name)));
            }
        }
        try (var sources = Files.walk(Path.of("src"))) {
            assertThat(sources.filter(file -> file.endsWith("satchel.js"))).isEmpty();
        }
    }

    private static boolean isNodeThere() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "node")));
    }
}
