package dev.satchel.spring.aot;

import dev.satchel.UserId;
import dev.satchel.spring.web.RequestFreshness;
import dev.satchel.spring.webflux.ReactiveUserResolver;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The same on WebFlux and Netty. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        exclude = {
            HibernateJpaAutoConfiguration.class,
            DataJpaRepositoriesAutoConfiguration.class,
            FlywayAutoConfiguration.class,
            LiquibaseAutoConfiguration.class,
            TomcatReactiveWebServerAutoConfiguration.class,
            JettyReactiveWebServerAutoConfiguration.class
        })
@Import(WebFluxSample.Notes.class)
class WebFluxSample {
    public static void main(String[] arguments) {
        new SpringApplicationBuilder(WebFluxSample.class)
                .web(WebApplicationType.REACTIVE)
                .run(arguments);
    }

    @Bean
    ReactiveUserResolver userResolver() {
        return exchange -> Mono.justOrEmpty(exchange.getRequest().getHeaders().getFirst("X-User-ID"))
                .map(UserId::of);
    }

    @RestController
    static class Notes {
        private final JdbcClient jdbc;

        Notes(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @GetMapping("/notes")
        @RequestFreshness("local")
        Mono<List<String>> all() {
            return Mono.fromCallable(() -> jdbc.sql("select name from sqlite_schema")
                            .query(String.class)
                            .list())
                    .subscribeOn(Schedulers.boundedElastic());
        }
    }
}
