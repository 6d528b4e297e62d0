package dev.satchel.spring.boot;

import dev.satchel.spring.NoCurrentUserException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains that something used the DataSource while the application started. */
final class NoCurrentUserFailureAnalyzer extends AbstractFailureAnalyzer<NoCurrentUserException> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoCurrentUserException cause) {
        return new FailureAnalysis(
                "Something ran a statement on the DataSource while the application started. There is one database for each user,"
                        + " and at that time there is no user.",
                "Make schemas with a SchemaMigration bean, or with Flyway or Liquibase if there is none: they run for each user"
                        + " when their database is first used. Switch off what wants one shared database (spring.sql.init, JDBC"
                        + " sessions, Quartz, Batch, Flyway or Liquibase beside a SchemaMigration bean), or"
                        + " give it a DataSource of its own and set satchel.data-source.enabled=false if that is to be the"
                        + " application's main one.",
                cause);
    }
}
