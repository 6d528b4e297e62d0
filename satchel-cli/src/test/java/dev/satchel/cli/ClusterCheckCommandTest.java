package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.embedded.RedisServer;

class ClusterCheckCommandTest {
    @TempDir
    private Path directory;

    private CommandLineRun run(String... args) {
        return CommandLineRun.in(directory, args);
    }

    @Test
    void nobodyNoticesThatANodeIsKilledAndThatAnotherIsDrainedAndReplaced() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        RedisServer redis = RedisServer.newRedisServer()
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .build();
        redis.start();
        try {
            CommandLineRun run = run("cluster-check --minutes 0.05 --users 20 --clients 4 --redis redis://127.0.0.1:%d"
                    .formatted(port)
                    .split(" "));

            assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
            assertThat(run.table())
                    .contains(
                            List.of("killed", "1"),
                            List.of("drained", "1"),
                            List.of("starts", "5"),
                            List.of("lost changes", "0"),
                            List.of("wrong reads", "0"),
                            List.of("violations", "0"));
            assertThat(run.out())
                    .containsPattern("writes +[1-9]")
                    .containsPattern("reads with bookmark +[1-9]")
                    .containsPattern("events +[1-9]")
                    .containsPattern("node-2 left [1-9][0-9]* databases: [0-9]+ uploaded, 0 pending, 0 unfinished");
            assertThat(directory).isEmptyDirectory();
        } finally {
            redis.stop();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --minutes 0               | --minutes must be more than 0
                    --nodes 1                 | --nodes must be 2 to 32
                    --users 0                 | --users must be 1 to 10000
                    --clients 257             | --clients must be 1 to 256
                    --store x --local-r2      | give one of them
                    --store gopher://x        | no module on the class path opens stores
                    """)
    void wrongOptionsAreToldWithWhatIsRight(String options, String told) {
        CommandLineRun run = run(("cluster-check " + options).split(" "));

        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
        assertThat(run.err()).contains(told);
    }
}
