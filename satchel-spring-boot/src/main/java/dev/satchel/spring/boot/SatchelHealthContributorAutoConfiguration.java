package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.spring.SatchelDataSource;
import dev.satchel.store.ObjectStore;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Contributes to the application's health. */
@AutoConfiguration(
        after = {SatchelAutoConfiguration.class, SatchelDataSourceAutoConfiguration.class},
        beforeName = "org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration")
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(Satchel.class)
public final class SatchelHealthContributorAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    StoreHealth satchelStoreHealth() {
        return new StoreHealth(InstantSource.system());
    }

    @Bean
    @ConditionalOnMissingBean(name = "satchelHealthIndicator")
    @ConditionalOnEnabledHealthIndicator("satchel")
    SatchelHealthIndicator satchelHealthIndicator(
            Satchel satchel, ObjectProvider<ObjectStore> store, StoreHealth storeHealth) {
        return new SatchelHealthIndicator(satchel, store.getIfAvailable(), storeHealth);
    }

    /** Boot's own {@code db} contributor would ask for a connection at each probe, of which user nobody knows. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(DataSource.class)
    @ConditionalOnBean(SatchelDataSource.class)
    @ConditionalOnSingleCandidate(DataSource.class)
    static class DatabaseHealth {
        @Bean
        @ConditionalOnMissingBean(name = {"dbHealthIndicator", "dbHealthContributor"})
        @ConditionalOnEnabledHealthIndicator("db")
        SatchelHealthIndicator dbHealthIndicator(
                Satchel satchel, ObjectProvider<ObjectStore> store, StoreHealth storeHealth) {
            return new SatchelHealthIndicator(satchel, store.getIfAvailable(), storeHealth);
        }
    }
}
