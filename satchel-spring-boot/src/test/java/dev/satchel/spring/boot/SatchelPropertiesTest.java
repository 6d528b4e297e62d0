package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ConflictPolicy;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SatchelConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class SatchelPropertiesTest {

    @Test
    void defaultsAreThoseOfTheEngine() {
        SatchelProperties properties = bind(Map.of());

        SatchelConfig config = properties.config();
        SatchelConfig defaults = SatchelConfig.defaults();
        assertThat(config).isEqualTo(defaults);
        assertThat(properties.enabled()).isTrue();
        assertThat(properties.store()).isEqualTo("./data/bucket");
        assertThat(properties.localFolder()).isEqualTo(Path.of("./data/user_data"));
        assertThat(properties.durability()).isEqualTo(Durability.DURABLE);
        assertThat(properties.freshnessOfRequests()).isEqualTo(Freshness.latest());
        assertThat(properties.responseBuffer()).isEqualTo(DataSize.ofKilobytes(256));
        assertThat(properties.web().logUserIds()).isFalse();
    }

    @Test
    void everySettingBinds() {
        SatchelProperties properties = bind(Map.ofEntries(
                Map.entry("satchel.store", "r2://bucket/prefix?account=a"),
                Map.entry("satchel.local-directory", "/var/lib/app"),
                Map.entry("satchel.conflict-policy", "reject"),
                Map.entry("satchel.durability", "deferred"),
                Map.entry("satchel.freshness", "5s"),
                Map.entry("satchel.store-timeout", "3s"),
                Map.entry("satchel.local-timeout", "2s"),
                Map.entry("satchel.max-open-databases", "20"),
                Map.entry("satchel.max-local-size", "1GB"),
                Map.entry("satchel.max-transaction-size", "20MB"),
                Map.entry("satchel.response-buffer", "64KB"),
                Map.entry("satchel.node", "n1"),
                Map.entry("satchel.web.exclude-paths", "/assets/**,/health"),
                Map.entry("satchel.web.log-user-ids", "true"),
                Map.entry("satchel.web.max-wait-for-open", "3s"),
                Map.entry("satchel.data-source.enabled", "false")));

        assertThat(properties.localFolder()).isEqualTo(Path.of("/var/lib/app"));
        assertThat(properties.durability()).isEqualTo(Durability.DEFERRED);
        assertThat(properties.freshnessOfRequests()).isEqualTo(Freshness.within(Duration.ofSeconds(5)));
        assertThat(properties.config())
                .isEqualTo(SatchelConfig.defaults()
                        .withConflictPolicy(ConflictPolicy.REJECT)
                        .withTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(2))
                        .withLocalBounds(20, 1L << 30)
                        .withMaxTransactionBytes(20 << 20));
        assertThat(properties.node()).isEqualTo("n1");
        assertThat(properties.web().excludePaths()).containsExactly("/assets/**", "/health");
        assertThat(properties.dataSource().enabled()).isFalse();
    }

    @Test
    void localIsAFreshness() {
        assertThat(bind(Map.of("satchel.freshness", "local")).freshnessOfRequests())
                .isEqualTo(Freshness.local());
    }

    @Test
    void valuesThatCannotWorkAreNamed() {
        assertRefused("satchel.freshness", "soon", "satchel.freshness");
        assertRefused("satchel.response-buffer", "1GB", "satchel.response-buffer");
        assertRefused("satchel.response-buffer", "10B", "satchel.response-buffer");
        assertRefused("satchel.max-open-databases", "0", "maxOpenDatabases");
        assertRefused("satchel.max-transaction-size", "2GB", "maxTransactionBytes");
        assertRefused("satchel.store-timeout", "0s", "storeTimeout");
    }

    private static void assertRefused(String name, String value, String named) {
        assertThatThrownBy(() -> bind(Map.of(name, value)))
                .satisfies(e -> assertThat(causes(e))
                        .anySatisfy(cause -> assertThat(cause)
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContaining(named)));
    }

    private static List<Throwable> causes(Throwable e) {
        return Stream.iterate(e, Objects::nonNull, Throwable::getCause).toList();
    }

    private static SatchelProperties bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("satchel", SatchelProperties.class);
    }
}
