package dev.satchel.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import picocli.CommandLine;

/** Runs the command. */
public final class Main {
    private Main() {}

    /** Ends the process with the command's exit code. */
    public static void main(String[] args) throws IOException, SQLException {
        String rehearsal = System.getProperty(Rehearsal.PROPERTY);
        if (rehearsal != null) {
            Rehearsal.run(Path.of(rehearsal));
            return;
        }
        if (Arrays.asList(args).contains("--debug")) {
            // Before the first logger is made; it is read once.
            System.setProperty("org.slf4j.simpleLogger.log.dev.satchel", "debug");
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
        }
        CommandLine command = RootCommand.commandLine(Surroundings.ofProcess())
                .setOut(utf8(FileDescriptor.out))
                .setErr(utf8(FileDescriptor.err));
        int exitCode = command.execute(args);
        command.getOut().flush();
        command.getErr().flush();
        System.exit(exitCode);
    }

    /** Whatever the locale says: user ids are any text, and a container's locale is seldom set. */
    private static PrintWriter utf8(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
    }
}
