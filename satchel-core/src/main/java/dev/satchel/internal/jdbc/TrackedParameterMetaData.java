package dev.satchel.internal.jdbc;

import java.sql.ParameterMetaData;
import java.sql.SQLException;
import java.sql.Types;

/** What can be said of parameters: their number. SQLite takes a value of any type for each. Immutable. */
final class TrackedParameterMetaData implements ParameterMetaData {
    private final int count;

    TrackedParameterMetaData(int count) {
        this.count = count;
    }

    @Override
    public int getParameterCount() {
        return count;
    }

    @Override
    public int isNullable(int param) throws SQLException {
        requireParameter(param);
        return parameterNullableUnknown;
    }

    @Override
    public boolean isSigned(int param) throws SQLException {
        requireParameter(param);
        return true;
    }

    @Override
    public int getPrecision(int param) throws SQLException {
        requireParameter(param);
        return 0;
    }

    @Override
    public int getScale(int param) throws SQLException {
        requireParameter(param);
        return 0;
    }

    @Override
    public int getParameterType(int param) throws SQLException {
        requireParameter(param);
        return Types.VARCHAR;
    }

    @Override
    public String getParameterTypeName(int param) throws SQLException {
        requireParameter(param);
        return "VARCHAR";
    }

    @Override
    public String getParameterClassName(int param) throws SQLException {
        requireParameter(param);
        return Object.class.getName();
    }

    @Override
    public int getParameterMode(int param) throws SQLException {
        requireParameter(param);
        return parameterModeIn;
    }

    private void requireParameter(int param) throws SQLException {
        if (param < 1 || param > count) {
            throw new SQLException("Parameter " + param + " does not exist: the statement has " + count + '.', "07009");
        }
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new SQLException("Not a wrapper for " + type.getName(), "0A000");
    }
}
