package dev.satchel.spring.data;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import org.springframework.core.convert.converter.Converter;
import org.springframework.data.convert.ReadingConverter;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.relational.core.dialect.AbstractDialect;
import org.springframework.data.relational.core.dialect.IdGeneration;
import org.springframework.data.relational.core.dialect.LimitClause;
import org.springframework.data.relational.core.dialect.LockClause;
import org.springframework.data.relational.core.sql.IdentifierProcessing;
import org.springframework.data.relational.core.sql.IdentifierProcessing.LetterCasing;
import org.springframework.data.relational.core.sql.IdentifierProcessing.Quoting;
import org.springframework.data.relational.core.sql.LockOptions;

/** SQLite for Spring Data JDBC, which has no dialect of its own for it. Immutable. */
public final class SqliteDialect extends AbstractDialect implements JdbcDialect {
    /** The only one needed. */
    public static final SqliteDialect INSTANCE = new SqliteDialect();

    private SqliteDialect() {}

    @Override
    public String getName() {
        return "SQLite";
    }

    @Override
    public IdentifierProcessing getIdentifierProcessing() {
        return IdentifierProcessing.create(new Quoting("\""), LetterCasing.AS_IS);
    }

    @Override
    public LimitClause limit() {
        return Limit.INSTANCE;
    }

    /** None: a transaction that writes has the whole database to itself. */
    @Override
    public LockClause lock() {
        return NoLock.INSTANCE;
    }

    @Override
    public IdGeneration getIdGeneration() {
        return Keys.INSTANCE;
    }

    /** SQLite has neither booleans nor dates: the driver stores them as numbers. */
    @Override
    public Collection<Object> getConverters() {
        return List.of(
                NumberToBoolean.INSTANCE,
                NumberToInstant.INSTANCE,
                NumberToLocalDateTime.INSTANCE,
                NumberToLocalDate.INSTANCE);
    }

    private enum Limit implements LimitClause {
        INSTANCE;

        @Override
        public String getLimit(long limit) {
            return "LIMIT " + limit;
        }

        @Override
        public String getOffset(long offset) {
            return "LIMIT -1 OFFSET " + offset;
        }

        @Override
        public String getLimitOffset(long limit, long offset) {
            return "LIMIT " + limit + " OFFSET " + offset;
        }

        @Override
        public LimitClause.Position getClausePosition() {
            return LimitClause.Position.AFTER_ORDER_BY;
        }
    }

    private enum NoLock implements LockClause {
        INSTANCE;

        @Override
        public String getLock(LockOptions options) {
            return "";
        }

        @Override
        public LockClause.Position getClausePosition() {
            return LockClause.Position.AFTER_ORDER_BY;
        }
    }

    private enum Keys implements IdGeneration {
        INSTANCE;

        @Override
        public boolean supportedForBatchOperations() {
            return false;
        }

        @Override
        public boolean sequencesSupported() {
            return false;
        }
    }

    @ReadingConverter
    private enum NumberToBoolean implements Converter<Number, Boolean> {
        INSTANCE;

        @Override
        public Boolean convert(Number number) {
            return number.longValue() != 0;
        }
    }

    @ReadingConverter
    private enum NumberToInstant implements Converter<Number, Instant> {
        INSTANCE;

        @Override
        public Instant convert(Number number) {
            return Instant.ofEpochMilli(number.longValue());
        }
    }

    @ReadingConverter
    private enum NumberToLocalDateTime implements Converter<Number, LocalDateTime> {
        INSTANCE;

        @Override
        public LocalDateTime convert(Number number) {
            return LocalDateTime.ofInstant(Instant.ofEpochMilli(number.longValue()), ZoneId.systemDefault());
        }
    }

    @ReadingConverter
    private enum NumberToLocalDate implements Converter<Number, LocalDate> {
        INSTANCE;

        @Override
        public LocalDate convert(Number number) {
            return LocalDate.ofInstant(Instant.ofEpochMilli(number.longValue()), ZoneId.systemDefault());
        }
    }
}
