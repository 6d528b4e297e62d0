package dev.satchel.cli;

import dev.satchel.store.ObjectStore;
import dev.satchel.store.ProbeReport;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreProbe;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whether everything Satchel relies on is as it must be. */
@Command(
        name = "doctor",
        header = "Try out the store and this machine, and say what to do about what is wrong.",
        description = {
            "Writes some small objects below .satchel-probe/ in the store, races for them, and removes them; about 250"
                    + " requests.",
            "With --certify it looks at the store alone, and longer: what Satchel requires, what it would like, and how"
                    + " the store behaves. About 3,800 requests and 30 MB; the exit code is 1 if something required is"
                    + " missing."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  satchel doctor",
            "  satchel doctor --certify --store 's3://BUCKET/try?endpoint=https://HOST'",
            "  satchel doctor --certify --json > certificate.json"
        })
final class DoctorCommand implements Callable<Integer> {
    /** Before this, two checkpoints could corrupt a database after its WAL was reset. */
    private static final String OLDEST_SQLITE = "3.51.3";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = DemoCommand.DEFAULT_DATA,
            description = "Folder whose user_data/ holds, or would hold, local copies. Default: ${DEFAULT-VALUE}.")
    private Path data = Path.of(DemoCommand.DEFAULT_DATA);

    @Option(names = "--certify", description = "Only the store, in depth, for whoever decides on one.")
    private boolean certify;

    @Mixin
    private final StoreOption store;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    DoctorCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
    }

    /** One thing that was looked at; the advice is empty if it is well. */
    private record Finding(String name, boolean ok, String found, String advice) {}

    @Override
    public Integer call() {
        return certify ? certify() : examine();
    }

    private int certify() {
        ProbeReport report;
        try (ObjectStore opened = store.openExistingOrEmpty();
                StatusLine status = new StatusLine(surroundings.terminal() && !root.json())) {
            report = StoreProbe.of(opened).certify(status::show);
        }
        if (root.json()) {
            Json.object()
                    .with("store", report.location())
                    .with("ok", report.passed())
                    .with("requests", report.requests())
                    .with(
                            "checks",
                            report.checks().stream().map(DoctorCommand::json).toList())
                    .print(spec.commandLine().getOut());
        } else {
            print(report, spec.commandLine().getOut());
        }
        return report.passed() ? ExitCode.OK : ExitCode.FAILURE;
    }

    private static Object json(ProbeReport.Check check) {
        return Json.object()
                .with("name", check.name())
                .with("need", need(check))
                .with("ok", check.passed())
                .with("found", check.detail())
                .with("advice", check.advice().isEmpty() ? null : check.advice())
                .with("requests", check.requests())
                .fields();
    }

    private static String need(ProbeReport.Check check) {
        return check.need().name().toLowerCase(Locale.ROOT);
    }

    private static void print(ProbeReport report, PrintWriter out) {
        out.println("store: " + report.location());
        out.println();
        Table table = new Table("", "THE STORE MUST", "NEED", "SEEN");
        for (ProbeReport.Check check : report.checks()) {
            boolean observed = check.need() == ProbeReport.Need.OBSERVED;
            table.row(!check.passed() ? "✗" : observed ? "·" : "✓", check.name(), need(check), check.detail());
            if (!check.passed()) {
                table.row("", "", "", "→ " + check.advice());
            }
        }
        table.print(out);
        out.println();
        long mild = report.checks().stream()
                .filter(check -> check.need() != ProbeReport.Need.REQUIRED && !check.passed())
                .count();
        out.println((report.passed() ? "Satchel can use this store." : "Satchel cannot use this store.")
                + (mild == 0 ? "" : " Not required, and not there: " + mild + ".") + " " + report.requests()
                + " requests.");
    }

    private int examine() {
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding("Java", true, Runtime.version() + ", " + System.getProperty("java.vendor", "?"), ""));
        findings.add(sqlite());
        findings.add(localFolder());
        String location = examineStore(findings);
        boolean well = findings.stream().allMatch(Finding::ok);
        PrintWriter out = spec.commandLine().getOut();
        if (root.json()) {
            Json.object()
                    .with("store", location)
                    .with("ok", well)
                    .with("checks", findings.stream().map(DoctorCommand::json).toList())
                    .print(out);
        } else {
            print(findings, location, out);
        }
        return well ? ExitCode.OK : ExitCode.FAILURE;
    }

    private static Finding sqlite() {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT sqlite_version()")) {
            String version = result.getString(1);
            boolean fit = Runtime.Version.parse(version).compareTo(Runtime.Version.parse(OLDEST_SQLITE)) >= 0;
            return new Finding(
                    "SQLite",
                    fit,
                    version,
                    fit ? "" : "It can corrupt databases; use org.xerial:sqlite-jdbc " + OLDEST_SQLITE + " or newer.");
        } catch (SQLException | IllegalArgumentException | UnsatisfiedLinkError e) {
            return new Finding(
                    "SQLite",
                    false,
                    "cannot be loaded: " + e.getMessage(),
                    "Its library is unpacked into " + System.getProperty("java.io.tmpdir")
                            + ": make that a folder where programs may be run, or name one with -Dorg.sqlite.tmpdir.");
        }
    }

    private Finding localFolder() {
        Path folder = surroundings.directory().resolve(data).normalize().resolve(DemoCommand.LOCAL_FOLDER);
        Path existing = folder;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null || !Files.isDirectory(existing)) {
            return new Finding("local folder", false, existing + " is not a folder", "Name another with --data.");
        }
        try {
            Files.delete(Files.createTempFile(existing, ".satchel", ".doctor"));
        } catch (IOException e) {
            return new Finding(
                    "local folder",
                    false,
                    existing + " cannot be written: " + e,
                    "Give the user that runs this write access to it, or name another with --data.");
        }
        return new Finding("local folder", true, folder + (existing.equals(folder) ? "" : ", to be made"), "");
    }

    /** Adds what was found; where the store is. */
    private String examineStore(List<Finding> findings) {
        try (ObjectStore opened = store.openExisting()) {
            ProbeReport report = StoreProbe.of(opened).run();
            for (ProbeReport.Check check : report.checks()) {
                findings.add(new Finding("store: " + check.name(), check.passed(), check.detail(), check.advice()));
            }
            return report.location();
        } catch (NoBucketException e) {
            findings.add(new Finding(
                    "store",
                    false,
                    String.valueOf(e.getMessage()),
                    "A folder that is to become one: make it, and certify it with --certify while it is empty."));
            return store.given().orElse(StoreOption.DEFAULT);
        } catch (StoreException e) {
            findings.add(new Finding("store", false, String.valueOf(e.getMessage()), "Put it right, and try again."));
            return store.given().orElse(StoreOption.DEFAULT);
        }
    }

    private static Object json(Finding finding) {
        return Json.object()
                .with("name", finding.name())
                .with("ok", finding.ok())
                .with("found", finding.found())
                .with("advice", finding.advice().isEmpty() ? null : finding.advice())
                .fields();
    }

    private static void print(List<Finding> findings, String location, PrintWriter out) {
        out.println("store: " + location);
        out.println();
        Table table = new Table("", "WHAT", "FOUND");
        for (Finding finding : findings) {
            table.row(finding.ok() ? "✓" : "✗", finding.name(), finding.found());
            if (!finding.advice().isEmpty()) {
                table.row("", "", "→ " + finding.advice());
            }
        }
        table.print(out);
        out.println();
        long wrong = findings.stream().filter(finding -> !finding.ok()).count();
        out.println(wrong == 0 ? "All is well." : wrong == 1 ? "One thing is wrong." : wrong + " things are wrong.");
    }
}
