package dev.satchel.examples.reels;

import dev.satchel.SchemaMigration;
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

    @Bean
    InstantSource clock() {
        return InstantSource.system();
    }
}
