package dev.satchel.cli;

import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoreProbe;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Checks what the example application needs, and tells the launcher how to start it: the process that the user sees becomes the
 * application, so that Ctrl-C and kill reach it and nothing else.
 */
@Command(
        name = "demo",
        header = "Run the example application, a small video editor's back end and page.",
        description = {
            "Anybody may sign in by any name, and only this machine is listened to. The bucket is in DIR/bucket unless --store"
                    + " or the variable SATCHEL_STORE names another; each user's local copy is"
                    + " DIR/user_data/USER/database.sqlite and may be deleted while the demo does not run."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  satchel demo", "  satchel demo --port 8081 --data /tmp/demo"})
final class DemoCommand implements Callable<Integer> {
    static final String DEFAULT_DATA = "./data";
    static final String LOCAL_FOLDER = "user_data";

    /** Set by the launcher, which reads the answer from standard output. */
    private static final String LAUNCHER = "SATCHEL_LAUNCHER";

    /** First line of the answer; the application's arguments follow, one a line. */
    private static final String EXEC = "#exec";

    private static final int MAX_PORT = 65535;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "Port on localhost; 0 is any free one. Default: ${DEFAULT-VALUE}.")
    private int port = 8080;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = DEFAULT_DATA,
            description = "Where everything is kept. Default: ${DEFAULT-VALUE}.")
    private Path data = Path.of(DEFAULT_DATA);

    @Mixin
    private final StoreOption store;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Surroundings surroundings;

    DemoCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
    }

    @Override
    public Integer call() {
        if (!surroundings.environment().containsKey(LAUNCHER)) {
            throw new FailedException("the demo is started by ./satchel demo, in a checkout of Satchel");
        }
        if (port < 0 || port > MAX_PORT) {
            throw new ParameterException(spec.commandLine(), "--port must be 0 to " + MAX_PORT + ": " + port);
        }
        int free = freePort();
        Path folder = surroundings.directory().resolve(data).normalize();
        Path local = writable(folder.resolve(LOCAL_FOLDER));
        String location = store.given().orElse(folder.resolve("bucket").toString());
        try (ObjectStore opened = store.openOrCreate(location)) {
            StoreProbe.of(opened).requireConditionalWrites();
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(EXEC);
        out.println(oneLine("--server.port=" + free));
        out.println(oneLine(
                "--satchel.store=" + store.folder(location).map(Path::toString).orElse(location)));
        out.println(oneLine("--satchel.local-directory=" + local));
        return ExitCode.OK;
    }

    private int freePort() {
        // On the address the application listens on; another program on another address does not matter.
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new FailedException("port " + port + " cannot be used (" + e.getMessage()
                    + "); stop the program that uses it, or choose another with --port");
        }
    }

    private static Path writable(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, ".satchel", ".demo"));
            if (isInUse(folder)) {
                throw new FailedException("local files in " + folder
                        + " are in use by another demo; stop it, or name another folder with --data and this one's bucket"
                        + " with --store");
            }
            return folder;
        } catch (IOException e) {
            throw new FailedException("local files cannot be kept in " + folder + " (" + e
                    + "); make it a folder that may be written, or name another with --data");
        }
    }

    private static boolean isInUse(Path folder) throws IOException {
        try (FileChannel channel =
                FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            return channel.tryLock() == null;
        } catch (OverlappingFileLockException e) {
            return true;
        }
    }

    private static String oneLine(String argument) {
        if (argument.contains("\n")) {
            throw new FailedException("a path with a line break in it cannot be used");
        }
        return argument;
    }
}
