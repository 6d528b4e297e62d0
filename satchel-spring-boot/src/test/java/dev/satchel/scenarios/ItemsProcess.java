package dev.satchel.scenarios;

import dev.satchel.SatchelException;
import dev.satchel.UserId;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.boot.RunningItems;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * An items application in a process of its own, which may be killed. Arguments: the bucket's folder, the local folder, properties.
 * Does what its input says and says on its output what came of it.
 */
final class ItemsProcess {
    private final RunningItems application;

    private ItemsProcess(RunningItems application) {
        this.application = application;
    }

    public static void main(String[] args) throws IOException {
        RunningItems application = RunningItems.start(
                new DirectoryObjectStore(Path.of(args[0])), Path.of(args[1]), Arrays.copyOfRange(args, 2, args.length));
        ItemsProcess process = new ItemsProcess(application);
        say("listening " + application.port());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            process.obey(line.split(" "));
        }
        Runtime.getRuntime().halt(1); // The test has gone.
    }

    private void obey(String[] command) {
        switch (command[0]) {
            case "unreachable" ->
                application.faults().on(".*", Operation.PUT).always().inject(Fault.NOT_SENT);
            case "reachable" -> application.faults().clear();
            case "pause" -> pause(command[1]);
            case "job" -> new Thread(() -> job(UserId.of(command[1]), command[2])).start();
            default -> throw new IllegalArgumentException(command[0]);
        }
        say("ok");
    }

    /** Holds the next upload of a commit, before or after its effect. */
    private void pause(String where) {
        var upload = application.faults().on(Applications.COMMITS, Operation.PUT);
        Pause pause = where.equals("before") ? upload.pauseBefore() : upload.pauseAfter();
        new Thread(() -> {
                    pause.awaitReached();
                    say("at upload");
                })
                .start();
    }

    /** Renders something, writes it, and notifies when it is saved; stops for good at a step, to be killed there. */
    private void job(UserId user, String stopAt) {
        SatchelScopes scopes = application.bean(SatchelScopes.class);
        JdbcClient jdbc = application.bean(JdbcClient.class);
        step("begun", stopAt);
        String rendered = render();
        step("rendered", stopAt);
        while (true) {
            try {
                scopes.runAs(user, () -> {
                    jdbc.sql("insert into item (name) values (?)")
                            .param(rendered)
                            .update();
                    scopes.whenSaved(result -> {
                        step("saved", stopAt);
                        say("complete " + rendered);
                    });
                    step("written", stopAt);
                });
                step("notified", stopAt);
                return;
            } catch (SatchelException e) {
                say("not saved, retry " + e.isRetryable());
            }
        }
    }

    private static String render() {
        say("rendering");
        return "clip";
    }

    private static void step(String step, String stopAt) {
        if (step.equals(stopAt)) {
            say("at " + step);
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static synchronized void say(String line) {
        System.out.println("\n" + ChildProcess.MARK + line);
        System.out.flush();
    }
}
