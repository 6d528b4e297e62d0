package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.redis.RedisVersionFeed;
import dev.satchel.spring.web.AnswerObserver;
import dev.satchel.spring.web.SyncObserver;
import dev.satchel.spring.web.VersionEvents;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Reports figures to the application's {@link MeterRegistry}, if it has one. */
@AutoConfiguration(
        before = {SatchelWebAutoConfiguration.class, SatchelWebFluxAutoConfiguration.class},
        after = SatchelAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, Satchel.class})
@ConditionalOnBooleanProperty(name = "satchel.enabled", matchIfMissing = true)
public final class SatchelMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    MicrometerMetrics satchelMicrometerMetrics(MeterRegistry registry) {
        return new MicrometerMetrics(registry);
    }

    @Bean
    MicrometerMetrics.Requests satchelStoreRequests(MeterRegistry registry) {
        return new MicrometerMetrics.Requests(registry);
    }

    @Bean
    MeterBinder satchelDatabasesOpen(Satchel satchel) {
        return registry -> Gauge.builder(SatchelMeter.DATABASES_OPEN.getName(), satchel, Satchel::openDatabases)
                .register(registry);
    }

    @Bean
    MeterBinder satchelUnsaved(Satchel satchel) {
        return registry -> TimeGauge.builder(SatchelMeter.SYNC_UNSAVED.getName(), satchel, TimeUnit.NANOSECONDS, node ->
                        (double) node.unsavedFor().toNanos())
                .register(registry);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
    static class WebFlux {
        @Bean
        @ConditionalOnMissingBean
        AnswerObserver satchelAnswerObserver(MeterRegistry registry) {
            return new MicrometerMetrics.Answers(registry);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    @ConditionalOnClass(HttpServletRequest.class)
    static class Web {
        @Bean
        @ConditionalOnMissingBean
        SyncObserver satchelSyncObserver(MeterRegistry registry) {
            return new MicrometerMetrics.ServletAnswers(registry);
        }

        @Bean
        MeterBinder satchelEventConnections(ObjectProvider<VersionEvents> events) {
            return registry -> events.ifAvailable(listening -> Gauge.builder(
                            SatchelMeter.EVENT_CONNECTIONS.getName(), listening, VersionEvents::connections)
                    .register(registry));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(RedisVersionFeed.class)
    static class Redis {
        @Bean
        MeterBinder satchelFeed(ObjectProvider<RedisVersionFeed> feeds) {
            return registry -> feeds.ifAvailable(feed -> {
                Gauge.builder(
                                SatchelMeter.FEED_CONNECTED.getName(),
                                feed,
                                heard -> heard.coverage().isPresent() ? 1 : 0)
                        .register(registry);
                FunctionCounter.builder(SatchelMeter.FEED_DROPPED.getName(), feed, RedisVersionFeed::dropped)
                        .register(registry);
            });
        }
    }
}
