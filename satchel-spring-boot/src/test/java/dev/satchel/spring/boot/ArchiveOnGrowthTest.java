package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.support.StaticListableBeanFactory;

/** What happens when a database has grown, whether it is archived then or not. */
class ArchiveOnGrowthTest {
    private static final DatabaseId ANN = DatabaseId.of("ann");

    /** Whatever levels other tests of this process have set. */
    private final Logger logger = (Logger) LoggerFactory.getLogger(ArchiveOnGrowth.class);

    private final ListAppender<ILoggingEvent> output = new ListAppender<>();

    @TempDir
    private Path folder;

    private Satchel satchel;
    private SizeReport report;

    @BeforeEach
    void start() throws SQLException {
        logger.setLevel(Level.INFO);
        output.start();
        logger.addAppender(output);
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
        logger.detachAppender(output);
        logger.setLevel(null);
    }

    private List<String> messages() {
        return output.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
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
    void whatArchivingWouldMoveIsSaid() throws SQLException {
        Archive archive = grown(false, "id < 3");

        assertThat(messages())
                .singleElement()
                .asString()
                .startsWith("archiving would move database=ann/database rows=2 batches=2 archived_bytes=");
        assertThat(archive.list(ANN)).isEmpty();
    }

    @Test
    void itIsArchivedIfThatIsWanted() throws SQLException {
        assertThat(grown(true, "id < 3").list(ANN)).hasSize(2);
    }

    @Test
    void ruleThatIsWrongIsSaidAndDisturbsNobody() {
        grown(true, "no_column < 3");

        assertThat(messages())
                .singleElement()
                .asString()
                .startsWith("archiving failed, it is tried again when the database has doubled");
    }
}
