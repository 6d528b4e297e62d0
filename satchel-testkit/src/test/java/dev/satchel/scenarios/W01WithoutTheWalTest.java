package dev.satchel.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.internal.sync.Nodes;
import dev.satchel.internal.sync.Sql;
import dev.satchel.internal.sync.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("W01 The main file is uploaded without the WAL: old bytes under a new version")
class W01WithoutTheWalTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    @Test
    void uploadBesideAnOpenReadTransactionContainsWhatWasCommitted() throws SQLException, IOException {
        TestNode node = nodes.start("a");
        node.run(ID, Sql.CREATE, Sql.note("base"));
        try (Session reading = node.openLocal(ID);
                Connection reader = reading.connection()) {
            reader.setReadOnly(true);
            reader.setAutoCommit(false);
            assertThat(Sql.query(reader, "SELECT text FROM note"))
                    .containsExactly("base"); // keeps the WAL from being merged

            SessionResult result = node.runLocal(ID, Sql.note("committed"));

            assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
            assertThat(result.version()).isEqualTo(Version.of(2));
            assertThat(nodes.storedNotes(ID)).containsExactly("base", "committed");
            int images = node.figures().images.get();
            nodes.skip(Duration.ofSeconds(10));
            node.awaitBackground(
                    "an image is written", () -> node.figures().images.get() > images);
            assertThat(Sql.query(reader, "SELECT text FROM note")).containsExactly("base");
            reader.rollback();
        }

        Path alone = nodes.folder("alone.sqlite");
        Files.write(alone, nodes.bytes("alice/database.sqlite"));
        assertThat(Nodes.queryFile(alone, "SELECT text FROM note ORDER BY id")).containsExactly("base", "committed");
        assertThat(Nodes.queryFile(alone, "PRAGMA integrity_check")).containsExactly("ok");
        assertThat(nodes.store().head("alice/database.sqlite").orElseThrow().metadata())
                .containsEntry("db-version", "2");
    }
}
