package dev.satchel.spring.aot;

import dev.satchel.UserId;
import dev.satchel.spring.web.RequestFreshness;
import dev.satchel.spring.web.UserResolver;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application as most are, with scripts for its schema. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        exclude = {
            HibernateJpaAutoConfiguration.class,
            DataJpaRepositoriesAutoConfiguration.class,
            FlywayAutoConfiguration.class,
            LiquibaseAutoConfiguration.class
        })
@Import(ServletSample.Notes.class)
class ServletSample {
    public static void main(String[] arguments) {
        SpringApplication.run(ServletSample.class, arguments);
    }

    @Bean
    UserResolver userResolver() {
        return request -> Optional.ofNullable(request.getHeader("X-User-ID")).map(UserId::of);
    }

    @RestController
    static class Notes {
        private final JdbcClient jdbc;

        Notes(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @GetMapping("/notes")
        @RequestFreshness("local")
        List<String> all() {
            return jdbc.sql("select name from sqlite_schema")
                    .query(String.class)
                    .list();
        }
    }
}
