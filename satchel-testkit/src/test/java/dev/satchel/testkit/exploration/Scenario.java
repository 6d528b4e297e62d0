package dev.satchel.testkit.exploration;

import dev.satchel.ConflictPolicy;
import dev.satchel.internal.sync.ProtocolRule;
import dev.satchel.testkit.Operation;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What is explored.
 *
 * @param name for messages
 * @param policy of all nodes
 * @param patient whether a session tries again after a request that failed; else its time is up with the first
 * @param scripts what each node does
 * @param faults the outcomes, other than the ordinary one, that requests may have
 * @param faulty the operations that may have them
 * @param maxFaults how many of them one schedule may have
 * @param broken rules that the nodes break
 */
record Scenario(
        String name,
        ConflictPolicy policy,
        boolean patient,
        List<List<Step>> scripts,
        Set<Outcome> faults,
        Set<Operation> faulty,
        int maxFaults,
        Set<ProtocolRule> broken) {

    /** A part of a script. */
    interface Step {
        void run(ExploredNode node) throws SQLException;
    }

    static Scenario of(String name, ConflictPolicy policy, List<Step> first, List<Step> second) {
        return new Scenario(
                name, policy, true, List.of(first, second), Set.of(), EnumSet.allOf(Operation.class), 0, Set.of());
    }

    Scenario withFaults(int atMost, Outcome... kinds) {
        return new Scenario(name, policy, patient, scripts, Set.of(kinds), faulty, atMost, broken);
    }

    Scenario onlyUnder(Operation operation) {
        return new Scenario(name, policy, patient, scripts, faults, Set.of(operation), maxFaults, broken);
    }

    Scenario impatient() {
        return new Scenario(name, policy, false, scripts, faults, faulty, maxFaults, broken);
    }

    Scenario breaking(ProtocolRule rule) {
        return new Scenario(name, policy, patient, scripts, faults, faulty, maxFaults, Set.of(rule));
    }

    @Override
    public String toString() {
        return name + " under " + policy + (broken.isEmpty() ? "" : " without " + broken);
    }
}
