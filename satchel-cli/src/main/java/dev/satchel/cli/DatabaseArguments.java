package dev.satchel.cli;

import dev.satchel.DatabaseId;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which database. */
final class DatabaseArguments {
    @Parameters(index = "0", paramLabel = "USER", description = "Whose database; upper and lower case are told apart.")
    private String user = "";

    @Option(
            names = {"--database", "--name"},
            paramLabel = "NAME",
            defaultValue = DatabaseId.DEFAULT_NAME,
            description = "Which of the user's databases. Default: ${DEFAULT-VALUE}.")
    private String name = DatabaseId.DEFAULT_NAME;

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec mixee;

    DatabaseId id() {
        try {
            return DatabaseId.of(user, name);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(mixee.commandLine(), e.getMessage(), e);
        }
    }
}
