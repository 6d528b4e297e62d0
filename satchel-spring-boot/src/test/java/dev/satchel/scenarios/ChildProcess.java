package dev.satchel.scenarios;

import dev.satchel.spring.boot.ItemsClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A running {@link ItemsProcess}, as the test holds it. */
final class ChildProcess implements AutoCloseable {
    static final String MARK = "child: ";

    private final Process process;
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Thread reader;

    private ChildProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::read);
        reader.setDaemon(true);
        reader.start();
    }

    static ChildProcess start(Path bucket, Path localFolder, String... properties) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ItemsProcess.class.getName(),
                bucket.toString(),
                localFolder.toString()));
        command.addAll(List.of(properties));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return new ChildProcess(process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Requests to it, once it listens. */
    ItemsClient http() {
        return new ItemsClient(Integer.parseInt(awaitLine("listening ").substring("listening ".length())));
    }

    /** Has it do something. */
    void command(String line) {
        long before = said.stream().filter("ok"::equals).count();
        try {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Applications.await(line, () -> said.stream().filter("ok"::equals).count() > before);
    }

    /** What it has said so far. */
    List<String> said() {
        return said;
    }

    /** Waits for a line that begins so. */
    String awaitLine(String beginning) {
        Applications.await("the process says " + beginning, () -> {
            if (!process.isAlive() && !reader.isAlive() && find(beginning) == null) {
                throw new AssertionError("the process has ended with " + process.exitValue() + " and said " + said);
            }
            return find(beginning) != null;
        });
        return find(beginning);
    }

    private String find(String beginning) {
        return said.stream()
                .filter(line -> line.startsWith(beginning))
                .findFirst()
                .orElse(null);
    }

    /** SIGKILL. */
    void kill() {
        process.toHandle().destroyForcibly(); // Process would close the output too
        awaitEnd();
    }

    /** SIGTERM, and the end in order that it asks for. */
    void terminate() {
        process.toHandle().destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the process does not end");
            }
            reader.join(TimeUnit.SECONDS.toMillis(60));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(MARK)) {
                    said.add(line.substring(MARK.length()));
                }
            }
        } catch (IOException e) {
            // It was killed.
        }
    }

    @Override
    public void close() {
        process.toHandle().destroyForcibly(); // Process would close the output too
    }
}
