package dev.satchel.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SimulationTest {
    private static final int STEPS = 300;

    @TempDir
    Path folder;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 25);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whateverGoesWrongNoAcknowledgedChangeIsLostAndNoRefusedOneAppears(long seed) {
        SimulationReport report = Simulation.run(SimulationPlan.of(seed, STEPS), folder);

        assertThat(report.violations()).as(report.plan().command()).isEmpty();
        assertThat(report.figure("versions")).isPositive();
    }

    @Test
    void oneSeedIsOneRun() {
        assertThat(Simulation.run(SimulationPlan.of(4, STEPS), folder))
                .isEqualTo(Simulation.run(SimulationPlan.of(4, STEPS), folder));
    }
}
