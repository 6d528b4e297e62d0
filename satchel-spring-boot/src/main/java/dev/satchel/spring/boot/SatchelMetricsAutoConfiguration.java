package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.spring.web.SyncObserver;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Reports figures to the application's {@link MeterRegistry}, if it has one. */
@AutoConfiguration(
        before = SatchelWebAutoConfiguration.class,
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
    @ConditionalOnMissingBean
    SyncObserver satchelSyncObserver(MeterRegistry registry) {
        return new MicrometerMetrics.Answers(registry);
    }

    @Bean
    MeterBinder satchelDatabasesOpen(Satchel satchel) {
        return registry -> Gauge.builder(SatchelMeter.DATABASES_OPEN.getName(), satchel, Satchel::openDatabases)
                .register(registry);
    }
}
