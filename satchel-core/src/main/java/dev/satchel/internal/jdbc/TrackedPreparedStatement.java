package dev.satchel.internal.jdbc;

import dev.satchel.internal.replica.CompiledStatement;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One statement compiled once, run often. Parameters are kept here and bound at each run, so that they outlive the compiled
 * statement, which the driver drops on most errors. One that was never set is NULL.
 *
 * <p>Values are stored as the driver stores them: dates and times as milliseconds since 1970, decimals as text.
 */
final class TrackedPreparedStatement extends TrackedStatement implements PreparedStatement {
    private static final @Nullable Object[] NO_VALUES = {};

    private final SqlStatement statement;
    private final GeneratedKeyRequest request;
    private final Rows updateRows;
    private @Nullable CompiledStatement compiled;
    private final @Nullable Object[] values;
    private @Nullable List<@Nullable Object[]> batch;

    TrackedPreparedStatement(TrackedConnection connection, SqlStatement statement, GeneratedKeyRequest request)
            throws SQLException {
        super(connection);
        this.statement = statement;
        this.request = request;
        if (addsReturning()) {
            this.updateRows = request.rows();
        } else {
            this.updateRows = request.appliesTo(statement) ? Rows.KEYS : Rows.IGNORED;
        }
        try {
            int parameters = isControl(statement) ? 0 : compiled().parameterCount();
            values = parameters == 0 ? NO_VALUES : new @Nullable Object[parameters];
        } catch (SQLException | RuntimeException e) {
            closeQuietly();
            throw e;
        }
    }

    private CompiledStatement compiled() throws SQLException {
        CompiledStatement current = compiled;
        if (current != null && current.isUsable()) {
            return current;
        }
        releaseCompiled();
        current = addsReturning() ? compileForKeys(statement, request) : connection.compile(statement.sql());
        compiled = current;
        return current;
    }

    private boolean addsReturning() {
        return request.appliesTo(statement) && !statement.returning();
    }

    @Override
    void releaseCompiled() {
        CompiledStatement current = compiled;
        if (current != null) {
            compiled = null;
            connection.giveBack(current, true);
        }
    }

    // ---- running

    @Override
    public boolean execute() throws SQLException {
        begin();
        if (isControl(statement)) {
            connection.control(statement);
            noResult();
            return false;
        }
        runWith(values, addsReturning() ? updateRows : Rows.RESULT);
        return getResultSet() != null;
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
        begin();
        if (isControl(statement) || compiled().columnCount() == 0 || addsReturning()) {
            throw givesNoRows();
        }
        ResultSet rows = runWith(values, Rows.RESULT);
        if (rows == null) {
            throw givesNoRows();
        }
        return rows;
    }

    @Override
    public int executeUpdate() throws SQLException {
        return toInt(executeLargeUpdate());
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
        begin();
        if (statement.kind() == StatementKind.READ) {
            throw givesRows();
        }
        if (isControl(statement)) {
            connection.control(statement);
            noResult();
            return 0;
        }
        runWith(values, updateRows);
        return getLargeUpdateCount();
    }

    private void begin() throws SQLException {
        requireOpen();
        forgetResult();
    }

    private @Nullable ResultSet runWith(@Nullable Object[] parameters, Rows use) throws SQLException {
        CompiledStatement current = compiled();
        PreparedStatement driver = current.statement();
        for (int i = 0; i < parameters.length; i++) {
            driver.setObject(i + 1, parameters[i]);
        }
        return run(statement, current, use);
    }

    @Override
    public void addBatch() throws SQLException {
        requireOpen();
        if (batch == null) {
            batch = new ArrayList<>();
        }
        batch.add(values.clone());
    }

    @Override
    public void clearBatch() throws SQLException {
        requireOpen();
        batch = null;
    }

    @Override
    public long[] executeLargeBatch() throws SQLException {
        begin();
        List<@Nullable Object[]> entries = batch == null ? List.of() : batch;
        batch = null;
        long[] counts = new long[entries.size()];
        if (counts.length == 0) {
            return counts;
        }
        if (statement.kind() == StatementKind.READ) {
            throw batchFailure(0, counts, givesRows());
        }
        // One hold of the write lease for all of them, so that others do not write in between.
        boolean holding = statement.kind().writes() && !isControl(statement) && connection.enter(statement);
        try {
            for (int i = 0; i < counts.length; i++) {
                try {
                    if (isControl(statement)) {
                        connection.control(statement);
                    } else {
                        runWith(entries.get(i), updateRows);
                        counts[i] = getLargeUpdateCount();
                    }
                } catch (SQLException e) {
                    throw batchFailure(i, counts, e);
                }
            }
        } finally {
            if (holding) {
                connection.writeDone();
            }
        }
        noResult();
        return counts;
    }

