package dev.satchel.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/**
 * Does once what the command usually does, on a folder that is thrown away, so that an archive of the classes loaded meanwhile
 * has all that later starts need. The launcher asks for it with the property {@value #PROPERTY}.
 */
final class Rehearsal {
    static final String PROPERTY = "satchel.rehearsal";

    /** Nobody listens there: it is enough that the client tries. */
    private static final String NOWHERE = "r2://rehearsal?endpoint=http://127.0.0.1:1";

    private Rehearsal() {}

    /** Runs the verbs in {@code folder}. */
    static void run(Path folder) throws IOException, SQLException {
        Files.createDirectories(folder);
        Path file = folder.resolve("rehearsal.sqlite");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t AS SELECT 1 AS a");
        }
        Map<String, String> keys = Map.of("R2_ACCESS_KEY_ID", "none", "R2_SECRET_ACCESS_KEY", "none");
        Surroundings surroundings = new Surroundings(keys, folder, ZoneOffset.UTC, false, InstantSource.system());
        for (String line : List.of(
                "--help",
                "push alice rehearsal.sqlite",
                "users",
                "users --json",
                "log alice",
                "log alice --json",
                "pull alice pulled.sqlite",
                "log nobody",
                "doctor --store nowhere",
                "users --store " + NOWHERE)) {
            RootCommand.commandLine(surroundings)
                    .setOut(new PrintWriter(Writer.nullWriter()))
                    .setErr(new PrintWriter(Writer.nullWriter()))
                    .execute(line.split(" "));
        }
    }
}
