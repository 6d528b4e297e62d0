package dev.satchel.docs;

import dev.satchel.UserId;
import dev.satchel.spring.webflux.ReactiveUserResolver;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The WebFlux application that docs/spring-boot.md shows pieces of; run by {@code WebFluxTest}. */
@Configuration(proxyBeanMethods = false)
@Import(ReactiveNotes.Notes.class)
public class ReactiveNotes {

    // snippet: webflux-user
    @Bean
    ReactiveUserResolver userResolver() {
        return exchange -> exchange.getPrincipal().map(user -> UserId.of(user.getName()));
    }
    // end

    // snippet: webflux-controller
    @RestController
    static class Notes {
        private final JdbcClient jdbc;

        Notes(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @GetMapping("/notes")
        Mono<List<String>> all() {
            return Mono.fromCallable(() -> jdbc.sql("select text from note order by id")
                            .query(String.class)
                            .list())
                    .subscribeOn(Schedulers.boundedElastic());
        }

        @PostMapping("/notes")
        @ResponseStatus(HttpStatus.CREATED)
        Mono<Void> add(@RequestBody String text) {
            return Mono.fromRunnable(() -> jdbc.sql("insert into note (text) values (?)")
                            .param(text)
                            .update())
                    .subscribeOn(Schedulers.boundedElastic())
                    .then();
        }
    }
    // end
}
