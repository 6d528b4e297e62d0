package dev.satchel.spring.technologies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.boot.SatchelAutoConfiguration;
import dev.satchel.spring.boot.SatchelDataSourceAutoConfiguration;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;

@ExtendWith(OutputCaptureExtension.class)
class OpenInViewTest {
    @TempDir
    private Path folder;

    @AutoConfigurationPackage
    static class Entities {}

    @Test
    void startWithAnEntityManagerForEachRequestSaysWhatToWrite(CapturedOutput output) {
        start("spring.jpa.open-in-view=true");

        assertThat(output).containsOnlyOnce("write spring.jpa.open-in-view=false");
    }

    private void start(String property) {
        new WebApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        SatchelAutoConfiguration.class,
                        SatchelDataSourceAutoConfiguration.class,
                        TransactionAutoConfiguration.class,
                        HibernateJpaAutoConfiguration.class))
                .withUserConfiguration(Entities.class)
                .withBean(ObjectStore.class, InMemoryObjectStore::new)
                .withPropertyValues("satchel.local-directory=" + folder, property)
                .run(context -> assertThat(context).hasNotFailed());
    }
}
