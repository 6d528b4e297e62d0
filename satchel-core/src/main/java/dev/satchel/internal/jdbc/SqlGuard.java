package dev.satchel.internal.jdbc;

import dev.satchel.internal.jdbc.SqlTokenizer.Token;
import dev.satchel.internal.replica.SessionSetting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells from its text what each SQL statement does to transactions, and which must not run at all.
 *
 * <p>It never decides whether something was written; the WAL tells that. In doubt a statement counts as writing, which
 * costs no more than the wait for the write lease. Thread-safe; remembers the texts it saw lately, bounded.
 */
public final class SqlGuard {
    /** A generation is forgotten when a newer one is full, so that at most twice as many texts are kept. */
    private static final int GENERATION = 512;

    private static final int REMEMBERED_LENGTH = 4 * 1024;

    private static final Set<String> READABLE_PRAGMAS = Set.of(
            "analysis_limit",
            "application_id",
            "auto_vacuum",
            "automatic_index",
            "busy_timeout",
            "cache_size",
            "cache_spill",
            "case_sensitive_like",
            "cell_size_check",
            "checkpoint_fullfsync",
            "collation_list",
            "compile_options",
            "data_version",
            "database_list",
            "defer_foreign_keys",
            "encoding",
            "foreign_key_check",
            "foreign_keys",
            "freelist_count",
            "fullfsync",
            "function_list",
            "hard_heap_limit",
            "ignore_check_constraints",
            "integrity_check",
            "journal_mode",
            "journal_size_limit",
            "legacy_alter_table",
            "legacy_file_format",
            "locking_mode",
            "max_page_count",
            "mmap_size",
            "module_list",
            "page_count",
            "page_size",
            "pragma_list",
            "query_only",
            "quick_check",
            "read_uncommitted",
            "recursive_triggers",
            "reverse_unordered_selects",
            "schema_version",
            "secure_delete",
            "soft_heap_limit",
            "synchronous",
            "table_list",
            "temp_store",
            "threads",
            "trusted_schema",
            "user_version",
            "wal_autocheckpoint",
            "writable_schema");

    /** Those whose argument says what to read, not what to change. */
    private static final Set<String> ASKING_PRAGMAS = Set.of(
            "foreign_key_check",
            "foreign_key_list",
            "index_info",
            "index_list",
            "index_xinfo",
            "integrity_check",
            "quick_check",
            "table_info",
            "table_list",
            "table_xinfo");

    private static final Map<String, SessionSetting> SETTINGS = settings();

    private static final String LOG_IS_OURS = "the write-ahead log is how changes are found and published";
    private static final String FIXED = "it is set once for every connection of the engine";
    private static final String LEAVE_OUT = "Leave the statement out.";

    private static final Map<String, String> WHY_REFUSED = Map.ofEntries(
            Map.entry("journal_mode", "a database always stays in WAL mode: " + LOG_IS_OURS + ". " + LEAVE_OUT),
            Map.entry(
                    "wal_checkpoint", LOG_IS_OURS + ", and only the engine knows when it may be merged. " + LEAVE_OUT),
            Map.entry("wal_autocheckpoint", LOG_IS_OURS + ", and only the engine may merge it. " + LEAVE_OUT),
            Map.entry("journal_size_limit", LOG_IS_OURS + ". " + LEAVE_OUT),
            Map.entry("locking_mode", "the engine needs several connections to a database. " + LEAVE_OUT),
            Map.entry(
                    "writable_schema",
                    "writing the schema table directly can corrupt the database. Use CREATE, ALTER and DROP."),
            Map.entry("mmap_size", "mapped pages would bypass how remote changes are applied. " + LEAVE_OUT),
            Map.entry("page_size", "the pages of all versions of a database have one size. " + LEAVE_OUT),
            Map.entry("query_only", "the engine uses it itself. Call Connection.setReadOnly(true)."),
            Map.entry("synchronous", "durability comes from publishing, not from the local disk. " + LEAVE_OUT),
            Map.entry("fullfsync", "durability comes from publishing, not from the local disk. " + LEAVE_OUT),
            Map.entry(
                    "checkpoint_fullfsync", "durability comes from publishing, not from the local disk. " + LEAVE_OUT),
            Map.entry("schema_version", "SQLite counts it to keep compiled statements right. Use user_version."),
            Map.entry("busy_timeout", "waiting for writers is done, and bounded, outside of SQLite. " + LEAVE_OUT),
            Map.entry("cache_size", FIXED + ", so that memory stays bounded. " + LEAVE_OUT),
            Map.entry("temp_store", FIXED + ". " + LEAVE_OUT),
            Map.entry("temp_store_directory", "it would change every database of the process. " + LEAVE_OUT),
            Map.entry("data_store_directory", "it would change every database of the process. " + LEAVE_OUT),
            Map.entry("soft_heap_limit", "it would change every database of the process. " + LEAVE_OUT),
            Map.entry("hard_heap_limit", "it would change every database of the process. " + LEAVE_OUT),
            Map.entry("auto_vacuum", "it is chosen when a database is made. " + LEAVE_OUT),
            Map.entry("encoding", "it is chosen when a database is made. " + LEAVE_OUT),
            Map.entry("read_uncommitted", "transactions are serializable, and there is no shared cache. " + LEAVE_OUT));

