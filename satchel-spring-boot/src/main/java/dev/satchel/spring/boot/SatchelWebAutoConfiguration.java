package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.UserContext;
import dev.satchel.spring.web.DatabaseSyncFilter;
import dev.satchel.spring.web.DatabaseSyncSettings;
import dev.satchel.spring.web.EndpointModes;
import dev.satchel.spring.web.FreshnessResolver;
import dev.satchel.spring.web.SyncObserver;
import dev.satchel.spring.web.UserContextFilter;
import dev.satchel.spring.web.UserResolver;
import dev.satchel.spring.web.VersionEvents;
import jakarta.servlet.Filter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingFilterBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Puts the filters into a servlet application that says who its users are. */
@AutoConfiguration(after = SatchelAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Filter.class, OncePerRequestFilter.class})
@ConditionalOnBean({Satchel.class, UserResolver.class})
@ConditionalOnBooleanProperty(name = "satchel.web.enabled", matchIfMissing = true)
public final class SatchelWebAutoConfiguration {

    @Bean
    @ConditionalOnMissingFilterBean
    FilterRegistrationBean<UserContextFilter> satchelUserContextFilter(
            ObjectProvider<UserResolver> resolvers,
            ListableBeanFactory beans,
            UserContext context,
            SatchelProperties properties) {
        FilterRegistrationBean<UserContextFilter> registration = new FilterRegistrationBean<>(new UserContextFilter(
                only(resolvers, beans),
                context,
                properties.web().excludePaths(),
                properties.web().logUserIds()));
        registration.setOrder(UserContextFilter.ORDER);
        return registration;
    }

    @Bean
    @ConditionalOnMissingFilterBean
    FilterRegistrationBean<DatabaseSyncFilter> satchelDatabaseSyncFilter(
            Satchel satchel,
            SatchelScopes scopes,
            UserContext context,
            ObjectProvider<FreshnessResolver> freshness,
            ObjectProvider<SyncObserver> observer,
            ObjectProvider<VersionEvents> events,
            SatchelProperties properties) {
        SyncObserver observing = observer.getIfAvailable(() -> SyncObserver.NONE);
        VersionEvents listening = events.getIfAvailable();
        List<String> excluded = new ArrayList<>(properties.web().excludePaths());
        if (listening != null) {
            observing = listening.before(observing);
            excluded.add(properties.events().path());
        }
        FilterRegistrationBean<DatabaseSyncFilter> registration = new FilterRegistrationBean<>(new DatabaseSyncFilter(
                satchel,
                scopes,
                context,
                freshness.getIfAvailable(() -> request -> Optional.empty()),
                observing,
                new DatabaseSyncSettings(
                        Math.toIntExact(properties.responseBuffer().toBytes()),
                        excluded,
                        properties.web().logUserIds(),
                        properties.web().modesOfEndpoints(),
                        properties.web().bookmarkCookie(),
                        properties.web().maxWaitForOpen())));
        registration.setOrder(DatabaseSyncFilter.ORDER);
        return registration;
    }

    /** Reads the annotations of controllers. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(WebMvcConfigurer.class)
    static class Controllers {
        @Bean
        @ConditionalOnMissingBean
        EndpointModes satchelEndpointModes(UserContext context) {
            return new EndpointModes(context);
        }

        @Bean
        WebMvcConfigurer satchelEndpointModesConfigurer(EndpointModes modes) {
            return new WebMvcConfigurer() {
                @Override
                public void addInterceptors(InterceptorRegistry registry) {
                    registry.addInterceptor(modes);
                }
            };
        }

        /** An annotation that cannot be understood stops the start, not the first request. */
        @Bean
        SmartInitializingSingleton satchelEndpointModesCheck(
                EndpointModes modes, ObjectProvider<RequestMappingHandlerMapping> mappings) {
            return () -> mappings.forEach(
                    mapping -> mapping.getHandlerMethods().values().forEach(modes::check));
        }
    }

    /** Two answers to whose database it is would be one too many. */
    private static UserResolver only(ObjectProvider<UserResolver> resolvers, ListableBeanFactory beans) {
        try {
            return resolvers.getObject();
        } catch (NoUniqueBeanDefinitionException e) {
            throw new SeveralUserResolversException(Arrays.asList(beans.getBeanNamesForType(UserResolver.class)), e);
        }
    }
}
