package dev.satchel.spring.boot;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The archive in Durable Objects.
 *
 * @param url Address of the Worker that archives in Durable Objects, such as https://satchel-archive.example.workers.dev; if not set,
 * it is not used. Needs the module satchel-cloudflare.
 * @param key The Worker's secret ARCHIVE_KEY. Belongs into the environment.
 * @param requestTimeout How long an attempt of a request to the Worker may take.
 */
@ConfigurationProperties("satchel.archive.cloudflare")
public record SatchelCloudflareProperties(
        @Nullable URI url,
        @Nullable String key,
        @DefaultValue("30s") Duration requestTimeout) {
    /** Without the key. */
    @Override
    public String toString() {
        return "SatchelCloudflareProperties[url=" + url + ", requestTimeout=" + requestTimeout + "]";
    }
}
