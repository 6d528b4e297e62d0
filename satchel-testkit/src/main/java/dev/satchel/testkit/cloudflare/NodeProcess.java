package dev.satchel.testkit.cloudflare;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Node script that says on its standard output when it is ready, and ends when its standard input is closed: also when this
 * JVM dies in whatever way.
 */
final class NodeProcess {
    private static final String NODE = "node";
    private static final long START_SECONDS = 60;
    private static final long STOP_SECONDS = 10;

    private final Process process;
    private final String ready;

    private NodeProcess(Process process, String ready) {
        this.process = process;
        this.ready = ready;
    }

    /**
     * Starts one and waits until it is ready.
     *
     * @param name in messages
     * @param ready finds the line that says so; its group 1 is {@link #ready()}
     * @throws IllegalStateException if Node is missing or it does not start; the message has what it printed
     */
    static NodeProcess start(
            String name, Path script, List<String> arguments, Map<String, String> environment, Pattern ready) {
        try {
            File errors = File.createTempFile("satchel-node-", ".log");
            errors.deleteOnExit();
            List<String> command = new ArrayList<>(List.of(NODE, script.toString(), "--stop-with-stdin"));
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors);
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                return new NodeProcess(process, awaitReady(name, process, errors.toPath(), ready));
            } catch (RuntimeException e) {
                stop(process);
                throw e;
            }
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be started; it needs " + NODE + " on the PATH", e);
        }
    }

    private static String awaitReady(String name, Process process, Path errors, Pattern pattern) {
        CompletableFuture<String> ready = CompletableFuture.supplyAsync(() -> readReady(process, pattern));
        try {
            return ready.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(name + " did not start: " + tail(errors), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " started", e);
        }
    }

    @SuppressWarnings("resource") // closed with the process
    private static String readReady(Process process, Pattern pattern) {
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        try {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                Matcher matcher = pattern.matcher(line);
                if (matcher.find()) {
                    return matcher.group(1);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException("it ended by itself");
    }

    private static String tail(Path errors) {
        try {
            String text = Files.readString(errors);
            return text.substring(Math.max(0, text.length() - 2000));
        } catch (IOException e) {
            return "(and what it printed cannot be read)";
        }
    }

    /** What the line that said so had. */
    String ready() {
        return ready;
    }

    /** Stops it and waits until it is gone. */
    void stop() {
        stop(process);
    }

    /** Ends its children as {@code kill -9} does, and waits until it is gone too. */
    void killChildren() {
        List<ProcessHandle> children = process.descendants().toList();
        children.forEach(ProcessHandle::destroyForcibly);
        children.forEach(child -> child.onExit().join());
        stop(process);
    }

    /** By closing its input first: killed, the Node process would leave its own child behind, holding the port. */
    private static void stop(Process process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already.
        }
        try {
            if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.addAll(process.descendants().toList());
        all.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
