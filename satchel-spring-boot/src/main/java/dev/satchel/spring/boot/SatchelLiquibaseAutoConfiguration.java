package dev.satchel.spring.boot;

import dev.satchel.SchemaMigration;
import dev.satchel.spring.SatchelDataSource;
import dev.satchel.spring.schema.LiquibaseSchema;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import liquibase.integration.spring.SpringLiquibase;
import liquibase.integration.spring.SpringResourceAccessor;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.ResourceLoader;

/** Lets Liquibase, as Boot configures it, update each user's database when it is first used, and none at the start. */
@AutoConfiguration(
        after = {SatchelDataSourceAutoConfiguration.class, SatchelFlywayAutoConfiguration.class},
        afterName = "org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration")
@ConditionalOnClass({SpringLiquibase.class, LiquibaseProperties.class})
@ConditionalOnBean({SpringLiquibase.class, LiquibaseProperties.class, SatchelDataSource.class})
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnMissingBean(SchemaMigration.class)
public final class SatchelLiquibaseAutoConfiguration {

    @Bean
    LiquibaseSchema satchelLiquibaseSchema(LiquibaseProperties properties, ResourceLoader resources) {
        refuse(properties.isDropFirst(), "drop-first");
        refuse(properties.isTestRollbackOnUpdate(), "test-rollback-on-update");
        refuse(properties.getRollbackFile() != null, "rollback-file");
        refuse(properties.getTag() != null, "tag");
        Map<String, String> parameters = properties.getParameters();
        return new LiquibaseSchema(
                new LiquibaseSchema.Settings(
                        properties.getChangeLog(),
                        joined(properties.getContexts()),
                        joined(properties.getLabelFilter()),
                        parameters == null ? Map.of() : parameters,
                        properties.getDatabaseChangeLogTable(),
                        properties.getDatabaseChangeLogLockTable()),
                new SpringResourceAccessor(resources));
    }

    /** At the start there is no database to update. */
    @Bean
    static BeanPostProcessor satchelLiquibaseAtStart() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessBeforeInitialization(Object bean, String name) {
                if (bean instanceof SpringLiquibase liquibase
                        && liquibase.getDataSource() instanceof SatchelDataSource) {
                    liquibase.setShouldRun(false);
                }
                return bean;
            }
        };
    }

    /** A change log that cannot be used stops the start, not the first user. */
    @Bean
    SmartInitializingSingleton satchelLiquibaseSchemaCheck(LiquibaseSchema schema) {
        return schema::targetVersion;
    }

    private static @Nullable String joined(@Nullable List<String> names) {
        return names == null ? null : String.join(",", names);
    }

    private static void refuse(boolean set, String property) {
        if (set) {
            throw new IllegalArgumentException("spring.liquibase." + property
                    + " cannot be used with a database for each user: remove it, or set spring.liquibase.enabled=false and"
                    + " provide a SchemaMigration bean");
        }
    }
}
