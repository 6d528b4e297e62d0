package dev.satchel.testkit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.ConflictPolicy;
import dev.satchel.testkit.model.ProtocolModel.Result;
import dev.satchel.testkit.model.ProtocolModel.Scope;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("protocol-rules")
class ProtocolModelTest {
    private static final ConflictPolicy REJECT = ConflictPolicy.REJECT;
    private static final ConflictPolicy LAST_WINS = ConflictPolicy.LAST_WRITE_WINS;

    static List<Scope> scopes() {
        return List.of(
                Scope.of(REJECT, 2).withFlights(2),
                Scope.of(LAST_WINS, 2).withFlights(2),
                Scope.of(REJECT, 2).withDeferred(),
                Scope.of(LAST_WINS, 2).withDeferred(),
                Scope.of(REJECT, 2).withRetention(),
                Scope.of(REJECT, 1).withRetention().withDeferred().withFlights(2),
                Scope.of(LAST_WINS, 1).withImages().withDeletion(),
                Scope.of(LAST_WINS, 2).withDeletion());
    }

    private static Scope scopeThatNeeds(ModelRule rule) {
        return switch (rule) {
            case COMMIT_ONLY_INTO_A_FREE_SLOT,
                    OWN_COMMIT_IN_SLOT_IS_SUCCESS,
                    SAME_BYTES_WHILE_UNKNOWN,
                    NEXT_SLOT_ONLY_WHEN_KNOWN,
                    NOTHING_TAKEN_BACK_WHILE_UNKNOWN -> Scope.of(REJECT, 2);
            case LOSER_IS_KEPT_FIRST -> Scope.of(LAST_WINS, 2);
            case SPOOLED_BEFORE_PENDING, PENDING_FIRST_AT_START ->
                Scope.of(LAST_WINS, 2).withDeferred();
            case FULL_REFRESH_AFTER_WINDOW, IMAGE_READ_AFTER_THE_LOG, ONLY_BEHIND_THE_IMAGE ->
                Scope.of(REJECT, 2).withRetention();
            case LANDED_IN_A_FRESH_SLOT, GONE_IS_NOT_VOID, ONLY_BEHIND_AN_OLD_SNAPSHOT ->
                Scope.of(REJECT, 3).withRetention();
            case IMAGE_ONLY_OVER_THE_SEEN_ONE ->
                Scope.of(REJECT, 2).withImages().withFlights(2);
            case DELETION_WINS, ERASED_KEYS_STAY -> Scope.of(LAST_WINS, 2).withDeletion();
        };
    }

    @ParameterizedTest
    @MethodSource("scopes")
    void noStateBreaksThePromise(Scope scope) {
        Result result = ProtocolModel.explore(scope, Set.of());
        System.out.println(scope + ": " + result.states() + " states");

        assertThat(result.trace()).as("%s", scope).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(ModelRule.class)
    void withoutAnyOneRuleAStateDoes(ModelRule rule) {
        Result result = ProtocolModel.explore(scopeThatNeeds(rule), EnumSet.of(rule));

        System.out.println("without " + rule + ", found among " + result.states() + " states:");
        result.trace().forEach(line -> System.out.println("  " + line));
        assertThat(result.trace()).as("without %s", rule).isNotEmpty();
    }
}
