package dev.satchel.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.internal.sync.ProtocolRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SimulationTest {
    private static final int STEPS = 300;
    /** Far more than any of them takes. */
    private static final int SEEDS_FOR_A_PLANT = 30;

    @TempDir
    Path folder;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whateverGoesWrongThePromiseIsKept(long seed) {
        SimulationReport report = Simulation.run(SimulationPlan.of(seed, STEPS), folder);

        assertThat(report.violations()).as(report.plan().command()).isEmpty();
        assertThat(report.figure(SimulationReport.VERSIONS)).isPositive();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "COMMIT_ONLY_INTO_A_FREE_SLOT",
                "OWN_COMMIT_IN_SLOT_IS_SUCCESS",
                "SAME_BYTES_WHILE_UNKNOWN",
                "NEXT_SLOT_ONLY_WHEN_KNOWN",
                "NOTHING_TAKEN_BACK_WHILE_UNKNOWN",
                "TAKEN_BACK_IS_GONE",
                "GATE_WAITS_FOR_OWN_COMMITS",
                "GATE_WAITS_FOR_WHAT_WAS_READ"
            })
    void aBreachOfARuleIsNoticed(ProtocolRule rule) {
        Optional<SimulationReport> caught = LongStream.rangeClosed(1, SEEDS_FOR_A_PLANT)
                .mapToObj(seed -> Simulation.run(SimulationPlan.of(seed, STEPS).breaking(rule), folder))
                .filter(report -> !report.violations().isEmpty())
                .findFirst();

        assertThat(caught).isPresent();
    }

    @Test
    void oneSeedIsOneRun() {
        SimulationPlan plan = SimulationPlan.of(4, STEPS);

        assertThat(Simulation.run(plan, folder)).isEqualTo(Simulation.run(plan, folder));
    }

    @Test
    void aViolationIsShrunkToFewStepsThatViolateAsWell() {
        SimulationReport failed = LongStream.iterate(1, seed -> seed + 1)
                .mapToObj(seed -> Simulation.run(
                        SimulationPlan.of(seed, STEPS).breaking(ProtocolRule.COMMIT_ONLY_INTO_A_FREE_SLOT), folder))
                .filter(report -> !report.violations().isEmpty())
                .findFirst()
                .orElseThrow();

        SimulationReport shrunk = Shrinker.shrink(failed, folder, Duration.ofMinutes(1));

        assertThat(shrunk.violations()).isNotEmpty();
        assertThat(shrunk.plan().only()).hasSizeLessThan(30);
        assertThat(Simulation.run(shrunk.plan(), folder)).isEqualTo(shrunk);
    }

    @Test
    void leavesNothingBehind() throws Exception {
        Simulation.run(SimulationPlan.of(1, 50), folder);

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void namesItsCommand() {
        SimulationPlan plan =
                SimulationPlan.of(7, STEPS).only(List.of(3, 4, 5, 9)).breaking(ProtocolRule.LOSER_IS_KEPT);

        assertThat(plan.command())
                .isEqualTo("./satchel simulate --seed 7 --steps 300 --only 3-5,9 --plant LOSER_IS_KEPT");
    }
}
