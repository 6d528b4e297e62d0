package dev.satchel.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command without a verb, and the options that every verb has. */
@Command(
        name = "satchel",
        header = "A SQLite database per user, durable and versioned in an object store.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = RootCommand.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it did what it should",
            "1:it failed; standard error says why and what to do",
            "2:wrong usage",
            "3:no such user, database or version",
            "4:the store is not there, cannot be reached, or refuses",
            "5:another machine was faster",
            "6:something damaged was found"
        },
        footerHeading = "%nStores:%n",
        footer = {
            "  --store, else the variable SATCHEL_STORE, else ./data/bucket. One of",
            "    FOLDER or file:///FOLDER",
            "    r2://BUCKET/PREFIX?account=ACCOUNT     keys in R2_ACCESS_KEY_ID and",
            "                                           R2_SECRET_ACCESS_KEY",
            "    s3://BUCKET/PREFIX?region=REGION       keys as AWS tools find them",
            "",
            "satchel COMMAND --help tells more about a command."
        })
final class RootCommand implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean version;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Write the result, and errors, as JSON.")
    private boolean json;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the log, and where an error came from.")
    private boolean debug;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before run
    private CommandSpec spec;

    private RootCommand() {}

    /** The whole command line. */
    static CommandLine commandLine(Surroundings surroundings) {
        RootCommand root = new RootCommand();
        CommandLine command = new CommandLine(root)
                .addSubcommand(new DemoCommand(surroundings))
                .addSubcommand(new UsersCommand(root, surroundings))
                .addSubcommand(new HistoryCommand(root, surroundings))
                .addSubcommand(new PullCommand(root, surroundings))
                .addSubcommand(new PushCommand(root, surroundings))
                .addSubcommand(new RestoreCommand(root, surroundings))
                .addSubcommand(new ConflictsCommand(root, surroundings))
                .addSubcommand(new DeleteCommand(root, surroundings))
                .addSubcommand(new RetainCommand(root, surroundings))
                .addSubcommand(ArchiveCommand.commandLine(root, surroundings))
                .addSubcommand(new SizeCommand(root, surroundings))
                .addSubcommand(new MigrateCommand(root, surroundings))
                .addSubcommand(new DoctorCommand(root, surroundings))
                .addSubcommand(new CommandLine(new BenchCommand()).addSubcommand(new GrowthCommand(root, surroundings)))
                .addSubcommand(new SimulateCommand(root, surroundings))
                .addSubcommand(new TortureCommand(root, surroundings))
                .addSubcommand(new ClusterCheckCommand(root, surroundings))
                .addSubcommand(new HelpCommand());
        ErrorReport errors = new ErrorReport(root);
        return command.setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors)
                .setUsageHelpLongOptionsMaxWidth(28)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Whether results and errors are JSON. */
    boolean json() {
        return json;
    }

    /** Whether errors tell where they came from. */
    boolean debug() {
        return debug;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** The version the build put into a resource. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"satchel " + number()};
        }

        static String number() {
            Properties properties = new Properties();
            try (InputStream in = Objects.requireNonNull(RootCommand.class.getResourceAsStream("version.properties"))) {
                properties.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException("the jar has no version.properties that can be read", e);
            }
            return properties.getProperty("version");
        }
    }
}
