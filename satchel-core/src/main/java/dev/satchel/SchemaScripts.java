package dev.satchel;

import dev.satchel.internal.jdbc.MigrationScript;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A schema as a list of steps: SQL scripts named as Flyway names them, {@code V1__notes.sql}, {@code V2_1__colours.sql}, and steps
 * in Java. They run in the order of their versions, all that a database lacks in one transaction.
 *
 * <p>{@code user_version} is how many steps have been applied, whatever their versions are called: of {@code V1}, {@code V2_1} and
 * {@code V20260101} the last makes it 3. So a step that has been released is never changed, removed, or put before another one. The
 * table {@value #TABLE} of each database says what was applied to it, with a checksum of each script; a difference is told before
 * anything else is applied, and by {@link #verify}. Of a database that had a {@code user_version} without that table, so many
 * steps are taken for applied.
 *
 * <p>A script has any statements except those that cannot be in a transaction or would reach outside the database. {@code PRAGMA
 * foreign_keys = OFF} in one of the scripts that a database lacks switches them off for all of these; see {@link
 * SchemaMigration#enforcesForeignKeys}. Placeholders, repeatable and undo scripts are not known: an older version is restored
 * instead. Immutable.
 */
public final class SchemaScripts implements SchemaMigration {
    /** What was applied to a database, in that database. */
    public static final String TABLE = "satchel_schema";

    private static final Pattern NAME = Pattern.compile("V(\\d+(?:[._]\\d+)*)__(.+)\\.sql");
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final List<Step> steps;

    private SchemaScripts(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /** Begins a list of steps. */
    public static Builder builder() {
        return new Builder();
    }

    /** A step in Java. */
    @FunctionalInterface
    public interface JavaStep {
        /** Changes the database inside the transaction of the migration; may run more than once for the same database. */
        void apply(Connection connection) throws SQLException;
    }

    /**
     * A step.
     *
     * @param version with dots, {@code 2.1}
     * @param description as people read it
     * @param origin the script's file name, or the name of a step in Java
     * @param checksum of a script, as Flyway has it: line ends do not count; null for a step in Java
     */
    private record Step(
            String version,
            String description,
            String origin,
            @Nullable Integer checksum,
            List<Part> parts,
            boolean off) {}

    /** What a step does. */
    private interface Part {
        void apply(Connection connection, Step step) throws SQLException;
    }

    /** What the table says of a step. */
    private record Applied(String version, @Nullable Integer checksum) {}

    @Override
    public int targetVersion() {
        return steps.size();
    }

    /**
     * The name of a step, {@code V2_1__colours.sql}.
     *
     * @param userVersion the one that it makes, from 1 to the target
     */
    public String nameOf(int userVersion) {
        return steps.get(userVersion - 1).origin();
    }

    /** A checksum of all steps together: two that have it in common apply the same. Steps in Java count by version and description. */
    public int checksum() {
        CRC32 crc = new CRC32();
        for (Step step : steps) {
            crc.update((step.version() + ' ' + step.description() + ' ' + step.checksum() + '\n')
                    .getBytes(StandardCharsets.UTF_8));
        }
        return (int) crc.getValue();
    }

    @Override
    public boolean enforcesForeignKeys(int from) {
        return steps.stream().skip(from).noneMatch(Step::off);
    }

    @Override
    public void migrate(Connection connection, int from) throws SQLException {
        execute(
                connection,
                "CREATE TABLE IF NOT EXISTS " + TABLE
                        + " (user_version INTEGER PRIMARY KEY, version TEXT NOT NULL, description TEXT NOT NULL,"
                        + " checksum INTEGER)");
        Map<Integer, Applied> applied = applied(connection);
        requireSame(applied, from);
        execute(connection, "DELETE FROM " + TABLE + " WHERE user_version > " + from);
        for (int number = 1; number <= steps.size(); number++) {
            Step step = steps.get(number - 1);
            if (number > from) {
                for (Part part : step.parts()) {
                    part.apply(connection, step);
                }
            }
            if (number > from || !applied.containsKey(number)) {
                record(connection, number, step);
            }
        }
    }

    @Override
    public void verify(Connection connection, int at) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(
                        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '" + TABLE + "'")) {
            if (!found.next()) {
                return;
            }
        }
        requireSame(applied(connection), at);
    }

    private static Map<Integer, Applied> applied(Connection connection) throws SQLException {
        Map<Integer, Applied> applied = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT user_version, version, checksum FROM " + TABLE)) {
            while (rows.next()) {
                int checksum = rows.getInt(3);
                boolean none = rows.wasNull();
                applied.put(rows.getInt(1), new Applied(rows.getString(2), none ? null : checksum));
            }
        }
        return applied;
    }

    private void requireSame(Map<Integer, Applied> applied, int upTo) throws SQLException {
        for (int number = 1; number <= upTo; number++) {
            Applied then = applied.get(number);
            if (then == null) {
                continue; // Before there was the table.
            }
            Step now = steps.get(number - 1);
            if (!then.version().equals(now.version())) {
                throw new SQLException(
                        "step " + number + " is " + now.origin() + ", and what was applied as step " + number
                                + " had version " + then.version()
                                + "; a step cannot be removed or put before one that has been released. Put it at the end");
            }
            if (!Objects.equals(then.checksum(), now.checksum())) {
                throw new SQLException(now.origin() + " was changed after it had been applied (checksum "
                        + then.checksum() + " then, " + now.checksum()
                        + " now); bring it back as it was, and put the change into a new script");
            }
        }
    }

    private static void record(Connection connection, int number, Step step) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + TABLE + " VALUES (?, ?, ?, ?)")) {
            insert.setInt(1, number);
            insert.setString(2, step.version());
            insert.setString(3, step.description());
            if (step.checksum() == null) {
                insert.setNull(4, Types.INTEGER);
            } else {
                insert.setInt(4, step.checksum());
            }
            insert.executeUpdate();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** A statement of a script that is told with its place if it fails. */
    private record ScriptPart(MigrationScript.Statement statement, int number) implements Part {
        @Override
        public void apply(Connection connection, Step step) throws SQLException {
            try {
                execute(connection, statement.sql());
            } catch (SQLException e) {
                throw new SQLException(
                        step.origin() + ", statement " + number + " on line " + statement.line() + ": "
                                + e.getMessage(),
                        e.getSQLState(),
                        e.getErrorCode(),
                        e);
            }
        }
    }

    /** Collects steps. Confined to one thread. */
    public static final class Builder {
        private final SortedMap<List<Long>, Step> steps = new TreeMap<>(Builder::compare);

        private Builder() {}

        /**
         * Adds a script.
         *
         * @param name its file name, {@code V2_1__colours.sql}
         * @throws IllegalArgumentException if the name is another, there is a step of that version, or a statement cannot be in a
         *     migration; the message says what to do
         */
        public Builder script(String name, String sql) {
            Matcher matcher = NAME.matcher(name);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("script " + name
                        + " is not named as V2_1__what_it_does.sql is: V, a version, two underscores, a description, .sql;"
                        + " repeatable (R__), undo (U) and baseline (B) scripts are not known");
            }
            String text = sql.isEmpty() || sql.charAt(0) != BYTE_ORDER_MARK ? sql : sql.substring(1);
            MigrationScript script;
            try {
                script = MigrationScript.of(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("script " + name + ", " + e.getMessage(), e);
            }
            List<Part> parts = new ArrayList<>();
            for (MigrationScript.Statement statement : script.statements()) {
                parts.add(new ScriptPart(statement, parts.size() + 1));
            }
            String description = matcher.group(2).replace('_', ' ');
            return add(matcher.group(1), description, name, checksum(text), parts, script.foreignKeysOff());
        }

        /**
         * Adds a step in Java. It has no checksum.
         *
         * @param version as {@code 2.1}
         * @throws IllegalArgumentException if the version is none, or there is a step of that version
         */
        public Builder java(String version, String description, JavaStep step) {
            if (!version.matches("\\d+(?:[._]\\d+)*")) {
                throw new IllegalArgumentException("not a version: \"" + version + "\"; write numbers, as 2 or 2.1");
            }
            Objects.requireNonNull(step, "step");
            String origin = "step " + version + " (" + description + ")";
            Part part = (connection, self) -> step.apply(connection);
            return add(version, description, origin, null, List.of(part), false);
        }

        /**
         * Adds the scripts of a folder and those below it; files that do not end in {@code .sql} are left out.
         *
         * @throws IllegalArgumentException as {@link #script} does, or if there is no such folder
         * @throws UncheckedIOException if it cannot be read
         */
        public Builder folder(Path folder) {
            if (!Files.isDirectory(folder)) {
                throw new IllegalArgumentException("there is no folder " + folder + " with scripts");
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    String name = String.valueOf(file.getFileName());
                    if (name.endsWith(".sql")) {
                        script(name, Files.readString(file));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("the scripts in " + folder + " cannot be read: " + e, e);
            }
            return this;
        }

        /**
         * Adds the scripts of a folder of the class path, in a jar or not.
         *
         * @param folder as {@code satchel/migrations}
         * @throws IllegalArgumentException as {@link #script} does, or if there is no such folder
         * @throws UncheckedIOException if it cannot be read
         */
        public Builder classPath(ClassLoader loader, String folder) {
            try {
                List<URL> found = Collections.list(loader.getResources(folder));
                if (found.isEmpty()) {
                    throw new IllegalArgumentException("there is no folder " + folder + " on the class path");
                }
                for (URL url : found) {
                    if (url.getProtocol().equals("file")) {
                        folder(Path.of(new URI(url.toString())));
                    } else if (url.openConnection() instanceof JarURLConnection inJar) {
                        jar(inJar);
                    } else {
                        throw new IllegalArgumentException(
                                "scripts cannot be listed in " + url + "; add them one by one with script(name, sql)");
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("the scripts in " + folder + " cannot be read: " + e, e);
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException("the class path has a folder that is no address: " + e, e);
            }
            return this;
        }

        private void jar(JarURLConnection connection) throws IOException {
            connection.setUseCaches(false);
            String prefix = connection.getEntryName().replaceFirst("/?$", "/");
            try (JarFile jar = connection.getJarFile()) {
                for (JarEntry entry : Collections.list(jar.entries())) {
                    String name = entry.getName();
                    if (name.startsWith(prefix) && name.endsWith(".sql")) {
                        try (InputStream in = jar.getInputStream(entry)) {
                            script(
                                    name.substring(name.lastIndexOf('/') + 1),
                                    new String(in.readAllBytes(), StandardCharsets.UTF_8));
                        }
                    }
                }
            }
        }

        private Builder add(
                String version,
                String description,
                String origin,
                @Nullable Integer checksum,
                List<Part> parts,
                boolean foreignKeysOff) {
            String dotted = version.replace('_', '.');
            Step step = new Step(dotted, description, origin, checksum, List.copyOf(parts), foreignKeysOff);
            Step other = steps.putIfAbsent(numbers(dotted), step);
            if (other != null) {
                throw new IllegalArgumentException(
                        "version " + dotted + " is there twice: " + other.origin() + " and " + origin);
            }
            return this;
        }

        private static List<Long> numbers(String dotted) {
            List<Long> numbers = new ArrayList<>();
            for (String part : dotted.split("\\.", -1)) {
                try {
                    numbers.add(Long.parseLong(part));
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException("version " + dotted + " has a number that is too large", e);
                }
            }
            while (numbers.size() > 1 && numbers.get(numbers.size() - 1) == 0) {
                numbers.remove(numbers.size() - 1); // 2.0 is 2.
            }
            return numbers;
        }

        private static int compare(List<Long> a, List<Long> b) {
            for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
                int order = Long.compare(a.get(i), b.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(a.size(), b.size());
        }

        private static int checksum(String text) {
            CRC32 crc = new CRC32();
            text.lines().forEach(line -> crc.update(line.getBytes(StandardCharsets.UTF_8)));
            return (int) crc.getValue();
        }

        /**
         * Makes the migration.
         *
         * @throws IllegalArgumentException if there is no step
         */
        public SchemaScripts build() {
            if (steps.isEmpty()) {
                throw new IllegalArgumentException("there is no script; the first is called V1__what_it_makes.sql");
            }
            return new SchemaScripts(new ArrayList<>(steps.values()));
        }
    }
}
