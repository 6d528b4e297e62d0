package dev.satchel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {
    private static final List<UserId> USERS = IntStream.range(0, 20_000)
            .mapToObj(number -> UserId.of("user-" + number))
            .toList();

    private static Placement over(String... nodes) {
        return Placement.over(Stream.of(nodes).map(NodeId::of).toList());
    }

    private static Map<NodeId, Integer> shares(Placement placement) {
        Map<NodeId, Integer> shares = new HashMap<>();
        USERS.forEach(user -> shares.merge(placement.preferred(user).orElseThrow(), 1, Integer::sum));
        return shares;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 16})
    void everyNodeHasAboutItsShareOfTheUsers(int nodes) {
        Placement placement = Placement.over(IntStream.range(0, nodes)
                .mapToObj(number -> NodeId.of("node-" + number))
                .toList());
        int fair = USERS.size() / nodes;

        assertThat(shares(placement)).hasSize(nodes);
        assertThat(shares(placement).values())
                .allSatisfy(share -> assertThat(share).isBetween(fair * 9 / 10, fair * 11 / 10));
    }

    @Test
    void whenANodeGoesOnlyItsUsersMoveAndToAllOthersAlike() {
        Placement before = over("a", "b", "c", "d");
        Placement after = over("a", "b", "d");
        Map<NodeId, Integer> taken = new HashMap<>();

        for (UserId user : USERS) {
            NodeId was = before.preferred(user).orElseThrow();
            NodeId is = after.preferred(user).orElseThrow();
            if (was.equals(NodeId.of("c"))) {
                assertThat(is).isEqualTo(before.ranking(user).get(1));
                taken.merge(is, 1, Integer::sum);
            } else {
                assertThat(is).isEqualTo(was);
            }
        }
        int fair = USERS.size() / 4 / 3;
        assertThat(taken).hasSize(3);
        assertThat(taken.values()).allSatisfy(share -> assertThat(share).isBetween(fair * 8 / 10, fair * 12 / 10));
    }

    @Test
    void whenANodeComesUsersMoveToItAndNowhereElse() {
        Placement before = over("a", "b", "c");
        Placement after = over("a", "b", "c", "d");

        assertThat(USERS)
                .allSatisfy(user -> assertThat(after.preferred(user).orElseThrow())
                        .isIn(before.preferred(user).orElseThrow(), NodeId.of("d")));
    }

    @Test
    void theOrderInWhichNodesAreGivenDoesNotMatter() {
        assertThat(USERS)
                .allSatisfy(user -> assertThat(over("c", "a", "b", "a").ranking(user))
                        .isEqualTo(over("a", "b", "c").ranking(user)));
    }

    @Test
    void theRankingBeginsWithThePreferredAndHasEachNodeOnce() {
        Placement placement = over("a", "b", "c");

        assertThat(USERS.subList(0, 100)).allSatisfy(user -> {
            assertThat(placement.ranking(user))
                    .startsWith(placement.preferred(user).orElseThrow());
            assertThat(placement.ranking(user)).containsExactlyInAnyOrderElementsOf(placement.nodes());
        });
    }

    /** Nodes of neighbouring versions must agree: a change of the function moves everybody. */
    @Test
    void placesAreTheSameInEveryVersion() {
        assertThat(Stream.of("alice", "bob", "Zoë", "user-1", "user-2", "user-3")
                        .map(user -> over("a", "b", "c")
                                .preferred(UserId.of(user))
                                .orElseThrow()
                                .value()))
                .containsExactly("c", "a", "a", "a", "c", "a");
    }

    @Test
    void withoutNodesThereIsNoPlace() {
        assertThat(Placement.over(List.of()).preferred(UserId.of("alice"))).isEmpty();
        assertThat(Placement.over(List.of()).ranking(UserId.of("alice"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a b", "a;b", "a\r\nb", "knöten", "a,b"})
    void whatCouldBreakAHeaderIsNoNodeName(String name) {
        assertThatThrownBy(() -> NodeId.of(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("letters, digits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "node-1", "10.0.0.7:8080", "app_3.internal"})
    void namesAndAddressesAreNodeNames(String name) {
        assertThat(NodeId.of(name)).hasToString(name);
    }
}
