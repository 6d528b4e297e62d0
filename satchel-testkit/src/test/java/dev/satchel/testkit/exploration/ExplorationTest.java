package dev.satchel.testkit.exploration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.ConflictPolicy;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.internal.sync.ProtocolRule;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.exploration.Exploration.Findings;
import dev.satchel.testkit.exploration.Scenario.Step;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("protocol-rules")
class ExplorationTest {
    private static final Step SESSION = node -> node.session(Freshness.latest(), Durability.DURABLE);
    private static final Step DEFERRED = node -> node.session(Freshness.latest(), Durability.DEFERRED);
    private static final Step WRITE = ExploredNode::write;
    private static final Step READ = ExploredNode::read;
    private static final Step IMAGE = ExploredNode::lookAround;
    private static final Step KILL = ExploredNode::restartFromDisk;
    private static final Step NEIGHBOURS = node -> node.neighbours(Durability.DURABLE, Durability.DURABLE);
    private static final Step READ_TWICE = ExploredNode::readTwice;
    private static final Step DELETE = ExploredNode::delete;
    private static final Step WRITE_NOTHING = ExploredNode::writeNothing;

    @TempDir(factory = MemoryFolder.class)
    Path folder;

    /** Rules whose breach shows only with damage or power failures: SimulationTest. Or when commits are gone: ProtocolModelTest. */
    private static final Set<ProtocolRule> FOR_OTHER_TESTS = EnumSet.of(
            ProtocolRule.CONTENT_IS_CHECKED,
            ProtocolRule.LOCAL_COPY_FITS_ITS_SIDECAR,
            ProtocolRule.FULL_REFRESH_AFTER_WINDOW,
            ProtocolRule.LANDED_IN_A_FRESH_SLOT);

    static List<Scenario> scenarios() {
        List<Scenario> all = new ArrayList<>();
        for (ConflictPolicy policy : ConflictPolicy.values()) {
            all.add(Scenario.of("sessions", policy, List.of(SESSION, READ), List.of(SESSION, READ)));
            all.add(Scenario.of("functions", policy, List.of(WRITE, READ), List.of(WRITE)));
            all.add(Scenario.of("session and function", policy, List.of(SESSION, READ), List.of(WRITE, READ)));
            all.add(Scenario.of("images", policy, List.of(SESSION, IMAGE), List.of(SESSION, IMAGE)));
            all.add(Scenario.of("pending", policy, List.of(DEFERRED, SESSION), List.of(SESSION)));
            all.add(Scenario.of("neighbours", policy, List.of(NEIGHBOURS, KILL), List.of(SESSION)));
            all.add(Scenario.of("reads", policy, List.of(READ, READ_TWICE, WRITE_NOTHING), List.of(SESSION)));
            all.add(Scenario.of("a fault under sessions", policy, List.of(SESSION, READ), List.of(SESSION))
                    .withFaults(1, Outcome.values()));
            all.add(Scenario.of("a fault under what is pending", policy, List.of(DEFERRED, KILL), List.of(SESSION))
                    .withFaults(1, Outcome.values()));
        }
        all.add(Scenario.of(
                        "a fault under a deletion",
                        ConflictPolicy.LAST_WRITE_WINS,
                        List.of(WRITE, DELETE),
                        List.of(SESSION))
                .withFaults(1, Outcome.NOT_SENT)
                .onlyUnder(Operation.DELETE));
        all.add(Scenario.of("a fault without patience", ConflictPolicy.REJECT, List.of(SESSION, WRITE), List.of(READ))
                .withFaults(1, Outcome.values())
                .impatient());
        all.add(Scenario.of("deletion", ConflictPolicy.LAST_WRITE_WINS, List.of(WRITE, DELETE), List.of(SESSION)));
        all.add(Scenario.of(
                "deletion and what is pending", ConflictPolicy.REJECT, List.of(WRITE, DELETE), List.of(DEFERRED)));
        all.add(Scenario.of("a fault under functions", ConflictPolicy.REJECT, List.of(WRITE), List.of(WRITE))
                .withFaults(1, Outcome.values()));
        all.add(Scenario.of("two faults", ConflictPolicy.LAST_WRITE_WINS, List.of(WRITE), List.of(SESSION))
                .withFaults(2, Outcome.LATE, Outcome.ANSWER_LOST, Outcome.DIES_AFTER));
        all.add(Scenario.of(
                        "two faults under what is pending", ConflictPolicy.REJECT, List.of(DEFERRED), List.of(WRITE))
                .withFaults(2, Outcome.LATE, Outcome.LOST, Outcome.DIES_AFTER));
        return all;
    }

    @Test
    void noScheduleBreaksThePromise() {
        long schedules = 0;
        for (Scenario scenario : scenarios()) {
            Findings findings = Exploration.explore(scenario, folder);
            System.out.printf("%s: %d schedules, %d cut short%n", scenario, findings.schedules(), findings.cutShort());
            assertThat(findings.violations())
                    .as(() -> scenario + "\n" + findings.schedule())
                    .isEmpty();
            schedules += findings.schedules();
        }
        System.out.println(schedules + " schedules");

        assertThat(schedules).isGreaterThan(3000);
    }

