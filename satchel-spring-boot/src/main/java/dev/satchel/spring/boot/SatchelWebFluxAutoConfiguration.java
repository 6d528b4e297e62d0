package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.UserContextAccessor;
import dev.satchel.spring.web.AnswerObserver;
import dev.satchel.spring.web.DatabaseSyncSettings;
import dev.satchel.spring.webflux.DatabaseSyncWebFilter;
import dev.satchel.spring.webflux.EndpointModeAdapter;
import dev.satchel.spring.webflux.ReactiveFreshnessResolver;
import dev.satchel.spring.webflux.ReactiveUserResolver;
import dev.satchel.spring.webflux.UserContextWebFilter;
import io.micrometer.context.ContextRegistry;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.HandlerAdapter;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Hooks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Puts the filters into a WebFlux application that says who its users are. */
@AutoConfiguration(after = SatchelAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnClass({WebFilter.class, HandlerAdapter.class, Schedulers.class})
@ConditionalOnBean({Satchel.class, ReactiveUserResolver.class})
@ConditionalOnBooleanProperty(name = "satchel.web.enabled", matchIfMissing = true)
public final class SatchelWebFluxAutoConfiguration {

    /** The filters. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ContextRegistry.class)
    static class Filters {
        private static final Logger log = LoggerFactory.getLogger(SatchelWebFluxAutoConfiguration.class);
        private static final String PROPAGATION = "spring.reactor.context-propagation";

        /** Handlers' threads know their user through Reactor's automatic propagation, which is the same for the whole process. */
        Filters(Environment environment) {
            String mode = environment.getProperty(PROPAGATION, "auto");
            if (mode.equalsIgnoreCase("auto")) {
                Hooks.enableAutomaticContextPropagation();
            } else {
                log.warn(
                        "{}={}: threads of handlers do not know their user, and so have no database; leave it out, or set it to auto",
                        PROPAGATION,
                        mode);
            }
        }

        /** Threads of its own: those of handlers can all be waiting for a session to end, which happens here. */
        @Bean(destroyMethod = "dispose")
        @ConditionalOnMissingBean(name = "satchelScheduler")
        Scheduler satchelScheduler() {
            // A request has at most one task at a time, so the requests bound the queue.
            return Schedulers.newBoundedElastic(
                    Schedulers.DEFAULT_BOUNDED_ELASTIC_SIZE, Integer.MAX_VALUE, "satchel-gate", 60, true);
        }

        @Bean
        @ConditionalOnMissingBean
        UserContextWebFilter satchelUserContextWebFilter(
                ObjectProvider<ReactiveUserResolver> resolvers,
                ListableBeanFactory beans,
                UserContextAccessor context,
                SatchelProperties properties) {
            return new UserContextWebFilter(
                    only(resolvers, beans), context, properties.web().excludePaths());
        }

        @Bean
        @ConditionalOnMissingBean
        DatabaseSyncWebFilter satchelDatabaseSyncWebFilter(
                Satchel satchel,
                SatchelScopes scopes,
                UserContextAccessor context,
                ObjectProvider<ReactiveFreshnessResolver> freshness,
                ObjectProvider<AnswerObserver> observer,
                SatchelProperties properties,
                @Qualifier("satchelScheduler") Scheduler scheduler) {
            return new DatabaseSyncWebFilter(
                    satchel,
                    scopes,
                    context,
                    freshness.getIfAvailable(() -> exchange -> Optional.empty()),
                    observer.getIfAvailable(() -> AnswerObserver.NONE),
                    new DatabaseSyncSettings(
                            Math.toIntExact(properties.responseBuffer().toBytes()),
                            properties.web().excludePaths(),
                            properties.web().logUserIds(),
                            properties.web().modesOfEndpoints(),
                            properties.web().bookmarkCookie(),
                            properties.web().maxWaitForOpen()),
                    scheduler,
                    properties.localTimeout(),
                    System::nanoTime);
        }

        /** Reads the annotations of controllers. */
        @Bean
        @ConditionalOnMissingBean
        EndpointModeAdapter satchelEndpointModeAdapter(
                ObjectProvider<RequestMappingHandlerAdapter> calling,
                @Qualifier("satchelScheduler") Scheduler scheduler) {
            return new EndpointModeAdapter(calling::getObject, scheduler);
        }

        /** An annotation that cannot be understood stops the start, not the first request. */
        @Bean
        SmartInitializingSingleton satchelEndpointModeCheck(
                EndpointModeAdapter modes, ObjectProvider<RequestMappingHandlerMapping> mappings) {
            return () -> mappings.forEach(
                    mapping -> mapping.getHandlerMethods().values().forEach(modes::check));
        }
    }

    /** Without it no thread of a handler would know its user. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingClass("io.micrometer.context.ContextRegistry")
    static class WithoutContextPropagation {
        WithoutContextPropagation() {
            throw new IllegalStateException("a WebFlux application with a ReactiveUserResolver needs"
                    + " io.micrometer:context-propagation on the class path, which carries the user to the threads of its"
                    + " handlers; add it");
        }
    }

    /** Two answers to whose database it is would be one too many. */
    private static ReactiveUserResolver only(
            ObjectProvider<ReactiveUserResolver> resolvers, ListableBeanFactory beans) {
        try {
            return resolvers.getObject();
        } catch (NoUniqueBeanDefinitionException e) {
            throw new SeveralUserResolversException(
                    Arrays.asList(beans.getBeanNamesForType(ReactiveUserResolver.class)), e);
        }
    }
}
