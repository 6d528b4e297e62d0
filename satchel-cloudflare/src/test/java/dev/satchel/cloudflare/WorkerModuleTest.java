package dev.satchel.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The parts of the Worker that need no runtime of Cloudflare's, in the folder {@code worker}. */
class WorkerModuleTest {
    private static final Path WORKER = Path.of("worker");

    /** Without Node these are left out, except where {@code CI=true} says that there is one. */
    @Test
    void workerHoldsWhatItsOwnTestsSay() throws Exception {
        Assumptions.assumeTrue(isNodeThere() || "true".equals(System.getenv("CI")), "no node on the PATH");
        Process tests = new ProcessBuilder("node", "--test")
                .directory(WORKER.toFile())
                .redirectErrorStream(true)
                .start();
        tests.getOutputStream().close();
        String output = new String(tests.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(tests.waitFor()).as(output).isZero();
        assertThat(output).containsPattern("pass [1-9]");
    }

    private static boolean isNodeThere() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "node")));
    }
}