    // ---- metadata

    @Override
    public @Nullable ResultSetMetaData getMetaData() throws SQLException {
        requireOpen();
        return isControl(statement) || addsReturning() ? null : compiled().metaData();
    }

    @Override
    public ParameterMetaData getParameterMetaData() throws SQLException {
        requireOpen();
        return new TrackedParameterMetaData(values.length);
    }

    // ---- parameters

    private void set(int parameterIndex, @Nullable Object value) throws SQLException {
        requireOpen();
        if (parameterIndex < 1 || parameterIndex > values.length) {
            throw new SQLException(
                    "Parameter " + parameterIndex + " does not exist: the statement has " + values.length + '.',
                    "07009");
        }
        values[parameterIndex - 1] = value;
    }

    @Override
    public void clearParameters() throws SQLException {
        requireOpen();
        Arrays.fill(values, null);
    }

    @Override
    public void setNull(int parameterIndex, int sqlType) throws SQLException {
        set(parameterIndex, null);
    }

    @Override
    public void setNull(int parameterIndex, int sqlType, String typeName) throws SQLException {
        set(parameterIndex, null);
    }

    @Override
    public void setBoolean(int parameterIndex, boolean x) throws SQLException {
        set(parameterIndex, x ? 1 : 0);
    }

    @Override
    public void setByte(int parameterIndex, byte x) throws SQLException {
        set(parameterIndex, (int) x);
    }

    @Override
    public void setShort(int parameterIndex, short x) throws SQLException {
        set(parameterIndex, (int) x);
    }

    @Override
    public void setInt(int parameterIndex, int x) throws SQLException {
        set(parameterIndex, x);
    }

    @Override
    public void setLong(int parameterIndex, long x) throws SQLException {
        set(parameterIndex, x);
    }

    @Override
    public void setFloat(int parameterIndex, float x) throws SQLException {
        set(parameterIndex, (double) x);
    }

    @Override
    public void setDouble(int parameterIndex, double x) throws SQLException {
        set(parameterIndex, x);
    }

    @Override
    public void setBigDecimal(int parameterIndex, @Nullable BigDecimal x) throws SQLException {
        set(parameterIndex, x == null ? null : x.toString());
    }

    @Override
    public void setString(int parameterIndex, @Nullable String x) throws SQLException {
        set(parameterIndex, x);
    }

    @Override
    public void setNString(int parameterIndex, @Nullable String value) throws SQLException {
        set(parameterIndex, value);
    }

    @Override
    public void setBytes(int parameterIndex, byte @Nullable [] x) throws SQLException {
        set(parameterIndex, x);
    }

    @Override
    public void setDate(int parameterIndex, @Nullable Date x) throws SQLException {
        setInstant(parameterIndex, x);
    }

    @Override
    public void setDate(int parameterIndex, @Nullable Date x, @Nullable Calendar cal) throws SQLException {
        setInstant(parameterIndex, x);
    }

    @Override
    public void setTime(int parameterIndex, @Nullable Time x) throws SQLException {
        setInstant(parameterIndex, x);
    }

    @Override
    public void setTime(int parameterIndex, @Nullable Time x, @Nullable Calendar cal) throws SQLException {
        setInstant(parameterIndex, x);
    }

    @Override
    public void setTimestamp(int parameterIndex, @Nullable Timestamp x) throws SQLException {
        setInstant(parameterIndex, x);
    }

    @Override
    public void setTimestamp(int parameterIndex, @Nullable Timestamp x, @Nullable Calendar cal) throws SQLException {
        setInstant(parameterIndex, x);
    }

    @SuppressWarnings("JavaUtilDate") // it is what JDBC gives
    private void setInstant(int parameterIndex, java.util.@Nullable Date x) throws SQLException {
        set(parameterIndex, x == null ? null : x.getTime());
    }

