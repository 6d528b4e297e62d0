package dev.satchel.archive;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Values through JDBC without a change of any bit: text goes as the blob of its bytes, since a string would lose what is no
 * Unicode, and the class that SQLite has is asked for, since the driver guesses.
 */
final class Cells {
    /** Texts that are quoted in a {@link #key(List)}. */
    private static final Pattern MISTAKABLE =
            Pattern.compile("|NULL|NaN|-?Infinity|-?[0-9]+(\\.[0-9]+)?(E-?[0-9]+)?|.*[,'].*", Pattern.DOTALL);

    private Cells() {}

    /** A name in SQL. */
    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static String quoted(List<String> names) {
        return names.stream().map(Cells::quoted).collect(Collectors.joining(", "));
    }

    /** What to select to {@link #read} a column; takes two columns of the result. */
    static String selected(String expression) {
        return "typeof(" + expression + "), CASE typeof(" + expression + ") WHEN 'text' THEN CAST(" + expression
                + " AS BLOB) ELSE " + expression + " END";
    }

    /** The value that {@link #selected} put into two columns of a result, from the first of them. */
    static Cell read(ResultSet rows, int column) throws SQLException {
        String storageClass = rows.getString(column);
        return switch (storageClass) {
            case "null" -> Cell.NULL;
            case "integer" -> Cell.of(rows.getLong(column + 1));
            case "real" -> Cell.of(rows.getDouble(column + 1));
            case "text" -> Cell.text(bytes(rows, column + 1));
            case "blob" -> Cell.blob(bytes(rows, column + 1));
            default -> throw new SQLException("a value of class " + storageClass);
        };
    }

    /** So many values that {@link #selected} put into a result, from a column on. */
    static List<Cell> read(ResultSet rows, int first, int count) throws SQLException {
        List<Cell> cells = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            cells.add(read(rows, first + 2 * i));
        }
        return List.copyOf(cells);
    }

    private static byte[] bytes(ResultSet rows, int column) throws SQLException {
        byte[] bytes = rows.getBytes(column);
        return bytes == null ? new byte[0] : bytes;
    }

    /** What stands for a value in SQL; {@link #bind} gives it. */
    static String placeholder(Cell cell) {
        if (cell instanceof Cell.Text text) {
            return text.length() == 0 ? "''" : "CAST(? AS TEXT)";
        }
        if (cell instanceof Cell.Blob blob) {
            return blob.length() == 0 ? "x''" : "?";
        }
        return cell instanceof Cell.Null ? "NULL" : "?";
    }

    static String placeholders(List<Cell> cells) {
        return cells.stream().map(Cells::placeholder).collect(Collectors.joining(", "));
    }

    /** Gives the values that {@link #placeholder} left open, from a parameter on; the next parameter. */
    static int bind(PreparedStatement statement, int parameter, List<Cell> cells) throws SQLException {
        int next = parameter;
        for (Cell cell : cells) {
            if (cell instanceof Cell.Whole whole) {
                statement.setLong(next++, whole.value());
            } else if (cell instanceof Cell.Real real) {
                statement.setDouble(next++, real.value());
            } else if (cell instanceof Cell.Text text && text.length() > 0) {
                statement.setBytes(next++, text.raw());
            } else if (cell instanceof Cell.Blob blob && blob.length() > 0) {
                statement.setBytes(next++, blob.raw());
            }
        }
        return next;
    }

    /** A value for people: short, and never a whole text or blob. */
    static String told(Cell cell) {
        if (cell instanceof Cell.Whole whole) {
            return Long.toString(whole.value());
        }
        if (cell instanceof Cell.Real real) {
            return Double.toString(real.value());
        }
        if (cell instanceof Cell.Text text) {
            String string = text.string();
            return string.length() <= 40 ? string : string.substring(0, 40) + "…";
        }
        return cell instanceof Cell.Blob blob ? "a blob of " + blob.length() + " bytes" : "NULL";
    }

    /**
     * A key as text, exactly: no two keys have the same. Numbers are as SQL has them, a text as it is, and in quotes as SQL has it
     * where that could be taken for something else.
     */
    static String key(List<Cell> cells) {
        return cells.stream().map(Cells::key).collect(Collectors.joining(", "));
    }

    private static String key(Cell cell) {
        if (cell instanceof Cell.Whole whole) {
            return Long.toString(whole.value());
        }
        if (cell instanceof Cell.Real real) {
            return Double.toString(real.value());
        }
        if (cell instanceof Cell.Blob blob) {
            return "x'" + HexFormat.of().formatHex(blob.raw()) + "'";
        }
        if (cell instanceof Cell.Text text) {
            String string = text.string();
            if (!Cell.of(string).equals(text)) {
                return "CAST(x'" + HexFormat.of().formatHex(text.raw()) + "' AS TEXT)";
            }
            return MISTAKABLE.matcher(string).matches() ? "'" + string.replace("'", "''") + "'" : string;
        }
        return "NULL";
    }

    /** Whether a key is what somebody wrote who did not quote it: the only text of that kind. */
    static boolean isPlain(List<Cell> key, String text) {
        return key.size() == 1 && key.get(0).equals(Cell.of(text));
    }
}
