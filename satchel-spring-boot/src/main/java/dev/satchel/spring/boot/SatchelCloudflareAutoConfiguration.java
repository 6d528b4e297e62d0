package dev.satchel.spring.boot;

import dev.satchel.archive.ArchiveTier;
import dev.satchel.cloudflare.DurableObjectsArchive;
import dev.satchel.cloudflare.DurableObjectsConfig;
import java.util.Objects;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The archive in Durable Objects, if a Worker is named. Nothing is asked of it at the start. */
@AutoConfiguration(before = SatchelAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "satchel.enabled", matchIfMissing = true)
@ConditionalOnProperty("satchel.archive.cloudflare.url")
@EnableConfigurationProperties(SatchelCloudflareProperties.class)
public final class SatchelCloudflareAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(DurableObjectsArchive.class)
    static class WithClient {
        @Bean(destroyMethod = "close")
        @ConditionalOnMissingBean(ArchiveTier.class)
        DurableObjectsArchive satchelDurableObjectsArchive(SatchelCloudflareProperties properties) {
            String key = properties.key();
            if (key == null || key.isEmpty()) {
                throw new IllegalStateException(
                        "satchel.archive.cloudflare.url is set, and the key is not: give the Worker's"
                                + " secret as SATCHEL_ARCHIVE_CLOUDFLARE_KEY");
            }
            return DurableObjectsArchive.connect(DurableObjectsConfig.of(
                            Objects.requireNonNull(properties.url(), "satchel.archive.cloudflare.url"), key)
                    .withRequestTimeout(properties.requestTimeout()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingClass("dev.satchel.cloudflare.DurableObjectsArchive")
    static class WithoutClient {
        @Bean
        @ConditionalOnMissingBean
        ArchiveTier satchelDurableObjectsArchive() {
            throw new IllegalStateException("satchel.archive.cloudflare.url is set, and the module"
                    + " dev.satchel:satchel-cloudflare is not on the class path; add it");
        }
    }
}