    @Override
    public void setObject(int parameterIndex, @Nullable Object x) throws SQLException {
        if (x == null || x instanceof String || x instanceof Integer || x instanceof Long || x instanceof Double) {
            set(parameterIndex, x);
        } else if (x instanceof byte[]) {
            set(parameterIndex, x);
        } else if (x instanceof Boolean b) {
            setBoolean(parameterIndex, b);
        } else if (x instanceof Short || x instanceof Byte) {
            setInt(parameterIndex, ((Number) x).intValue());
        } else if (x instanceof Float f) {
            setFloat(parameterIndex, f);
        } else if (x instanceof java.util.Date date) {
            setInstant(parameterIndex, date);
        } else if (x instanceof Calendar calendar) {
            setInstant(parameterIndex, calendar.getTime());
        } else if (x instanceof Blob blob) {
            setBlob(parameterIndex, blob);
        } else if (x instanceof Clob clob) {
            setClob(parameterIndex, clob);
        } else if (x instanceof InputStream stream) {
            setBinaryStream(parameterIndex, stream);
        } else if (x instanceof Reader reader) {
            setCharacterStream(parameterIndex, reader);
        } else {
            set(parameterIndex, x.toString());
        }
    }

    @Override
    public void setObject(int parameterIndex, @Nullable Object x, int targetSqlType) throws SQLException {
        setObject(parameterIndex, x);
    }

    @Override
    public void setObject(int parameterIndex, @Nullable Object x, int targetSqlType, int scaleOrLength)
            throws SQLException {
        setObject(parameterIndex, x);
    }

    @Override
    public void setObject(int parameterIndex, @Nullable Object x, SQLType targetSqlType) throws SQLException {
        setObject(parameterIndex, x);
    }

    @Override
    public void setObject(int parameterIndex, @Nullable Object x, SQLType targetSqlType, int scaleOrLength)
            throws SQLException {
        setObject(parameterIndex, x);
    }

    @Override
    public void setBinaryStream(int parameterIndex, @Nullable InputStream x) throws SQLException {
        setBinaryStream(parameterIndex, x, Long.MAX_VALUE);
    }

    @Override
    public void setBinaryStream(int parameterIndex, @Nullable InputStream x, int length) throws SQLException {
        setBinaryStream(parameterIndex, x, (long) length);
    }

    @Override
    public void setBinaryStream(int parameterIndex, @Nullable InputStream x, long length) throws SQLException {
        set(parameterIndex, x == null ? null : read(x, length));
    }

    @Override
    public void setBlob(int parameterIndex, @Nullable InputStream inputStream) throws SQLException {
        setBinaryStream(parameterIndex, inputStream);
    }

    @Override
    public void setBlob(int parameterIndex, @Nullable InputStream inputStream, long length) throws SQLException {
        setBinaryStream(parameterIndex, inputStream, length);
    }

    @Override
    public void setBlob(int parameterIndex, @Nullable Blob x) throws SQLException {
        setBinaryStream(parameterIndex, x == null ? null : x.getBinaryStream());
    }

    @Override
    public void setAsciiStream(int parameterIndex, @Nullable InputStream x) throws SQLException {
        setAsciiStream(parameterIndex, x, Long.MAX_VALUE);
    }

    @Override
    public void setAsciiStream(int parameterIndex, @Nullable InputStream x, int length) throws SQLException {
        setAsciiStream(parameterIndex, x, (long) length);
    }

    @Override
    public void setAsciiStream(int parameterIndex, @Nullable InputStream x, long length) throws SQLException {
        setDecoded(parameterIndex, x, length, StandardCharsets.US_ASCII);
    }

    @Override
    @Deprecated
    public void setUnicodeStream(int parameterIndex, @Nullable InputStream x, int length) throws SQLException {
        setDecoded(parameterIndex, x, length, StandardCharsets.UTF_8);
    }

    private void setDecoded(int parameterIndex, @Nullable InputStream x, long length, Charset charset)
            throws SQLException {
        set(parameterIndex, x == null ? null : new String(read(x, length), charset));
    }

    @Override
    public void setCharacterStream(int parameterIndex, @Nullable Reader reader) throws SQLException {
        setCharacterStream(parameterIndex, reader, Long.MAX_VALUE);
    }

    @Override
    public void setCharacterStream(int parameterIndex, @Nullable Reader reader, int length) throws SQLException {
        setCharacterStream(parameterIndex, reader, (long) length);
    }

    @Override
    public void setCharacterStream(int parameterIndex, @Nullable Reader reader, long length) throws SQLException {
        set(parameterIndex, reader == null ? null : read(reader, length));
    }

