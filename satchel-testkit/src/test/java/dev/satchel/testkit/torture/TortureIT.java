package dev.satchel.testkit.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.internal.sync.ProtocolRule;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ./satchel torture}. */
class TortureIT {
    private static final Duration SHORT = Duration.ofSeconds(20);
    private static final Duration ENOUGH = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    private final long seed = Long.getLong("satchel.seed", new SecureRandom().nextInt(1_000_000));

    @Test
    void howeverProcessesAreKilledNothingAcknowledgedIsLostAndNothingRefusedAppears() throws Exception {
        TortureReport report = Torture.run(TortureSettings.in(folder, SHORT, seed), progress -> {});

        assertThat(report.violations()).as("-Dsatchel.seed=%d", seed).isEmpty();
        assertThat(report.figure(Figure.DURABLE)).as("%s", report.figures()).isPositive();
        assertThat(report.kills()).as("%s", report.figures()).isPositive();
    }

    @Test
    void aRuleThatAllNodesBreakIsNoticed() throws Exception {
        Plant plant = Plant.sow(
                ProtocolRule.SPOOLED_BEFORE_PENDING,
                TortureSettings.in(folder, SHORT, seed).with(Plant.NODES, Plant.USERS),
                ENOUGH,
                progress -> {});

        assertThat(plant.isCaught()).as("-Dsatchel.seed=%d", seed).isTrue();
    }
}
