/**
 * Schemas from Flyway's or Liquibase's migrations, for each user when their database is first used:
 * {@link dev.satchel.spring.schema.FlywaySchema}, {@link dev.satchel.spring.schema.LiquibaseSchema}. Both libraries are optional.
 * Knows nothing of auto-configuration. Thread-safe.
 */
@NullMarked
package dev.satchel.spring.schema;

import org.jspecify.annotations.NullMarked;
