package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulateCommandTest {
    @TempDir
    private Path directory;

    private CommandLineRun run(String... args) {
        return CommandLineRun.in(directory, args);
    }

    @Test
    void tellsCommitsAndFaultsByKindAndThatNothingWasViolated() {
        CommandLineRun run = run("simulate", "--seeds", "3", "--steps", "120");

        assertThat(run.exitCode()).isZero();
        assertThat(run.table())
                .contains(List.of("seeds", "3"), List.of("violations", "0"))
                .anySatisfy(row -> assertThat(row.get(0)).isEqualTo("fault: answer lost"));
        assertThat(run.out()).contains("commits a second");
    }

    @Test
    void tellsTheSameForPrograms() {
        CommandLineRun run = run("simulate", "--seed", "3", "--steps", "120", "--json");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("\"seeds\":1,", "\"violations\":[]").containsPattern("\"commits\":[1-9]");
    }

    @Test
    void oneSeedIsOneRun() {
        String[] line = {"simulate", "--seed", "5", "--steps", "80"};

        assertThat(figures(run(line))).isNotEmpty().isEqualTo(figures(run(line)));
    }

    private static List<List<String>> figures(CommandLineRun run) {
        return run.table().stream().filter(row -> row.size() == 2).toList();
    }

    @Test
    void brokenRuleIsCaughtAndToldWithTheCommandThatShowsItAgain() {
        CommandLineRun run = run("simulate", "--plant", "commit-only-into-a-free-slot", "--json");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("\"caught\":true")
                .containsPattern(
                        "\"replay\":\"./satchel simulate --seed \\d+ .*--plant COMMIT_ONLY_INTO_A_FREE_SLOT\"");
    }

    @Test
    void brokenRuleThatIsMissedIsAFailure() {
        CommandLineRun run = run("simulate", "--plant", "LOSER_IS_KEPT", "--seed", "1", "--steps", "1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("1 of 1 were missed");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --seeds 0            | --seeds must be greater than 0
                    --minutes -1         | --minutes must be greater than 0
                    --plant NO_SUCH_RULE | knows no rule "NO_SUCH_RULE"
                    --only 1-3           | --only needs the --seed
                    --seed x             | --seed
                    """)
    void wrongOptionsAreToldWithWhatIsRight(String options, String told) {
        CommandLineRun run = run(("simulate " + options).split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(told);
    }
}
