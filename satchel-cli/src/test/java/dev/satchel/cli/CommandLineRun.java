package dev.satchel.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One run of the command in this process.
 *
 * @param exitCode what the shell would get
 * @param out standard output
 * @param err standard error
 */
record CommandLineRun(int exitCode, String out, String err) {

    /** Runs the command in a folder, without any variables set. */
    static CommandLineRun in(Path directory, String... args) {
        return in(directory, Map.of(), args);
    }

    static CommandLineRun in(Path directory, Map<String, String> environment, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = RootCommand.commandLine(
                        new Surroundings(environment, directory, ZoneOffset.UTC, false, InstantSource.system()))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
        return new CommandLineRun(exitCode, out.toString(), err.toString());
    }

    /** The words of each line of standard output. */
    List<List<String>> table() {
        List<List<String>> rows = new ArrayList<>();
        out.lines().forEach(line -> rows.add(List.of(line.strip().split("\\s{2,}"))));
        return rows;
    }
}
