package dev.satchel.testkit.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LocalR2IT {

    /** Starts one in a JVM of its own, says so, and waits for its end. */
    public static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            LocalR2 r2 = LocalR2.start();
            System.out.println("started " + r2.endpoint());
            System.in.transferTo(System.out);
        }
    }

    @Test
    void answersUntilClosed() throws Exception {
        List<ProcessHandle> processes;
        try (LocalR2 r2 = LocalR2.start()) {
            processes = ProcessHandle.current().descendants().toList();
            try (Socket socket =
                    new Socket(r2.endpoint().getHost(), r2.endpoint().getPort())) {
                assertThat(socket.isConnected()).isTrue();
            }
            assertThat(r2.uri("a")).isEqualTo("r2://" + r2.bucket() + "/a?endpoint=" + r2.endpoint());
            assertThat(r2.environment()).containsValues(r2.accessKeyId(), r2.secretAccessKey());
        }

        assertThat(processes).isNotEmpty();
        for (ProcessHandle process : processes) {
            process.onExit().get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void endsWithTheJvmThatStartedItEvenIfThatIsKilled() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).startsWith("started");
            List<ProcessHandle> processes = jvm.descendants().toList();
            assertThat(processes).hasSizeGreaterThanOrEqualTo(2);

            jvm.destroyForcibly();

            for (ProcessHandle process : processes) {
                process.onExit().get(60, TimeUnit.SECONDS);
            }
        } finally {
            jvm.destroyForcibly();
        }
    }
}