    static List<Scenario> breaches() {
        ConflictPolicy reject = ConflictPolicy.REJECT;
        ConflictPolicy lastWins = ConflictPolicy.LAST_WRITE_WINS;
        return List.of(
                Scenario.of("sessions", reject, List.of(SESSION), List.of(SESSION))
                        .breaking(ProtocolRule.COMMIT_ONLY_INTO_A_FREE_SLOT),
                Scenario.of("an answer lost", reject, List.of(SESSION), List.of(READ))
                        .withFaults(1, Outcome.ANSWER_LOST)
                        .breaking(ProtocolRule.OWN_COMMIT_IN_SLOT_IS_SUCCESS),
                Scenario.of("an answer lost", reject, List.of(SESSION), List.of(READ))
                        .withFaults(1, Outcome.ANSWER_LOST, Outcome.LATE)
                        .breaking(ProtocolRule.SAME_BYTES_WHILE_UNKNOWN),
                Scenario.of("a request lost", reject, List.of(SESSION, SESSION), List.of(READ))
                        .withFaults(1, Outcome.LOST)
                        .impatient()
                        .breaking(ProtocolRule.NEXT_SLOT_ONLY_WHEN_KNOWN),
                Scenario.of("an answer lost", reject, List.of(SESSION), List.of(READ))
                        .withFaults(1, Outcome.ANSWER_LOST)
                        .impatient()
                        .breaking(ProtocolRule.NOTHING_TAKEN_BACK_WHILE_UNKNOWN),
                Scenario.of("a request refused", reject, List.of(SESSION, SESSION), List.of(READ))
                        .withFaults(1, Outcome.REFUSED)
                        .breaking(ProtocolRule.TAKEN_BACK_IS_GONE),
                Scenario.of("a kill after the answer", reject, List.of(SESSION, KILL), List.of(READ))
                        .breaking(ProtocolRule.GATE_WAITS_FOR_OWN_COMMITS),
                Scenario.of("a reader beside a writer", reject, List.of(NEIGHBOURS), List.of(READ))
                        .withFaults(1, Outcome.REFUSED)
                        .breaking(ProtocolRule.GATE_WAITS_FOR_WHAT_WAS_READ),
                Scenario.of("a kill while pending", reject, List.of(DEFERRED, KILL), List.of(READ))
                        .withFaults(1, Outcome.LOST)
                        .breaking(ProtocolRule.SPOOLED_BEFORE_PENDING),
                Scenario.of("a death while what is pending is sent", reject, List.of(DEFERRED, READ), List.of(READ))
                        .withFaults(1, Outcome.DIES_AFTER)
                        .breaking(ProtocolRule.SENT_WITH_PENDING_IS_SPOOLED),
                Scenario.of("two pending", reject, List.of(DEFERRED, DEFERRED, IMAGE, KILL), List.of(READ))
                        .withFaults(1, Outcome.LOST)
                        .breaking(ProtocolRule.SPOOL_KEEPS_WHAT_HAS_NOT_LANDED),
                Scenario.of("a start with pending", reject, List.of(DEFERRED, KILL, SESSION), List.of(READ))
                        .withFaults(1, Outcome.LOST)
                        .breaking(ProtocolRule.PENDING_FIRST_AT_START),
                Scenario.of("sessions", lastWins, List.of(SESSION), List.of(SESSION))
                        .breaking(ProtocolRule.LOSER_IS_KEPT),
                Scenario.of("a question lost", reject, List.of(SESSION), List.of(READ, READ))
                        .withFaults(1, Outcome.LOST)
                        .breaking(ProtocolRule.COULD_NOT_ASK_IS_NOT_ABSENT),
                Scenario.of("a reader while a version comes in", reject, List.of(READ, READ_TWICE), List.of(SESSION))
                        .breaking(ProtocolRule.APPLYING_WAITS_FOR_HOLDERS),
                Scenario.of("a function that writes nothing", reject, List.of(READ, WRITE_NOTHING), List.of(SESSION))
                        .breaking(ProtocolRule.HOPEFUL_READ_IS_VERIFIED),
                Scenario.of(
                                "clocks that differ",
                                reject,
                                List.of(SESSION),
                                List.of(node -> node.pass(Duration.ofSeconds(5)), SESSION))
                        .breaking(ProtocolRule.TIMESTAMPS_ASCEND),
                Scenario.of("images", reject, List.of(SESSION, IMAGE), List.of(SESSION, IMAGE))
                        .breaking(ProtocolRule.IMAGE_ONLY_OVER_THE_SEEN_ONE));
    }

    @ParameterizedTest
    @MethodSource("breaches")
    void aBreachOfARuleIsFound(Scenario scenario) {
        Findings findings = Exploration.explore(scenario, folder);
        System.out.println(scenario + ": " + findings.schedules() + " schedules\n" + findings.schedule());

        assertThat(findings.violations())
                .as("%s, %d schedules", scenario, findings.schedules())
                .isNotEmpty();
    }

    @Test
    void schedulesThatAreLeftOffEndAsOthersDo() {
        Scenario scenario =
                Scenario.of("pairs", ConflictPolicy.LAST_WRITE_WINS, List.of(WRITE), List.of(SESSION, IMAGE));
        Set<String> all = new TreeSet<>();
        Set<String> reduced = new TreeSet<>();

        Findings whole = Exploration.explore(scenario, folder, new Schedules(false), all::add);
        Findings part = Exploration.explore(scenario, folder, new Schedules(true), reduced::add);

        assertThat(reduced).isEqualTo(all);
        assertThat(part.schedules()).isLessThan(whole.schedules() / 2);
    }

    @Test
    void everyRuleIsBrokenHereOrInAnotherTest() {
        Set<ProtocolRule> broken = EnumSet.copyOf(FOR_OTHER_TESTS);
        breaches().forEach(scenario -> broken.addAll(scenario.broken()));

        assertThat(broken).isEqualTo(EnumSet.allOf(ProtocolRule.class));
    }
}
