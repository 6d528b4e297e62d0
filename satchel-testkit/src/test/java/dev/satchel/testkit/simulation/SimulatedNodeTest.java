package dev.satchel.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SyncStatus;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedNodeTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @TempDir
    Path folder;

    private SimulatedNode node(long seed, Path files) throws Exception {
        SimulatedNode.Clock clock = new SimulatedNode.Clock();
        FaultyObjectStore store = new FaultyObjectStore(new InMemoryObjectStore(clock::instant, false));
        store.on(".*ltx/.*", Operation.PUT).always().inject(FaultyObjectStore.Fault.THROTTLED);
        return new SimulatedNode(
                new SimulatedNode.World(
                        store,
                        new Random(seed),
                        new ArrayList<>(),
                        fault -> {},
                        clock,
                        SatchelConfig.defaults(),
                        null,
                        256,
                        1 << 20,
                        null),
                0,
                0,
                files,
                0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatIsPendingInFoldersMadeAtTheStartSurvivesAPowerFailure(long seed) throws Exception {
        SimulatedNode node = node(seed, folder.resolve("data").resolve("node"));
        try (Session session = node.engine().open(ID, Freshness.latest(), Durability.DEFERRED)) {
            try (Connection connection = session.dataSource().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE note (text TEXT)");
            }
            assertThat(session.complete().status()).isEqualTo(SyncStatus.PENDING);
        }

        node.disk().copyTo(folder.resolve("after"), true);

        assertThat(folder.resolve("after").resolve("alice").resolve("database.spool"))
                .isNotEmptyDirectory();
        node.abandon();
    }
}
