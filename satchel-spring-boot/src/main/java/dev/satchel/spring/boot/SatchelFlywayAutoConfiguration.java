package dev.satchel.spring.boot;

import dev.satchel.SchemaMigration;
import dev.satchel.spring.SatchelDataSource;
import dev.satchel.spring.schema.FlywaySchema;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;

/** Lets Flyway, as Boot configures it, migrate each user's database when it is first used, and none at the start. */
@AutoConfiguration(
        after = SatchelDataSourceAutoConfiguration.class,
        afterName = "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration")
@ConditionalOnClass({Flyway.class, FlywayMigrationStrategy.class})
@ConditionalOnBean({Flyway.class, SatchelDataSource.class})
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnMissingBean({SchemaMigration.class, FlywayMigrationStrategy.class})
public final class SatchelFlywayAutoConfiguration {

    @Bean
    FlywaySchema satchelFlywaySchema(ObjectProvider<Flyway> flyway) {
        // Asked for later: Flyway needs the DataSource, which needs Satchel, which needs this.
        return new FlywaySchema(() -> flyway.getObject().getConfiguration());
    }

    @Bean
    FlywayMigrationStrategy satchelFlywayMigrationStrategy() {
        return flyway -> {
            if (!(flyway.getConfiguration().getDataSource() instanceof SatchelDataSource)) {
                flyway.migrate();
            }
        };
    }

    /** Migrations that cannot be used stop the start, not the first user. */
    @Bean
    SmartInitializingSingleton satchelFlywaySchemaCheck(FlywaySchema schema) {
        return schema::targetVersion;
    }
}
