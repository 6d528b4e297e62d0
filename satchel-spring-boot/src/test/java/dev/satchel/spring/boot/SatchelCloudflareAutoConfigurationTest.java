package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.archive.ArchiveTier;
import dev.satchel.cloudflare.DurableObjectsArchive;
import dev.satchel.testkit.InMemoryArchiveTier;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class SatchelCloudflareAutoConfigurationTest {
    private static final String KEY = "0123456789abcdef0123456789abcdef";

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(SatchelCloudflareAutoConfiguration.class));
    private final ApplicationContextRunner named = runner.withPropertyValues(
            "satchel.archive.cloudflare.url=https://archive.example", "satchel.archive.cloudflare.key=" + KEY);

    @Test
    void workerThatIsNamedIsTheArchive() {
        named.run(context -> assertThat(context).getBean(ArchiveTier.class).isInstanceOf(DurableObjectsArchive.class));
    }

    @Test
    void withoutAWorkerThereIsNone() {
        runner.run(context -> assertThat(context).doesNotHaveBean(ArchiveTier.class));
        named.withPropertyValues("satchel.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(ArchiveTier.class));
    }

    @Test
    void archiveOfTheApplicationGoesBefore() {
        named.withBean(InMemoryArchiveTier.class, InMemoryArchiveTier::new)
                .run(context -> assertThat(context).doesNotHaveBean(DurableObjectsArchive.class));
    }

    @Test
    void missingKeyAndWrongOnesAreSaidAtTheStartWithoutBeingRepeated() {
        runner.withPropertyValues("satchel.archive.cloudflare.url=https://archive.example")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("SATCHEL_ARCHIVE_CLOUDFLARE_KEY"));
        named.withPropertyValues("satchel.archive.cloudflare.key=too-short")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("at least 32 characters")
                        .hasMessageNotContaining("too-short"));
        named.withPropertyValues("satchel.archive.cloudflare.url=http://archive.example")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("https://HOST"));
    }

    @Test
    void workerWithoutTheModuleIsSaidAtTheStart() {
        named.withClassLoader(new FilteredClassLoader(DurableObjectsArchive.class))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("dev.satchel:satchel-cloudflare"));
    }
}