    private volatile Map<String, SqlScript> young = new ConcurrentHashMap<>();
    private volatile Map<String, SqlScript> old = Map.of();

    /** Cuts the text into statements and classifies each. Never throws for what is in the text. */
    SqlScript check(String sql) {
        SqlScript known = young.get(sql);
        if (known != null) {
            known.markSeenAgain();
            return known;
        }
        known = old.get(sql);
        SqlScript script = known != null ? known : new SqlScript(split(sql));
        if (known != null) {
            known.markSeenAgain();
        }
        if (sql.length() <= REMEMBERED_LENGTH) {
            remember(sql, script);
        }
        return script;
    }

    private void remember(String sql, SqlScript script) {
        Map<String, SqlScript> generation = young;
        if (generation.size() >= GENERATION) {
            generation = new ConcurrentHashMap<>();
            old = young;
            young = generation;
        }
        generation.put(sql, script);
    }

    private static List<SqlStatement> split(String sql) {
        String malformed = malformed(sql);
        if (malformed != null) {
            return List.of(new SqlStatement.Builder(sql).refused(malformed).build());
        }
        List<SqlStatement> statements = new ArrayList<>();
        SqlTokenizer tokenizer = new SqlTokenizer(sql);
        Tokens tokens = new Tokens(sql);
        while (true) {
            Token token = tokenizer.next();
            if (token == Token.END || token == Token.SEMICOLON && !tokens.insideTrigger()) {
                if (!tokens.isEmpty()) {
                    statements.add(classify(tokens));
                    tokens = new Tokens(sql);
                }
                if (token == Token.END) {
                    return statements;
                }
            } else {
                tokens.add(token, tokenizer.start(), tokenizer.end());
            }
        }
    }

