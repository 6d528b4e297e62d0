package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.SatchelMetrics;
import dev.satchel.SchemaMigration;
import dev.satchel.SizeListener;
import dev.satchel.VersionFeed;
import dev.satchel.VersionListener;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveRule;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.redis.RedisVersionFeed;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.SessionOpener;
import dev.satchel.spring.UserContext;
import dev.satchel.spring.UserContextAccessor;
import dev.satchel.spring.web.LogNames;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import dev.satchel.store.StoreException;
import io.micrometer.context.ContextRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.io.support.ResourcePatternResolver;

/** Sets up {@link Satchel}, its store and the scopes for jobs. Starting opens no database and asks the store nothing. */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "satchel.enabled", matchIfMissing = true)
@EnableConfigurationProperties(SatchelProperties.class)
@ImportRuntimeHints(SatchelRuntimeHints.class)
public final class SatchelAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    SatchelConnectionDetails satchelConnectionDetails(SatchelProperties properties) {
        return properties::store;
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean({ObjectStore.class, Satchel.class})
    ObjectStore satchelObjectStore(SatchelConnectionDetails details) {
        Map<String, String> environment = details.environment();
        try {
            return ObjectStores.open(details.store(), environment);
        } catch (IllegalArgumentException | StoreException e) {
            throw new UnusableStoreException(e);
        }
    }

    @Bean
    StartUp satchelStartUp() {
        return new StartUp();
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    VersionFeed satchelVersionFeed(SatchelProperties properties) {
        if (properties.redis().url() != null) {
            throw new IllegalStateException(
                    "satchel.redis.url is set, and the module dev.satchel:satchel-redis is not on the class path; add it");
        }
        return properties.feed() == SatchelProperties.Feed.ONLY_PROCESS
                ? VersionFeed.onlyProcess()
                : VersionFeed.inProcess();
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    Satchel satchel(
            SatchelProperties properties,
            ObjectStore store,
            VersionFeed feed,
            StartUp startUp,
            ApplicationEventPublisher publisher,
            ObjectProvider<StoreObserver> observers,
            ObjectProvider<SchemaMigration> schema,
            ResourcePatternResolver resources,
            ObjectProvider<SatchelMetrics> metrics,
            ObjectProvider<VersionListener> listeners,
            ObjectProvider<SizeListener> sizeListeners,
            ObjectProvider<ArchiveTier> archiveTier,
            ObjectProvider<Archive> archive,
            ObjectProvider<SatchelCustomizer> customizers) {
        List<StoreObserver> told = observers.orderedStream().toList();
        ObjectStore observed = told.isEmpty() ? store : new ObservedObjectStore(store, told, System::nanoTime);
        Satchel.Builder builder = Satchel.builder(observed, properties.localFolder())
                .config(properties.config())
                .metrics(new CompositeSatchelMetrics(metrics.orderedStream().toList()))
                .feed(feed)
                .listener(new VersionEventBridge(listeners, publisher, startUp));
        String node = properties.node();
        if (node != null) {
            builder.node(node);
        }
        SchemaMigration migration = schema.getIfAvailable();
        if (migration == null) {
            migration = ScriptsAtLocation.find(properties.schema().location(), resources);
        }
        if (migration != null) {
            builder.schema(migration);
        }
        sizeListeners.orderedStream().forEach(builder::sizeListener);
        builder.sizeListener(new ArchiveOnGrowth(archive, properties.archive().onGrowth()));
        archiveTier.ifAvailable(builder::archiveTier);
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    @Bean
    @ConditionalOnMissingBean
    Archive satchelArchive(Satchel satchel, SatchelProperties properties, ObjectProvider<ArchiveRule> rules) {
        Archive.Builder builder = Archive.builder(satchel);
        rules.orderedStream().forEach(builder::rule);
        properties.archive().rules().forEach(rule -> builder.rule(rule.rule()));
        return builder.build();
    }

    @Bean
    @ConditionalOnMissingBean
    UserContext satchelUserContext() {
        return new UserContext();
    }

    @Bean
    @ConditionalOnMissingBean
    SatchelScopes satchelScopes(
            Satchel satchel, UserContext context, SatchelProperties properties, ObjectProvider<SessionOpener> opener) {
        return new SatchelScopes(
                opener.getIfAvailable(() -> SessionOpener.of(satchel)),
                context,
                properties.freshnessOfRequests(),
                properties.durability());
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(RedisVersionFeed.class)
    @ConditionalOnProperty("satchel.redis.url")
    static class OverRedis {
        @Bean(destroyMethod = "close")
        @ConditionalOnMissingBean(VersionFeed.class)
        RedisVersionFeed satchelRedisVersionFeed(SatchelProperties properties) {
            String url = Objects.requireNonNull(properties.redis().url(), "satchel.redis.url");
            return RedisVersionFeed.connect(url, properties.redis().channel());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ObservationRegistry.class)
    static class Observations {
        @Bean
        @ConditionalOnMissingBean(SessionOpener.class)
        ObservedSessions satchelObservedSessions(
                Satchel satchel, SatchelProperties properties, ObjectProvider<ObservationRegistry> registries) {
            return new ObservedSessions(
                    SessionOpener.of(satchel),
                    registries.getIfUnique(() -> ObservationRegistry.NOOP),
                    new LogNames(properties.web().logUserIds()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ContextRegistry.class)
    static class ContextPropagation {
        @Bean
        @ConditionalOnMissingBean
        UserContextAccessor satchelUserContextAccessor(UserContext context) {
            return new UserContextAccessor(context, ContextRegistry.getInstance());
        }
    }
}
