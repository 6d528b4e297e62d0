package dev.satchel.spring.data;

import java.sql.DatabaseMetaData;
import java.util.Optional;
import org.springframework.data.jdbc.core.dialect.DialectResolver.JdbcDialectProvider;
import org.springframework.data.relational.core.dialect.Dialect;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;

/** Answers Spring Data JDBC's question for a dialect if the database is SQLite. Found through {@code spring.factories}. */
public final class SqliteDialectProvider implements JdbcDialectProvider {
    private static final String PRODUCT = "SQLite";

    /** For {@code spring.factories}. */
    public SqliteDialectProvider() {}

    @Override
    public Optional<Dialect> getDialect(JdbcOperations operations) {
        String product = operations.execute((ConnectionCallback<String>) connection -> {
            DatabaseMetaData metaData = connection.getMetaData();
            return metaData.getDatabaseProductName();
        });
        return PRODUCT.equals(product) ? Optional.of(SqliteDialect.INSTANCE) : Optional.empty();
    }
}
