package dev.satchel.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Help where it is looked for: picocli's own command for it has an option that the root gives to every verb. */
@Command(name = "help", header = "Show help, about a command if one is named.", helpCommand = true)
final class HelpCommand implements Runnable {
    @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "About which command.")
    private @Nullable String verb;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        CommandLine root = spec.root().commandLine();
        CommandLine asked = verb == null ? root : root.getSubcommands().get(verb);
        if (asked == null) {
            throw new ParameterException(root, "no command \"" + verb + "\"");
        }
        asked.usage(spec.commandLine().getOut());
    }
}
