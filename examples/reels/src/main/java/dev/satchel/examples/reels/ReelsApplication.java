package dev.satchel.examples.reels;

import dev.satchel.SchemaMigration;
import dev.satchel.archive.ArchiveRule;
import java.time.InstantSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * The application. Takes plain arguments: {@code --server.port=8080 --satchel.store=URI
 * --satchel.local-directory=DIR}. SIGTERM and Ctrl-C end it after the requests under way and what is still to be uploaded.
 */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(ReelsProperties.class)
public class ReelsApplication {

    /** Starts it. */
    public static void main(String[] args) {
        SpringApplication.run(ReelsApplication.class, args);
    }

    @Bean
    SchemaMigration schema() {
        return new ReelsSchema();
    }

    /** A project that was completed a while ago is archived, with its clips. */
    @Bean
    ArchiveRule completedProjects(ReelsProperties properties) {
        return ArchiveRule.builder("completed-projects", "projects")
                .where("completed_at < :cutoff_millis")
                .olderThan(properties.archiveAfter())
                .label("name")
                .build();
    }

    @Bean
    InstantSource clock() {
        return InstantSource.system();
    }
}
