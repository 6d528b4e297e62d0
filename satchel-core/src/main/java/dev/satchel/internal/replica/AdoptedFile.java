package dev.satchel.internal.replica;

import dev.satchel.BusyException;
import dev.satchel.CorruptException;
import dev.satchel.LocalStorageException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * A private copy of a SQLite file that comes from elsewhere, made to be published: what a reader would see at one instant, its
 * WAL included, as pages. The copy states WAL mode, as replicas do. Confined to one thread.
 */
public final class AdoptedFile implements PageSource, AutoCloseable {
    /** Its changed pages, and the object made of them, are held in memory. */
    private static final long MAX_BYTES = 1L << 30;

    private static final int BUSY_TIMEOUT_MILLIS = 5_000;
    private static final int ALL_PAGES_AT_ONCE = -1;

    /** SQLite fileformat2 1.3: file format write and read version, 2 for WAL. */
    private static final int FORMAT_VERSIONS = 18;

    private static final int CHANGE_COUNTER = 24;
    private static final int SCHEMA_COOKIE = 40;
    private static final int VERSION_VALID_FOR = 92;
    private static final int HEADER_END = 100;

    private final Path path;
    private final PageFile file;
    private final int sizeInPages;

    private AdoptedFile(Path path, PageFile file, int sizeInPages) {
        this.path = path;
        this.file = file;
        this.sizeInPages = sizeInPages;
    }

    /**
     * Copies a database that others may have open, and checks the copy.
     *
     * @param copy is replaced
     * @throws IllegalArgumentException if the source is not a SQLite database or is too large
     * @throws CorruptException if SQLite finds fault with it
     * @throws BusyException if another program lets nobody read it
     * @throws LocalStorageException if it cannot be read
     * @throws IOException if the copy cannot be written
     */
    public static AdoptedFile copyOf(Path source, Path copy) throws IOException {
        requireDatabase(source);
        Files.deleteIfExists(copy);
        // SQLite keeps the WAL beside the file that a link leads to.
        int schemaCookie = backUp(source.toRealPath(), copy);
        PageFile file = PageFile.open(copy);
        try {
            AdoptedFile adopted = new AdoptedFile(copy, file, Math.toIntExact(file.length() / file.pageSize()));
            adopted.normalise(schemaCookie);
            requireSound(source, copy);
            return adopted;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Only by looking at it from outside: opening and closing it here would drop the locks of whoever has it open in this process. */
    private static void requireDatabase(Path source) {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(source, BasicFileAttributes.class);
        } catch (IOException e) {
            throw new LocalStorageException("file " + source + " cannot be read: " + e, e);
        }
        if (!attributes.isRegularFile()) {
            throw new IllegalArgumentException(source + " is not a file");
        }
        if (attributes.size() == 0) {
            throw new IllegalArgumentException(source + " is empty, not a SQLite database");
        }
        if (attributes.size() > MAX_BYTES) {
            throw new IllegalArgumentException(source + " has " + attributes.size() + " bytes, at most " + MAX_BYTES
                    + " can be pushed; split it into several databases");
        }
    }

    /** Copies all pages in one read transaction; the schema cookie of what was copied. */
    private static int backUp(Path source, Path copy) {
        try (SQLiteConnection connection = open(source)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("BEGIN");
                int cookie = queryInt(statement, "PRAGMA schema_version");
                int rc = connection
                        .getDatabase()
                        .backup("main", copy.toAbsolutePath().toString(), null, 100, 20, ALL_PAGES_AT_ONCE);
                if (rc != SQLiteErrorCode.SQLITE_OK.code) {
                    SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(rc);
                    throw new SQLiteException("copying ended with " + code, code);
                }
                statement.execute("ROLLBACK");
                return cookie;
            }
        } catch (SQLException e) {
            throw failure(source, e);
        }
    }

    /**
     * Where a WAL holds something, a read-only connection leaves it as it is. Without one, a connection that may write cleans up
     * behind itself what a read-only one would leave, and finishes what a killed program has begun.
     */
    private static SQLiteConnection open(Path source) throws SQLException {
        boolean writable = Files.isWritable(source) && Files.isWritable(source.resolveSibling("."));
        String query;
        if (sibling(source, "-wal").length() > 0) {
            query = "?mode=ro";
        } else if (writable) {
            query = "?mode=rw";
        } else if (sibling(source, "-journal").exists()) {
            query = "?mode=ro";
        } else {
            // Where nothing can be created beside it a file in WAL mode opens in no other way; without a WAL it is all
            // there is.
            query = "?mode=ro&immutable=1";
        }
        Properties properties = new Properties();
        properties.setProperty("busy_timeout", Integer.toString(BUSY_TIMEOUT_MILLIS));
        return JDBC.createConnection("jdbc:sqlite:" + SqliteUri.of(source) + query, properties);
    }

