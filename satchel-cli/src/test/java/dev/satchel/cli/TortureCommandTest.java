package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TortureCommandTest {
    @TempDir
    private Path directory;

    private CommandLineRun run(String... args) {
        return CommandLineRun.in(directory, args);
    }

    @Test
    void tellsWhatWasAcknowledgedAndKilledAndThatNothingWasViolated() {
        CommandLineRun run = run("torture", "--minutes", "0.1", "--nodes", "2", "--users", "3", "--clients", "2");

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.table()).contains(List.of("violations", "0"));
        assertThat(run.out()).containsPattern("[1-9][0-9,]* changes acknowledged");
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --minutes 0               | --minutes must be more than 0
                    --nodes 0                 | --nodes must be 1 to 32
                    --users 1001              | --users must be 1 to 1000
                    --clients 0               | --clients must be 1 to 256
                    --plant NO_SUCH_RULE      | knows no rule "NO_SUCH_RULE"
                    --plant LANDED_IN_A_FRESH_SLOT | shows in the simulation only
                    """)
    void wrongOptionsAreToldWithWhatIsRight(String options, String told) {
        CommandLineRun run = run(("torture " + options).split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(told);
    }
}
