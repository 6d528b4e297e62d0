package dev.satchel.spring.boot;

import dev.satchel.spring.boot.ItemsApplication.Beans;
import dev.satchel.spring.boot.ItemsApplication.ItemController;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

/** An {@link ItemsApplication} in a process of its own, which dies with the one that started it. */
final class ItemsProcess implements AutoCloseable {
    private static final String READY = "ready ";

    private final Process process;
    private final ItemsClient client;

    private ItemsProcess(Process process, ItemsClient client) {
        this.process = process;
        this.client = client;
    }

    /** The program of the process; its arguments are properties. Ends with its standard input. */
    public static void main(String[] properties) throws IOException {
        var context = new SpringApplicationBuilder(Beans.class, ItemController.class)
                .properties(properties)
                .run();
        System.out.println(
                READY + ((WebServerApplicationContext) context).getWebServer().getPort());
        while (System.in.read() >= 0) {
            // Nothing is ever said here.
        }
        Runtime.getRuntime().halt(1);
    }

    /** Starts one, and waits until it listens. */
    static ItemsProcess start(Path bucket, Path localFolder, String... properties) throws IOException {
        Path temporary = Files.createDirectories(localFolder.resolveSibling(localFolder.getFileName() + "-tmp"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                ItemsProcess.class.getName(),
                "server.port=0",
                "satchel.store=" + bucket,
                "satchel.local-directory=" + localFolder,
                "satchel.conflict-policy=reject"));
        command.addAll(List.of(properties));
        Process process = new ProcessBuilder(command)
                .redirectError(temporary.resolve("errors").toFile())
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(READY)) {
                Thread reader = new Thread(() -> out.lines().forEach(ignored -> {}));
                reader.setDaemon(true);
                reader.start();
                return new ItemsProcess(process, new ItemsClient(Integer.parseInt(line.substring(READY.length()))));
            }
        }
        process.destroyForcibly();
        throw new AssertionError("the application does not start: " + Files.readString(temporary.resolve("errors")));
    }

    ItemsClient client() {
        return client;
    }

    /** SIGKILL, and waits for the end. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM, and waits for the end in order; its exit code. */
    int terminate() throws InterruptedException {
        process.toHandle().destroy(); // Process would close its input too, with which it ends at once.
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