    private static File sibling(Path source, String suffix) {
        return source.resolveSibling(source.getFileName() + suffix).toFile();
    }

    private static void requireSound(Path source, Path copy) {
        String verdict;
        try (Connection connection = JDBC.createConnection(
                        "jdbc:sqlite:" + SqliteUri.of(copy) + "?mode=ro&immutable=1", new Properties());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA quick_check(1)")) {
            verdict = result.next() ? result.getString(1) : "no answer";
        } catch (SQLException e) {
            throw failure(source, e);
        }
        if (!verdict.equals("ok")) {
            throw new CorruptException(
                    CorruptException.Kind.GIVEN_FILE,
                    source + " is damaged: " + verdict + "; repair it first, as with the sqlite3 shell's .recover",
                    null);
        }
    }

    private static int queryInt(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getInt(1) : 0;
        }
    }

    private static RuntimeException failure(Path source, SQLException e) {
        SQLiteErrorCode code =
                e instanceof SQLiteException known ? known.getResultCode() : SQLiteErrorCode.SQLITE_ERROR;
        switch (code) {
            case SQLITE_NOTADB -> {
                return new IllegalArgumentException(source + " is not a SQLite database, or an encrypted one", e);
            }
            case SQLITE_CORRUPT, SQLITE_CORRUPT_INDEX, SQLITE_CORRUPT_SEQUENCE -> {
                return new CorruptException(
                        CorruptException.Kind.GIVEN_FILE,
                        source + " is damaged: " + e.getMessage()
                                + "; repair it first, as with the sqlite3 shell's .recover",
                        e);
            }
            case SQLITE_BUSY, SQLITE_BUSY_RECOVERY, SQLITE_BUSY_SNAPSHOT, SQLITE_BUSY_TIMEOUT, SQLITE_LOCKED -> {
                return new BusyException(
                        source + " is in use by another program that lets nobody read it; stop that, or push a copy",
                        e);
            }
            default -> {
                return new LocalStorageException(
                        source + " cannot be read: " + e.getMessage()
                                + "; check its permissions, or push a copy of it and its -wal from a folder of yours",
                        e);
            }
        }
    }

    /** Undoes what copying changed on page 1, and states WAL mode. */
    private void normalise(int schemaCookie) throws IOException {
        byte[] first = file.read(1);
        first[FORMAT_VERSIONS] = 2;
        first[FORMAT_VERSIONS + 1] = 2;
        for (int i = 0; i < Integer.BYTES; i++) {
            first[SCHEMA_COOKIE + i] = (byte) (schemaCookie >>> (24 - 8 * i));
        }
        file.write(1, first);
    }

    /**
     * If page 1 differs from another state's in nothing but the counters that a copy is given anew, takes that page over: the
     * same content is then the same bytes. In WAL mode nobody relies on them.
     */
    public void takeCountersOf(PageSource other) throws IOException {
        byte[] ours = file.read(1);
        byte[] theirs = other.page(1);
        if (Arrays.equals(withoutCounters(ours), withoutCounters(theirs))) {
            file.write(1, theirs);
        }
    }

    private static byte[] withoutCounters(byte[] page) {
        byte[] copy = page.clone();
        Arrays.fill(copy, CHANGE_COUNTER, CHANGE_COUNTER + Integer.BYTES, (byte) 0);
        Arrays.fill(copy, VERSION_VALID_FOR, HEADER_END, (byte) 0);
        return copy;
    }

    /** Where the copy is. */
    public Path path() {
        return path;
    }

    /** Bytes of a page. */
    public int pageSize() {
        return file.pageSize();
    }

    @Override
    public int sizeInPages() {
        return sizeInPages;
    }

    @Override
    public byte[] page(int page) throws IOException {
        return file.read(page);
    }

    /** The checksums of its pages as they are now. */
    public PageSums sums() throws IOException {
        PageSums sums = new PageSums(pageSize());
        for (int page = 1; page <= sizeInPages; page++) {
            sums.append(file.read(page));
        }
        return sums;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
