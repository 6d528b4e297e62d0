package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import dev.satchel.testkit.cloudflare.LocalR2;
import dev.satchel.testkit.cloudflare.LocalR2Extension;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** History, conflicts and deletion in Cloudflare's local R2. */
@ExtendWith(LocalR2Extension.class)
class CommandOnR2IT {
    @TempDir
    private Path directory;

    @Test
    void looksBackRestoresSettlesConflictsAndDeletes(LocalR2 r2) throws SQLException {
        String uri = r2.uri("cli");
        String id;
        try (ObjectStore store = ObjectStores.open(uri, r2.environment())) {
            id = Fixtures.conflict(store, directory, DatabaseId.of("alice"));
        }

        assertThat(run(r2, uri, "history", "alice").out()).contains("restorable: every version from 1 to 3");
        assertThat(run(r2, uri, "conflicts", "alice").table().get(1)).contains("reject", "1", "3", id);
        assertThat(run(r2, uri, "conflicts", "alice", "--show", id).table()).endsWith(List.of("t", "2", "3"));
        assertThat(run(r2, uri, "conflicts", "alice", "--export", id, "lost.sqlite")
                        .exitCode())
                .isZero();
        assertThat(Fixtures.query(directory.resolve("lost.sqlite"), "SELECT count(*) FROM t"))
                .isEqualTo("2");
        assertThat(run(r2, uri, "conflicts", "alice", "--drop", id, "--yes", "--json")
                        .out())
                .contains("\"dropped\":true");
        assertThat(run(r2, uri, "conflicts", "alice").out()).contains("no conflicts of alice");
        assertThat(run(r2, uri, "restore", "alice", "--version", "1", "--yes").out())
                .contains("as version 4");
        assertThat(run(r2, uri, "restore", "alice", "--version", "3", "--yes").out())
                .contains("as version 5");
        assertThat(run(r2, uri, "retain", "--all", "--yes").out()).contains("of 1 database");
        assertThat(run(r2, uri, "delete", "alice", "--yes").table()).contains(List.of("commits", "5"));
        assertThat(run(r2, uri, "pull", "alice", "gone.sqlite").exitCode()).isEqualTo(3);
    }

    private CommandLineRun run(LocalR2 r2, String uri, String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--store", uri));
        return CommandLineRun.in(directory, r2.environment(), all.toArray(String[]::new));
    }
}
