package dev.satchel.internal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.SatchelConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicaTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @TempDir
    Path folder;

    private Replica replica;

    @BeforeEach
    void aReplica() throws Exception {
        ReplicaFiles files = new ReplicaFiles(folder, ID);
        files.createFolder();
        replica = Replica.install(ID, files, SatchelConfig.defaults(), DatabaseFile.create(ID, files.loading()));
    }

    @AfterEach
    void close() {
        replica.close();
    }

    /** Between SQLite's commit and the end of the write lease a reader sees what {@code committed()} does not tell yet. */
    @Test
    void whatAReaderSeesIsVisibleBeforeTheWriterHasGivenNotice() throws Exception {
        ConnectionLease writer = replica.lease((after, upTo) -> {});
        ConnectionLease reader = replica.lease((after, upTo) -> {});
        writer.beginWrite();
        writer.physical().execute("CREATE TABLE note (text)");
        long before = replica.committed();

        assertThat(reader.physical().queryLong("SELECT count(*) FROM sqlite_schema"))
                .isEqualTo(1);
        assertThat(replica.visible()).isGreaterThan(before);

        writer.endWrite();
        assertThat(replica.committed()).isEqualTo(replica.visible());
        reader.release();
        writer.release();
    }
}
