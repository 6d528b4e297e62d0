package dev.satchel.internal.wal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;

/**
 * A real SQLite database in WAL mode that checkpoints only when told to, with one connection open.
 *
 * <p>Its main file is copied while the connection is open, which drops SQLite's file locks; that does no harm in a test, where
 * one process with one copy of SQLite is all there is.
 */
final class SqliteFile implements AutoCloseable {
    final Path main;
    final Path wal;
    private Connection connection;

    private SqliteFile(Path main) {
        this.main = main;
        this.wal = walOf(main);
    }

    /** A new database with incremental vacuum, so that it can shrink. */
    static SqliteFile create(Path directory, int pageSize) throws SQLException, IOException {
        Files.createDirectories(directory);
        SqliteFile file = new SqliteFile(directory.resolve("user.sqlite"));
        file.connection = connect(file.main);
        file.execute("PRAGMA page_size=" + pageSize);
        file.execute("PRAGMA auto_vacuum=INCREMENTAL");
        file.execute("PRAGMA journal_mode=WAL");
        file.execute("PRAGMA wal_autocheckpoint=0");
        file.execute("PRAGMA synchronous=OFF");
        return file;
    }

    static Path walOf(Path main) {
        return main.resolveSibling(main.getFileName() + "-wal");
    }

    Connection connection() {
        return connection;
    }

    /** A second connection; the caller closes it. */
    Connection secondConnection() throws SQLException {
        Connection second = connect(main);
        execute(second, "PRAGMA wal_autocheckpoint=0");
        return second;
    }

    void execute(String sql) throws SQLException {
        execute(connection, sql);
    }

    /** Runs a statement to its end even if it gives rows, as {@code PRAGMA incremental_vacuum} does for each page. */
    void executeFully(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    long query(String sql) throws SQLException {
        return query(connection, sql, 1);
    }

    /** Closes the last connection, which checkpoints and deletes the log, and opens a new one. */
    void reopen() throws SQLException {
        connection.close();
        connection = connect(main);
        execute("PRAGMA wal_autocheckpoint=0");
        execute("PRAGMA synchronous=OFF");
    }

    byte[] walBytes() throws IOException {
        return Files.exists(wal) ? Files.readAllBytes(wal) : new byte[0];
    }

    byte[] mainBytes() throws IOException {
        return Files.readAllBytes(main);
    }

    /** What SQLite makes of a database and a log when it finds them after a crash. */
    static Recovered recover(byte[] main, byte[] wal, Path directory) throws IOException, SQLException {
        Files.createDirectories(directory);
        Path copy = directory.resolve("copy.sqlite");
        Files.write(copy, main);
        Files.write(walOf(copy), wal);
        Files.deleteIfExists(copy.resolveSibling("copy.sqlite-shm"));
        long frames;
        try (Connection connection = connect(copy)) {
            execute(connection, "PRAGMA wal_autocheckpoint=0");
            execute(connection, "PRAGMA synchronous=OFF");
            query(connection, "SELECT count(*) FROM sqlite_master", 1);
            frames = query(connection, "PRAGMA wal_checkpoint(NOOP)", 2);
            execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        return new Recovered((int) frames, Files.readAllBytes(copy));
    }

    /** The database a reader's answer makes of a main file: its pages put over those of the file. */
    static byte[] apply(byte[] main, WalReader reader, WalCommits commits) throws IOException {
        if (commits.isEmpty()) {
            return main;
        }
        byte[] database = Arrays.copyOf(main, commits.databaseSizeInPages() * commits.pageSize());
        for (int i = 0; i < commits.pageCount(); i++) {
            byte[] page = reader.page(commits.frameIndex(i));
            System.arraycopy(page, 0, database, (commits.pageNumber(i) - 1) * commits.pageSize(), page.length);
        }
        return database;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private static Connection connect(Path path) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + path);
    }

    private static long query(Connection connection, String sql, int column) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getLong(column) : -1;
        }
    }

    /** How many frames SQLite recovered, and the main file after it checkpointed them. */
    record Recovered(int frames, byte[] main) {}
}