    @Override
    public void setNCharacterStream(int parameterIndex, @Nullable Reader value) throws SQLException {
        setCharacterStream(parameterIndex, value);
    }

    @Override
    public void setNCharacterStream(int parameterIndex, @Nullable Reader value, long length) throws SQLException {
        setCharacterStream(parameterIndex, value, length);
    }

    @Override
    public void setClob(int parameterIndex, @Nullable Reader reader) throws SQLException {
        setCharacterStream(parameterIndex, reader);
    }

    @Override
    public void setClob(int parameterIndex, @Nullable Reader reader, long length) throws SQLException {
        setCharacterStream(parameterIndex, reader, length);
    }

    @Override
    public void setClob(int parameterIndex, @Nullable Clob x) throws SQLException {
        setCharacterStream(parameterIndex, x == null ? null : x.getCharacterStream());
    }

    @Override
    public void setNClob(int parameterIndex, @Nullable Reader reader) throws SQLException {
        setCharacterStream(parameterIndex, reader);
    }

    @Override
    public void setNClob(int parameterIndex, @Nullable Reader reader, long length) throws SQLException {
        setCharacterStream(parameterIndex, reader, length);
    }

    @Override
    public void setNClob(int parameterIndex, @Nullable NClob value) throws SQLException {
        setClob(parameterIndex, value);
    }

    @Override
    public void setURL(int parameterIndex, @Nullable URL x) throws SQLException {
        set(parameterIndex, x == null ? null : x.toExternalForm());
    }

    @Override
    public void setSQLXML(int parameterIndex, @Nullable SQLXML xmlObject) throws SQLException {
        set(parameterIndex, xmlObject == null ? null : xmlObject.getString());
    }

    @Override
    public void setArray(int parameterIndex, Array x) throws SQLException {
        throw unsupported("SQLite has no arrays; use JSON and json_each()");
    }

    @Override
    public void setRef(int parameterIndex, Ref x) throws SQLException {
        throw unsupported("SQLite has no references");
    }

    @Override
    public void setRowId(int parameterIndex, RowId x) throws SQLException {
        throw unsupported("Use setLong with the value of the column rowid");
    }

    private static byte[] read(InputStream stream, long length) throws SQLException {
        try {
            return stream.readNBytes((int) Math.min(requireLength(length), Integer.MAX_VALUE));
        } catch (IOException e) {
            throw new SQLException("The stream given as a parameter could not be read.", "22000", e);
        }
    }

    private static String read(Reader reader, long length) throws SQLException {
        StringBuilder text = new StringBuilder();
        char[] buffer = new char[4096];
        long left = requireLength(length);
        try {
            while (left > 0) {
                int count = reader.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (count < 0) {
                    break;
                }
                text.append(buffer, 0, count);
                left -= count;
            }
        } catch (IOException e) {
            throw new SQLException("The reader given as a parameter could not be read.", "22000", e);
        }
        return text.toString();
    }

    private static long requireLength(long length) throws SQLException {
        if (length < 0) {
            throw new SQLException("The length must not be negative: " + length, "22023");
        }
        return length;
    }

    // ---- what a prepared statement must not be asked

    @Override
    public boolean execute(String sql) throws SQLException {
        throw prepared();
    }

    @Override
    public boolean execute(String sql, int autoGeneratedKeys) throws SQLException {
        throw prepared();
    }

    @Override
    public boolean execute(String sql, int[] columnIndexes) throws SQLException {
        throw prepared();
    }

    @Override
    public boolean execute(String sql, String[] columnNames) throws SQLException {
        throw prepared();
    }

    @Override
    public ResultSet executeQuery(String sql) throws SQLException {
        throw prepared();
    }

    @Override
    public long executeLargeUpdate(String sql) throws SQLException {
        throw prepared();
    }

    @Override
    public long executeLargeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
        throw prepared();
    }

    @Override
    public long executeLargeUpdate(String sql, int[] columnIndexes) throws SQLException {
        throw prepared();
    }

    @Override
    public long executeLargeUpdate(String sql, String[] columnNames) throws SQLException {
        throw prepared();
    }

    @Override
    public void addBatch(String sql) throws SQLException {
        throw prepared();
    }

    private static SQLException prepared() {
        return new SQLException("A prepared statement has its SQL already: call the method without a text.", "HY010");
    }

    private static SQLException unsupported(String what) {
        return new SQLFeatureNotSupportedException(what + '.', "0A000");
    }
}
