package dev.satchel.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.internal.jdbc.SqlTokenizer.Token;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTokenizerTest {
    /** Pieces that are easy to cut in the wrong place. */
    private static final String[] PIECES = {
        "SELECT",
        "INSERT INTO log VALUES (1)",
        "CREATE TRIGGER",
        "BEGIN",
        "END",
        "WITH",
        "x AS (",
        "RETURNING",
        "PRAGMA",
        "'",
        "''",
        "'a;b'",
        "\"",
        "\"q;\"\"\"",
        "[",
        "]",
        "[a;'b]",
        "`",
        "`c``;`",
        "x'ab'",
        "X'",
        "--",
        "-- c;\n",
        "/*",
        "*/",
        "/* ;' */",
        "/*/",
        "/",
        "-",
        "->>",
        ";",
        ";;",
        "?",
        "?12",
        ":a",
        ":a::b(",
        "@x",
        "$y(';')",
        "$",
        "#1",
        "1e5",
        "1.5",
        ".5",
        "0x1F",
        "12abc",
        "(",
        ")",
        ",",
        ".",
        "=",
        "==",
        "\t",
        "\n",
        "\r",
        "\f",
        "\u000b",
        " ",
        "\uFEFF",
        "\u00A0",
        "é",
        "😀",
        "\uD83D",
        "\uDE00",
        "\0",
        "\\",
        "!",
        "~",
        "|",
        "&",
        "load_extension",
        "load_extension(",
        "EXPLAIN",
        "QUERY",
        "PLAN",
        "TEMP",
        "TRIGGER",
        "COMMIT",
        "ROLLBACK",
        "TO",
        "ATTACH",
        "VACUUM",
        "INTO"
    };

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '^',
            value = {
                "SELECT a.b, 1~WORD WORD DOT WORD COMMA OTHER",
                "'it''s;' \"a\"\"b\" [c]]~STRING QUOTED_NAME QUOTED_NAME OTHER",
                "`a``b`=x~QUOTED_NAME EQUALS WORD",
                "a==b~WORD EQUALS EQUALS WORD",
                "^-- no token\n x^~WORD",
                "/* a ; ' */ x /* open~WORD",
                "/*/ still open */ x~WORD",
                "x'ab'';'~OTHER STRING",
                "X'0g' x~OTHER WORD",
                "xx'a'~WORD STRING",
                "?1 :a @b $c::d(e;f) #9~PARAMETER PARAMETER PARAMETER PARAMETER PARAMETER",
                "$a(b c)~OTHER WORD CLOSE",
                ": $~OTHER OTHER",
                "'open ; ~OTHER",
                "\"open ; ~OTHER",
                "[open ; ~OTHER",
                "1.5e5 .5 0x1f 1_000 12ab~OTHER DOT OTHER OTHER OTHER OTHER",
                "a->>'$.b'~WORD OTHER OTHER OTHER STRING",
                "a-b~WORD OTHER WORD",
                "é_1$~WORD",
                "a/b~WORD OTHER WORD",
                "f(x);~WORD OPEN WORD CLOSE SEMICOLON"
            })
    void cutsWhereSqliteCuts(String sql, String expected) {
        assertThat(tokens(sql)).extracting(Token::name).containsExactly(expected.split(" "));
    }

    @Test
    void aLoneCommentStartAtTheEndIsAnOperator() {
        assertThat(tokens("a /*")).containsExactly(Token.WORD, Token.OTHER, Token.OTHER);
    }

    @Test
    void tokensCoverTheTextInOrderWithoutOverlap() {
        String sql = "INSERT INTO t(\"a b\", [c;]) VALUES (:x, 'it''s', x'00') -- end";
        SqlTokenizer tokenizer = new SqlTokenizer(sql);
        int last = 0;
        while (tokenizer.next() != Token.END) {
            assertThat(tokenizer.start()).isGreaterThanOrEqualTo(last);
            assertThat(tokenizer.end()).isGreaterThan(tokenizer.start());
            last = tokenizer.end();
        }
        assertThat(tokenizer.start()).isEqualTo(sql.length());
        assertThat(tokenizer.next()).isEqualTo(Token.END);
    }

    @Test
    void isLinearInTheLengthOfTheText() {
        String sql = "INSERT INTO t VALUES " + "(1, 'text', :p, \"q\"), ".repeat(100_000) + "(1, 2, 3, 4)";

        assertThat(tokens(sql)).hasSizeGreaterThan(900_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void neverThrowsOnAnything(long seed) {
        Random random = new Random(seed);
        SqlGuard guard = new SqlGuard();
        for (int i = 0; i < 5_000; i++) {
            String sql = randomText(random);
            SqlTokenizer tokenizer = new SqlTokenizer(sql);
            int steps = 0;
            while (tokenizer.next() != Token.END) {
                assertThat(++steps).as("seed %s: %s", seed, sql).isLessThanOrEqualTo(sql.length());
            }
            SqlScript script = guard.check(sql);
            for (SqlStatement statement : script.statements()) {
                assertThat(statement.kind()).as("seed %s: %s", seed, sql).isNotNull();
                assertThat(sql).contains(statement.sql());
            }
        }
    }

    /** SQLite runs the whole text by itself in one database, we run our pieces in another: both must end the same. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void cutsScriptsIntoTheStatementsThatSqliteSees(long seed, @TempDir Path directory) throws Exception {
        Random random = new Random(seed);
        try (LocalDatabase database = new LocalDatabase(directory)) {
            database.run("CREATE TABLE log(x)");
            for (int i = 0; i < 60; i++) {
                StringBuilder sql = new StringBuilder();
                for (int n = random.nextInt(6); n >= 0; n--) {
                    sql.append(randomStatement(random));
                }
                List<String> theirs;
                try (TrackedConnection connection = database.connect();
                        Statement raw = connection
                                .unwrap(org.sqlite.SQLiteConnection.class)
                                .createStatement()) {
                    raw.executeUpdate("DELETE FROM log; " + sql);
                    theirs = log(raw);
                }
                try (TrackedConnection connection = database.connect();
                        Statement statement = connection.createStatement()) {
                    statement.execute("DELETE FROM log; " + sql);
                    assertThat(log(statement)).as("seed %s: %s", seed, sql).isEqualTo(theirs);
                }
            }
        }
    }

    private static List<String> log(Statement statement) throws Exception {
        List<String> log = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT quote(x) FROM log ORDER BY rowid")) {
            while (rows.next()) {
                log.add(rows.getString(1));
            }
        }
        return log;
    }

    private static String randomStatement(Random random) {
        String[] spaces = {" ", "\n", "\t", "/* ; ' \" [ */", "-- ; ' \" [\n", "\f ", "/**/", "/*/ ;*/"};
        String[] values = {
            "'a;b'",
            "'it''s;'",
            "x'3b27'",
            "\"a;\"",
            "'--'",
            "'/*'",
            "5 - -3",
            "6/ 2",
            ":p",
            "@p::q",
            "?7",
            "$r(;)",
            "1e3",
            "'[' || ']'",
            "(SELECT 'x;' AS [y;'])",
            "(SELECT `z``;` FROM (SELECT 1 AS `z``;`))",
            "CASE 1 WHEN 1 THEN 'e' END"
        };
        StringBuilder sql = new StringBuilder();
        if (random.nextInt(4) == 0) {
            sql.append("CREATE").append(pick(random, spaces));
            sql.append("TEMP ".repeat(random.nextInt(2)))
                    .append("TRIGGER IF NOT EXISTS r")
                    .append(random.nextInt(1000));
            sql.append(" AFTER INSERT ON log WHEN NEW.x = 'never' BEGIN").append(pick(random, spaces));
            for (int i = random.nextInt(3); i >= 0; i--) {
                sql.append("INSERT INTO log VALUES (CASE 1 WHEN 1 THEN 'end;' END)")
                        .append(pick(random, spaces))
                        .append(';');
            }
            sql.append(pick(random, spaces))
                    .append("END")
                    .append(pick(random, spaces))
                    .append(";");
        } else {
            sql.append("INSERT INTO").append(pick(random, spaces)).append("log VALUES (");
            String value = pick(random, values);
            // A double-quoted string that names no column is a string to SQLite.
            sql.append(value.equals("\"a;\"") ? "'a;'" : value)
                    .append(pick(random, spaces))
                    .append(")");
            sql.append(pick(random, spaces)).append(";".repeat(1 + random.nextInt(2)));
        }
        return sql.append(pick(random, spaces)).toString();
    }

    private static String randomText(Random random) {
        StringBuilder sql = new StringBuilder();
        for (int n = random.nextInt(14); n > 0; n--) {
            sql.append(pick(random, PIECES));
            if (random.nextBoolean()) {
                sql.append(' ');
            }
        }
        return sql.toString();
    }

    private static String pick(Random random, String[] from) {
        return from[random.nextInt(from.length)];
    }

    private static List<Token> tokens(String sql) {
        List<Token> tokens = new ArrayList<>();
        SqlTokenizer tokenizer = new SqlTokenizer(sql);
        while (tokenizer.next() != Token.END) {
            tokens.add(tokenizer.token());
        }
        return tokens;
    }
}
