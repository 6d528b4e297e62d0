package dev.satchel.spring.webflux;

import dev.satchel.Durability;
import dev.satchel.SchemaMigration;
import dev.satchel.UserId;
import dev.satchel.docs.ReactiveNotes;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.web.RequestDurability;
import dev.satchel.spring.web.RequestFreshness;
import java.security.Principal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.config.BlockingExecutionConfigurer;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.server.WebSocketService;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.reactive.socket.server.upgrade.ReactorNettyRequestUpgradeStrategy;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Notes, written and read in all the ways that WebFlux has. */
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
@Import({ReactiveNotes.class, FluxApplication.Notes.class, FluxApplication.Handlers.class})
class FluxApplication {
    /** What a test does in the middle of a handler. */
    static final class Step {
        volatile Runnable inTheMiddle = () -> {};
    }

    @Bean
    Step step() {
        return new Step();
    }

    /** Stands for Spring Security. */
    @Bean
    WebFilter authentication() {
        return new Authentication();
    }

    private static final class Authentication implements WebFilter, Ordered {
        @Override
        public int getOrder() {
            return -100;
        }

        @Override
        public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
            String name = exchange.getRequest().getHeaders().getFirst("X-User-ID");
            Principal principal = () -> String.valueOf(name);
            return chain.filter(
                    name == null
                            ? exchange
                            : exchange.mutate().principal(Mono.just(principal)).build());
        }
    }

    @Bean
    SchemaMigration schema() {
        return new SchemaMigration() {
            @Override
            public int targetVersion() {
                return 1;
            }

            @Override
            public void migrate(Connection connection, int from) throws SQLException {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("create table note (id integer primary key, text text not null)");
                }
            }
        };
    }

    @Bean
    RouterFunction<ServerResponse> routes(Notes notes) {
        return RouterFunctions.route()
                .GET(
                        "/routed",
                        request -> blocking(notes::all)
                                .flatMap(all -> ServerResponse.ok().bodyValue(all)))
                .build();
    }

    @Bean
    HandlerMapping sockets(SatchelScopes scopes, Notes notes) {
        WebSocketHandler handler = session -> {
            UserId user = UserId.of(
                    String.valueOf(session.getHandshakeInfo().getHeaders().getFirst("X-User-ID")));
            return session.send(session.receive()
                    .concatMap(message -> {
                        String text = message.getPayloadAsText();
                        return blocking(() -> scopes.as(user, () -> {
                            notes.add(text);
                            return notes.all();
                        }));
                    })
                    .map(all -> session.textMessage(all.toString())));
        };
        return new SimpleUrlHandlerMapping(Map.of("/socket", handler), -1);
    }

    @Bean
    WebFluxConfigurer configurer(@Qualifier("applicationTaskExecutor") AsyncTaskExecutor executor) {
        return new WebFluxConfigurer() {
            @Override
            public void configureBlockingExecution(BlockingExecutionConfigurer configurer) {
                configurer.setExecutor(executor);
            }

            /** Netty's: the other servers are on the class path too. */
            @Override
            public WebSocketService getWebSocketService() {
                return new HandshakeWebSocketService(new ReactorNettyRequestUpgradeStrategy());
            }
        };
    }

    static <T> Mono<T> blocking(Callable<T> work) {
        return Mono.fromCallable(work).subscribeOn(Schedulers.boundedElastic());
    }

    /** The use of the database, which blocks. */
    @Component
    static class Notes {
        private final JdbcClient jdbc;

        Notes(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        int add(String text) {
            return jdbc.sql("insert into note (text) values (?)").param(text).update();
        }

        List<String> all() {
            return jdbc.sql("select text from note order by id")
                    .query(String.class)
                    .list();
        }

        Stream<String> stream() {
            return jdbc.sql("select text from note order by id").query(String.class).stream();
        }
    }

    @RestController
    static class Handlers {
        private final Notes notes;
        private final Step step;
        private final TransactionTemplate transactions;

        Handlers(Notes notes, Step step, TransactionTemplate transactions) {
            this.notes = notes;
            this.step = step;
            this.transactions = transactions;
        }

        @GetMapping("/blocking")
        List<String> blockingMethod() {
            return notes.all();
        }

        @GetMapping("/published-on")
        Flux<String> publishedOn() {
            return Flux.just("a", "b").publishOn(Schedulers.boundedElastic()).map(prefix -> prefix + notes.all());
        }

        @PostMapping("/in-transaction")
        Mono<List<String>> inTransaction(@RequestBody String text) {
            return blocking(() -> transactions.execute(status -> {
                notes.add(text);
                return notes.all();
            }));
        }

        @PostMapping("/with-cookie")
        Mono<ResponseEntity<String>> withCookie(@RequestBody String text, ServerHttpResponse response) {
            response.addCookie(
                    org.springframework.http.ResponseCookie.from("handler", "1").build());
            return blocking(() -> notes.add(text))
                    .thenReturn(ResponseEntity.status(HttpStatus.CREATED)
                            .header("Location", "/notes/1")
                            .header("Access-Control-Allow-Origin", "*")
                            .eTag("\"one\"")
                            .body("created"));
        }

        @DeleteMapping("/nothing")
        @ResponseStatus(HttpStatus.NO_CONTENT)
        Mono<Void> nothing() {
            return blocking(notes::all).then();
        }

        @GetMapping("/on-the-event-loop")
        Mono<List<String>> onTheEventLoop() {
            return Mono.fromCallable(notes::all);
        }

        @PostMapping("/transaction-on-the-event-loop")
        Mono<Integer> transactionOnTheEventLoop() {
            return Mono.fromCallable(() -> transactions.execute(status -> notes.add("never")));
        }

        @GetMapping("/free")
        Mono<String> free() {
            return Mono.just("free");
        }

        @GetMapping("/excluded/notes")
        Mono<List<String>> excluded() {
            return blocking(notes::all);
        }

        @PostMapping("/fails-after")
        Mono<String> failsAfter(@RequestBody String text) {
            return blocking(() -> notes.add(text)).then(Mono.error(new IllegalStateException("handler failed")));
        }

        @PostMapping("/conflicts-after")
        Mono<String> refusesAfter(@RequestBody String text) {
            return blocking(() -> notes.add(text)).then(Mono.error(new ResponseStatusException(HttpStatus.CONFLICT)));
        }

        @PostMapping("/deferred")
        @RequestDurability(Durability.DEFERRED)
        Mono<Integer> deferred(@RequestBody String text) {
            return blocking(() -> notes.add(text));
        }

        @GetMapping("/local")
        @RequestFreshness("local")
        Mono<List<String>> local() {
            return blocking(notes::all);
        }

        /** Larger than what is held. */
        @PostMapping("/large/{size}")
        Flux<String> large(@PathVariable int size, @RequestBody String text) {
            return blocking(() -> notes.add(text))
                    .thenMany(Flux.range(0, size / 1000).map(i -> "x".repeat(1000)));
        }

        /** The end is written after all of it has been read. */
        @PostMapping("/large-then-write")
        Flux<String> largeThenWrite(@RequestBody String text) {
            return Flux.range(0, 100)
                    .map(i -> "x".repeat(1000))
                    .concatWith(blocking(() -> {
                                step.inTheMiddle.run();
                                return notes.add(text);
                            })
                            .thenMany(Flux.empty()));
        }

        /** Keeps its connection while the answer is written. */
        @GetMapping("/rows")
        Flux<String> rows() {
            return Flux.using(notes::stream, Flux::fromStream, Stream::close)
                    .map(row -> row + "\n")
                    .subscribeOn(Schedulers.boundedElastic());
        }

        /** Each event is what has been written before it. */
        @GetMapping(path = "/events/{count}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        Flux<String> events(@PathVariable int count) {
            return Flux.range(1, count)
                    .concatMap(i -> blocking(() -> {
                        if (i == 2) {
                            step.inTheMiddle.run();
                        }
                        notes.add("note " + i);
                        return i + " of " + notes.all().size();
                    }));
        }

        /** Works on what comes next while it writes. */
        @GetMapping(path = "/eager/{count}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        Flux<String> eager(@PathVariable int count) {
            return Flux.interval(Duration.ofNanos(1))
                    .onBackpressureBuffer()
                    .take(count)
                    .publishOn(Schedulers.boundedElastic())
                    .map(i -> notes.add("eager") + " at " + i);
        }

        @PostMapping("/slowly")
        Mono<Integer> slowly(@RequestBody String text) {
            return blocking(() -> {
                step.inTheMiddle.run();
                return notes.add(text);
            });
        }

        @PostMapping("/never-answers")
        Mono<Integer> neverAnswers(@RequestBody String text) {
            return blocking(() -> notes.add(text))
                    .doOnNext(n -> step.inTheMiddle.run())
                    .then(Mono.never());
        }
    }
}
