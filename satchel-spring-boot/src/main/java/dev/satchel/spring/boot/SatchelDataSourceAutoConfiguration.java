package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.spring.SatchelDataSource;
import dev.satchel.spring.SatchelScopes;
import jakarta.persistence.EntityManager;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;
import org.springframework.orm.jpa.support.OpenEntityManagerInViewInterceptor;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.web.context.request.WebRequestInterceptor;

/** Makes the current user's database the application's {@link DataSource}, in the place of the one that Boot would make. */
@AutoConfiguration(
        after = SatchelAutoConfiguration.class,
        beforeName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration"
        })
@ConditionalOnBean(Satchel.class)
@ConditionalOnBooleanProperty(name = "satchel.data-source.enabled", matchIfMissing = true)
public final class SatchelDataSourceAutoConfiguration {
    private static final Logger log = LoggerFactory.getLogger(SatchelDataSourceAutoConfiguration.class);

    @Bean
    @ConditionalOnMissingBean(DataSource.class)
    SatchelDataSource dataSource(SatchelScopes scopes, StartUp startUp, Environment environment) {
        if (environment.containsProperty("spring.datasource.url")) {
            log.warn(
                    "spring.datasource.url is not used: the DataSource is the current user's database; to keep Boot's own, set"
                            + " satchel.data-source.enabled=false");
        }
        return new SatchelDataSource(scopes, startUp::isRunning);
    }

    /** Boot gives it to each transaction manager that it makes. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(TransactionExecutionListener.class)
    static class Transactions {
        @Bean
        NoCurrentUserListener satchelNoCurrentUserListener() {
            return new NoCurrentUserListener();
        }
    }

    /** Says at the start what an EntityManager that is open for a whole request costs, which Boot makes unless it is told otherwise. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({OpenEntityManagerInViewInterceptor.class, WebRequestInterceptor.class, EntityManager.class})
    static class OpenInView {
        @Bean
        SmartInitializingSingleton satchelOpenInViewCheck(
                ObjectProvider<OpenEntityManagerInViewInterceptor> interceptors) {
            return () -> {
                if (interceptors.stream().anyMatch(OpenInView::isOfUsers)) {
                    log.warn(
                            "spring.jpa.open-in-view is on: a request keeps its EntityManager and its connection until its answer has"
                                    + " been written, so answers longer than satchel.response-buffer fail, and so does work for another user"
                                    + " in satchelScopes.as; write spring.jpa.open-in-view=false");
                }
            };
        }

        private static boolean isOfUsers(OpenEntityManagerInViewInterceptor interceptor) {
            if (!(interceptor.getEntityManagerFactory() instanceof EntityManagerFactoryInfo factory)) {
                return false;
            }
            DataSource source = factory.getDataSource();
            return source != null && isOfUsers(source);
        }

        private static boolean isOfUsers(DataSource source) {
            try {
                return source.isWrapperFor(SatchelDataSource.class);
            } catch (SQLException e) {
                return false;
            }
        }
    }
}
