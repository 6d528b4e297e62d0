package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.SizeReport;
import dev.satchel.SizeThresholds;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveRule;
import dev.satchel.testkit.InMemoryObjectStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What happens when a database has grown, whether it is archived then or not. */
@ExtendWith(OutputCaptureExtension.class)
class ArchiveOnGrowthTest {
    private static final DatabaseId ANN = DatabaseId.of("ann");

    @TempDir
    private Path folder;

    private Satchel satchel;
    private SizeReport report;

    @BeforeEach
    void start() throws SQLException {
        satchel = Satchel.builder(new InMemoryObjectStore(), folder).build();
        report = satchel.write(ANN, session -> {
            try (Connection connection = session.connection();
                    Statement statement = connection.createStatement()) {
                statement.execute("create table t (id integer primary key autoincrement, data blob)");
                statement.execute("insert into t (data) values (x'01'), (x'02'), (x'03')");
                return SizeReport.of(ANN, SizeThresholds.DEFAULTS, connection);
            }
        });
    }

    @AfterEach
    void stop() {
        satchel.close();
    }

    private Archive grown(boolean run, String condition) {
        Archive archive = Archive.builder(satchel)
                .rule(ArchiveRule.builder("old", "t").where(condition).build())
                .build();
        new ArchiveOnGrowth(
                        new StaticListableBeanFactory(Map.of("archive", archive)).getBeanProvider(Archive.class), run)
                .onGrowth(report);
        return archive;
    }

    @Test
    void whatArchivingWouldMoveIsSaid(CapturedOutput output) throws SQLException {
        Archive archive = grown(false, "id < 3");

        assertThat(output).contains("archiving would move database=ann/database rows=2 batches=2 archived_bytes=");
        assertThat(archive.list(ANN)).isEmpty();
    }

    @Test
    void itIsArchivedIfThatIsWanted() throws SQLException {
        assertThat(grown(true, "id < 3").list(ANN)).hasSize(2);
    }

    @Test
    void ruleThatIsWrongIsSaidAndDisturbsNobody(CapturedOutput output) {
        grown(true, "no_column < 3");

        assertThat(output).contains("archiving failed, it is tried again when the database has doubled");
    }
}