    /** The two things that SQLite would read differently than Java has them. */
    private static @Nullable String malformed(String sql) {
        for (int i = 0; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c == 0) {
                return "The SQL text contains a NUL character, where SQLite stops reading. Pass such values as parameters.";
            }
            if (Character.isSurrogate(c)) {
                if (Character.isHighSurrogate(c)
                        && i + 1 < sql.length()
                        && Character.isLowSurrogate(sql.charAt(i + 1))) {
                    i++;
                } else {
                    return "The SQL text is not well-formed Unicode: there is half a surrogate pair at offset " + i
                            + '.';
                }
            }
        }
        return null;
    }

    private static SqlStatement classify(Tokens tokens) {
        SqlStatement.Builder statement = new SqlStatement.Builder(tokens.text()).offset(tokens.offset());
        if (tokens.calls("load_extension")) {
            return statement
                    .refused("load_extension() is refused: native code would run inside the server for every user. "
                            + "What SQLite has built in (FTS5, R*Tree, JSON, math functions) needs no extension.")
                    .build();
        }
        if (tokens.type(0) != Token.WORD) {
            return statement.build();
        }
        return switch (tokens.upper(0)) {
            case "SELECT", "VALUES" -> statement.kind(tokens.reading()).build();
            case "EXPLAIN" -> statement.kind(StatementKind.READ).build();
            case "WITH" -> classifyVerb(tokens, tokens.mainVerb(), statement);
            case "INSERT", "REPLACE", "UPDATE", "DELETE" -> classifyVerb(tokens, 0, statement);
            case "CREATE" ->
                statement
                        .kind(StatementKind.SCHEMA)
                        .temporary(tokens.names("TEMP") || tokens.names("TEMPORARY"))
                        .build();
            case "DROP", "ALTER", "ANALYZE", "REINDEX" ->
                statement.kind(StatementKind.SCHEMA).deletes(tokens.has("DROP")).build();
            case "BEGIN" -> control(tokens, statement, StatementKind.BEGIN);
            case "COMMIT", "END" -> control(tokens, statement, StatementKind.COMMIT);
            case "ROLLBACK" ->
                control(tokens, statement, tokens.has("TO") ? StatementKind.ROLLBACK_TO : StatementKind.ROLLBACK);
            case "SAVEPOINT" -> statement.kind(StatementKind.SAVEPOINT).build();
            case "RELEASE" -> statement.kind(StatementKind.RELEASE).build();
            case "PRAGMA" -> pragma(tokens, statement);
            case "VACUUM" ->
                tokens.has("INTO")
                        ? statement
                                .refused("VACUUM INTO is refused: it writes a file outside of the user's replica. "
                                        + "Export a version with Satchel instead; it is a plain SQLite file.")
                                .build()
                        : statement.kind(StatementKind.VACUUM).build();
            case "ATTACH" ->
                statement
                        .refused("ATTACH is refused: it would reach files outside of the user's replica, whose changes "
                                + "would not be published. Open the other database as a session of its own.")
                        .build();
            case "DETACH" ->
                statement
                        .refused("DETACH is refused: no database can be attached. " + LEAVE_OUT)
                        .build();
            case "BACKUP" ->
                statement
                        .refused("'backup to' is refused: it writes a file outside of the user's replica. "
                                + "Export a version with Satchel instead; it is a plain SQLite file.")
                        .build();
            case "RESTORE" ->
                statement
                        .refused("'restore from' is refused: it replaces the replica behind the engine's back. "
                                + "Restore a version with Satchel instead.")
                        .build();
            default -> statement.build();
        };
    }

    private static SqlStatement classifyVerb(Tokens tokens, int verb, SqlStatement.Builder statement) {
        if (verb >= 0) {
            String word = tokens.upper(verb);
            if (word.equals("SELECT") || word.equals("VALUES")) {
                return statement.kind(tokens.reading()).build();
            }
            if (word.equals("INSERT") || word.equals("REPLACE")) {
                statement.insert();
            }
            statement.deletes(word.equals("DELETE"));
        }
        return statement
                .kind(StatementKind.WRITE)
                .returning(tokens.has("RETURNING"))
                .build();
    }

    /** BEGIN, COMMIT and ROLLBACK are not passed on to SQLite, so that their form is checked here. */
    private static SqlStatement control(Tokens tokens, SqlStatement.Builder statement, StatementKind kind) {
        int i = 1;
        if (kind == StatementKind.BEGIN
                && (tokens.word(i, "DEFERRED") || tokens.word(i, "IMMEDIATE") || tokens.word(i, "EXCLUSIVE"))) {
            i++;
        }
        if (tokens.word(i, "TRANSACTION")) {
            i++;
            if (i < tokens.size() && tokens.isName(i) && !tokens.word(i, "TO")) {
                i++;
            }
        }
        if (kind == StatementKind.ROLLBACK_TO) {
            // SQLite itself runs it.
            return statement.kind(kind).build();
        }
        if (i < tokens.size()) {
            return statement
                    .refused("'" + tokens.upper(0) + "' cannot be followed by '" + tokens.text(i) + "' here.")
                    .build();
        }
        return statement.kind(kind).build();
    }

    private static SqlStatement pragma(Tokens tokens, SqlStatement.Builder statement) {
        int at = tokens.type(2) == Token.DOT ? 3 : 1;
        if (!tokens.isName(at)) {
            return statement.build();
        }
        String name = tokens.name(at).toLowerCase(Locale.ROOT);
        boolean argument = at + 1 < tokens.size();
        if (!argument && READABLE_PRAGMAS.contains(name) || argument && ASKING_PRAGMAS.contains(name)) {
            return statement.kind(StatementKind.READ).build();
        }
        SessionSetting setting = SETTINGS.get(name);
        if (argument && setting != null) {
            return statement.setting(setting).build();
        }
        if (argument && (name.equals("user_version") || name.equals("application_id")) || name.equals("optimize")) {
            return statement.kind(StatementKind.SCHEMA).build();
        }
        if (name.equals("incremental_vacuum")) {
            return statement.kind(StatementKind.SCHEMA).runsInSteps().build();
        }
        if (name.equals("shrink_memory")) {
            return statement.kind(StatementKind.LOCAL).build();
        }
        String why = WHY_REFUSED.get(name);
        return statement
                .refused("PRAGMA " + name + (argument ? " with a value" : "") + " is refused: "
                        + (why != null
                                ? why
                                : "only PRAGMAs known to be harmless to the engine are let through. " + LEAVE_OUT))
                .build();
    }

    private static Map<String, SessionSetting> settings() {
        Map<String, SessionSetting> settings = new HashMap<>();
        for (SessionSetting setting : SessionSetting.values()) {
            settings.put(setting.name().toLowerCase(Locale.ROOT), setting);
        }
        return Map.copyOf(settings);
    }

    /** The tokens of one statement. */
    private static final class Tokens {
        private final String sql;
        private Token[] types = new Token[32];
        private int[] starts = new int[32];
        private int[] ends = new int[32];
        private int size;

        Tokens(String sql) {
            this.sql = sql;
        }

        void add(Token type, int start, int end) {
            if (size == types.length) {
                types = Arrays.copyOf(types, size * 2);
                starts = Arrays.copyOf(starts, size * 2);
                ends = Arrays.copyOf(ends, size * 2);
            }
            types[size] = type;
            starts[size] = start;
            ends[size] = end;
            size++;
        }

        int size() {
            return size;
        }

        boolean isEmpty() {
            return size == 0;
        }

        int offset() {
            return starts[0];
        }

        /** From the first token to the last: what sqlite-jdbc looks for in front of a statement must not be hidden from it. */
        String text() {
            return sql.substring(starts[0], ends[size - 1]);
        }

        Token type(int index) {
            return index < size ? types[index] : Token.END;
        }

        String text(int index) {
            return sql.substring(starts[index], ends[index]);
        }

        String upper(int index) {
            return text(index).toUpperCase(Locale.ROOT);
        }

        /** Whether the token is this keyword, in any case of ASCII letters, which is all that SQLite folds. */
        boolean word(int index, String keyword) {
            if (type(index) != Token.WORD || ends[index] - starts[index] != keyword.length()) {
                return false;
            }
            for (int i = 0; i < keyword.length(); i++) {
                char c = sql.charAt(starts[index] + i);
                if ((c >= 'a' && c <= 'z' ? c - 32 : c) != keyword.charAt(i)) {
                    return false;
                }
            }
            return true;
        }

        boolean has(String keyword) {
            for (int i = 0; i < size; i++) {
                if (word(i, keyword)) {
                    return true;
                }
            }
            return false;
        }

        boolean isName(int index) {
            Token type = type(index);
            return type == Token.WORD || type == Token.QUOTED_NAME || type == Token.STRING;
        }

        /** The identifier without its quotes. */
        String name(int index) {
            String text = text(index);
            if (types[index] == Token.WORD) {
                return text;
            }
            char quote = text.charAt(0);
            String inner = text.substring(1, text.length() - 1);
            return quote == '[' ? inner : inner.replace(String.valueOf(quote).repeat(2), String.valueOf(quote));
        }

        /** Whether the identifier occurs, quoted or not. */
        boolean names(String upper) {
            for (int i = 0; i < size; i++) {
                if (isName(i) && ends[i] - starts[i] <= upper.length() + 2 && name(i).equalsIgnoreCase(upper)) {
                    return true;
                }
            }
            return false;
        }

        boolean calls(String function) {
            for (int i = 0; i + 1 < size; i++) {
                if (types[i + 1] == Token.OPEN
                        && (types[i] == Token.WORD || types[i] == Token.QUOTED_NAME)
                        && ends[i] - starts[i] <= function.length() + 2
                        && name(i).equalsIgnoreCase(function)) {
                    return true;
                }
            }
            return false;
        }

        /** FTS3's optimize() is the one function that writes from within a SELECT. */
        StatementKind reading() {
            return calls("optimize") ? StatementKind.WRITE : StatementKind.READ;
        }

        /**
         * Whether a semicolon at this point belongs to the body of a CREATE TRIGGER: it does until one follows an END that
         * itself follows a semicolon, for no statement of the body can start with END.
         */
        boolean insideTrigger() {
            int i = 0;
            if (word(0, "EXPLAIN")) {
                i = word(1, "QUERY") && word(2, "PLAN") ? 3 : 1;
            }
            if (!word(i, "CREATE")) {
                return false;
            }
            i++;
            if (word(i, "TEMP") || word(i, "TEMPORARY")) {
                i++;
            }
            if (!word(i, "TRIGGER")) {
                return false;
            }
            return !(size >= 2 && word(size - 1, "END") && types[size - 2] == Token.SEMICOLON);
        }

        /** Index of the verb after the common table expressions of a WITH, or -1 if it is not built like one. */
        int mainVerb() {
            int i = 1;
            // RECURSIVE can be a name, too.
            if (word(i, "RECURSIVE") && !word(i + 1, "AS") && type(i + 1) != Token.OPEN) {
                i++;
            }
            while (true) {
                if (!isName(i)) {
                    return -1;
                }
                i++;
                if (type(i) == Token.OPEN) {
                    i = afterParentheses(i);
                }
                if (!word(i, "AS")) {
                    return -1;
                }
                i++;
                if (word(i, "NOT")) {
                    i++;
                }
                if (word(i, "MATERIALIZED")) {
                    i++;
                }
                if (type(i) != Token.OPEN) {
                    return -1;
                }
                i = afterParentheses(i);
                if (type(i) != Token.COMMA) {
                    return type(i) == Token.WORD ? i : -1;
                }
                i++;
            }
        }

        private int afterParentheses(int open) {
            int depth = 0;
            for (int i = open; i < size; i++) {
                if (types[i] == Token.OPEN) {
                    depth++;
                } else if (types[i] == Token.CLOSE && --depth == 0) {
                    return i + 1;
                }
            }
            return size;
        }
    }
}
