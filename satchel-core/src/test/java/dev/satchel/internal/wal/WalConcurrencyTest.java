package dev.satchel.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A reader beside a writer. Every transaction writes the same number into {@link #ROWS} rows of one page each, so a torn
 * transaction would show two numbers.
 */
class WalConcurrencyTest {
    private static final int ROWS = 4;
    private static final int VALUE_LENGTH = 3000;
    private static final Pattern NUMBER = Pattern.compile("number=(\\d+);");

    @TempDir
    private Path directory;

    private SqliteFile database;
    private WalReader reader;
    private ExecutorService writer;

    @BeforeEach
    void open() throws Exception {
        database = SqliteFile.create(directory, 4096);
        reader = WalReader.open(database.wal);
        writer = Executors.newSingleThreadExecutor();
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
        for (int i = 0; i < ROWS; i++) {
            database.execute("INSERT INTO t VALUES (" + i + ", '" + "x".repeat(VALUE_LENGTH) + "')");
        }
        write(1);
    }

    @AfterEach
    void close() throws Exception {
        writer.shutdown();
        reader.close();
        database.close();
    }

    @Test
    void seesEveryTransactionOnceAndWhole() throws Exception {
        int commits = 3000;
        WalPosition position = reader.end(WalPosition.START);
        Future<?> writing = writer.submit(() -> {
            for (int number = 2; number < 2 + commits; number++) {
                write(number);
            }
            return null;
        });

        int seen = 0;
        boolean last = false;
        while (!last) {
            last = writing.isDone();
            WalPosition end = reader.end(position);
            WalCommits read = reader.read(position);
            assertThat(read.position().isAtOrAfter(end)).isTrue();
            seen += read.transactions();
            if (!read.isEmpty()) {
                assertThat(numberIn(read)).isEqualTo(1 + seen);
            }
            position = read.position();
        }

        writing.get();
        assertThat(seen).isEqualTo(commits);
    }

    @Test
    void seesOnlyWholeTransactionsWhileTheLogRestartsUnderIt() throws Exception {
        int commits = 3000;
        Future<?> writing = writer.submit(() -> {
            for (int number = 2; number < 2 + commits; number++) {
                write(number);
                if (number % 7 == 0) {
                    database.query("PRAGMA wal_checkpoint(" + (number % 3 == 0 ? "TRUNCATE" : "PASSIVE") + ")");
                }
            }
            return null;
        });

        WalPosition position = WalPosition.START;
        int newest = 0;
        boolean last = false;
        while (!last) {
            last = writing.isDone();
            WalCommits read = reader.read(position);
            if (!read.isEmpty()) {
                try {
                    int number = numberIn(read);
                    assertThat(number).isGreaterThan(newest);
                    newest = number;
                } catch (IOException restarted) {
                    // The frames were overwritten after they were found; the next read says so.
                    assertThat(last).isFalse();
                }
            }
            position = read.position();
        }

        writing.get();
        assertThat(newest).isBetween(1 + commits - 7, 1 + commits);
    }

    /** Values of one length, which SQLite overwrites in place: no page keeps an old number in its free space. */
    private void write(int number) throws Exception {
        database.execute("BEGIN IMMEDIATE");
        try (PreparedStatement update = database.connection().prepareStatement("UPDATE t SET v = ? WHERE id = ?")) {
            for (int i = 0; i < ROWS; i++) {
                String value = "number=%06d;".formatted(number);
                update.setString(1, value + "x".repeat(VALUE_LENGTH - value.length()));
                update.setInt(2, (number + i) % ROWS);
                update.executeUpdate();
            }
        }
        database.execute("COMMIT");
    }

    /** The number in all the rows, which is in all pages of the table that a transaction wrote. */
    private int numberIn(WalCommits commits) throws IOException {
        int found = 0;
        int rows = 0;
        for (int i = 0; i < commits.pageCount(); i++) {
            Matcher matcher =
                    NUMBER.matcher(new String(reader.page(commits.frameIndex(i)), StandardCharsets.ISO_8859_1));
            while (matcher.find()) {
                int number = Integer.parseInt(matcher.group(1));
                assertThat(rows == 0 || number == found)
                        .as("%d beside %d", number, found)
                        .isTrue();
                found = number;
                rows++;
            }
        }
        assertThat(rows).isEqualTo(ROWS);
        return found;
    }
}
