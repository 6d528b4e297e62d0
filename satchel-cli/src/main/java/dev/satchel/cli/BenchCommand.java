package dev.satchel.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Measurements on this machine. */
@Command(
        name = "bench",
        header = "Measure what databases cost on this machine and store.",
        description = "Everything is measured beside a bare request of the same bytes, in the same run.",
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false)
final class BenchCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
