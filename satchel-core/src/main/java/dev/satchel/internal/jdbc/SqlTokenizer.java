package dev.satchel.internal.jdbc;

/**
 * Cuts SQL into tokens exactly where SQLite does (tokenize.c), so that a text never means one thing here and another there.
 *
 * <p>Forward-only: {@link #next} moves to the next token, skipping white space and comments. Confined to one thread. It
 * never throws; what SQLite calls an illegal token is {@link Token#OTHER}.
 */
final class SqlTokenizer {
    enum Token {
        /** An unquoted identifier or keyword. */
        WORD,
        /** An identifier in double quotes, back quotes or brackets. */
        QUOTED_NAME,
        STRING,
        PARAMETER,
        SEMICOLON,
        OPEN,
        CLOSE,
        COMMA,
        DOT,
        EQUALS,
        /** Numbers, blobs, operators, and what SQLite will complain about. */
        OTHER,
        END
    }

    private final String sql;
    private Token token = Token.END;
    private int start;
    private int end;

    SqlTokenizer(String sql) {
        this.sql = sql;
    }

    Token token() {
        return token;
    }

    /** Offset of the token's first character. */
    int start() {
        return start;
    }

    /** Offset after the token's last character. */
    int end() {
        return end;
    }

    Token next() {
        start = skipSpaceAndComments(end);
        if (start >= sql.length()) {
            end = start;
            token = Token.END;
        } else {
            end = start + 1;
            token = scan(sql.charAt(start));
        }
        return token;
    }

    private int skipSpaceAndComments(int from) {
        int i = from;
        while (true) {
            char c = at(i);
            if (isSpace(c) || c == '\uFEFF') {
                i++;
            } else if (c == '-' && at(i + 1) == '-') {
                int newline = sql.indexOf('\n', i);
                i = newline < 0 ? sql.length() : newline;
            } else if (c == '/' && at(i + 1) == '*' && i + 2 < sql.length()) {
                int close = sql.indexOf("*/", i + 2);
                i = close < 0 ? sql.length() : close + 2;
            } else {
                return i;
            }
        }
    }

    private Token scan(char c) {
        return switch (c) {
            case ';' -> Token.SEMICOLON;
            case '(' -> Token.OPEN;
            case ')' -> Token.CLOSE;
            case ',' -> Token.COMMA;
            case '.' -> Token.DOT;
            case '=' -> Token.EQUALS;
            case '\'' -> quoted(c) ? Token.STRING : Token.OTHER;
            case '"', '`' -> quoted(c) ? Token.QUOTED_NAME : Token.OTHER;
            case '[' -> bracketed() ? Token.QUOTED_NAME : Token.OTHER;
            case '?' -> numbered();
            case '$', '@', ':', '#' -> variable();
            default -> word(c);
        };
    }

    private Token word(char c) {
        if ((c == 'x' || c == 'X') && at(end) == '\'') {
            return blob();
        }
        if (!isNamePart(c)) {
            return Token.OTHER;
        }
        // A number takes whatever sticks to it; nothing that matters here can be inside.
        boolean number = isDigit(c);
        while (isNamePart(at(end)) || number && at(end) == '.') {
            end++;
        }
        return number ? Token.OTHER : Token.WORD;
    }

    private Token numbered() {
        while (isDigit(at(end))) {
            end++;
        }
        return Token.PARAMETER;
    }

    private boolean quoted(char delimiter) {
        while (end < sql.length()) {
            if (sql.charAt(end++) == delimiter) {
                if (at(end) != delimiter) {
                    return true;
                }
                end++;
            }
        }
        return false;
    }

    private boolean bracketed() {
        int close = sql.indexOf(']', end);
        end = close < 0 ? sql.length() : close + 1;
        return close >= 0;
    }

    private Token blob() {
        int close = sql.indexOf('\'', end + 1);
        end = close < 0 ? sql.length() : close + 1;
        return Token.OTHER;
    }

    /** {@code :name}, {@code @name}, {@code #name}, {@code $name}, with Tcl's {@code ::} and {@code (suffix)}. */
    private Token variable() {
        int nameParts = 0;
        while (true) {
            char c = at(end);
            if (isNamePart(c)) {
                nameParts++;
                end++;
            } else if (c == ':' && at(end + 1) == ':') {
                end += 2;
            } else if (c == '(' && nameParts > 0) {
                do {
                    end++;
                } while (end < sql.length() && !isSpace(at(end)) && at(end) != ')');
                if (at(end) != ')') {
                    return Token.OTHER;
                }
                end++;
                return Token.PARAMETER;
            } else {
                return nameParts > 0 ? Token.PARAMETER : Token.OTHER;
            }
        }
    }

    private char at(int index) {
        return index < sql.length() ? sql.charAt(index) : '\0';
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNamePart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || isDigit(c) || c == '$' || c >= 0x80;
    }
}
