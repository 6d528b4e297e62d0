package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowthCommandTest {
    @TempDir
    private Path directory;

    @Test
    void benchSaysWhatCanBeMeasured() {
        CommandLineRun run = CommandLineRun.in(directory, "bench");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("growth");
    }

    @Test
    void sizesThatAreNoneAreRefused() {
        CommandLineRun run = CommandLineRun.in(directory, "bench", "growth", "--sizes", "1MB,many");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--sizes is a list such as 1MB,100MB,1GB, not \"many\"");
    }
}
