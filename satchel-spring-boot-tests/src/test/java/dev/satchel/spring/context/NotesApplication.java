package dev.satchel.spring.context;

import dev.satchel.Durability;
import dev.satchel.SchemaMigration;
import dev.satchel.UserId;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.web.RequestDurability;
import dev.satchel.spring.web.RequestFreshness;
import dev.satchel.spring.web.UserResolver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.task.TaskDecorator;
import org.springframework.core.task.support.ContextPropagatingTaskDecorator;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.handler.TextWebSocketHandler;

/** Notes that are written from everywhere, on Jetty. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        exclude = {
            TomcatServletWebServerAutoConfiguration.class,
            HibernateJpaAutoConfiguration.class,
            DataJpaRepositoriesAutoConfiguration.class,
            FlywayAutoConfiguration.class,
            LiquibaseAutoConfiguration.class
        })
@EnableAsync
@EnableScheduling
@EnableWebSocket
@Import({
    NotesApplication.Notes.class,
    NotesApplication.Elsewhere.class,
    NotesApplication.Job.class,
    NotesApplication.Handlers.class
})
class NotesApplication {
    @Bean
    UserResolver userResolver() {
        return request -> Optional.ofNullable(request.getHeader("X-User-ID")).map(UserId::of);
    }

    @Bean
    TaskDecorator contextPropagation() {
        return new ContextPropagatingTaskDecorator();
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
    WebSocketConfigurer webSockets(SatchelScopes scopes, Notes notes) {
        return registry -> registry.addHandler(
                new TextWebSocketHandler() {
                    @Override
                    protected void handleTextMessage(WebSocketSession session, TextMessage message) throws IOException {
                        UserId user = UserId.of(
                                String.valueOf(session.getHandshakeHeaders().getFirst("X-User-ID")));
                        String without;
                        try {
                            without = "wrote for " + notes.add(message.getPayload());
                        } catch (RuntimeException e) {
                            without =
                                    NestedExceptionUtils.getMostSpecificCause(e).getMessage();
                        }
                        List<String> all = scopes.as(user, () -> {
                            notes.add(message.getPayload());
                            return notes.all();
                        });
                        session.sendMessage(new TextMessage(all + " / " + without));
                    }
                },
                "/socket");
    }

    /** The use of the database. */
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
    }

    /** Work on other threads, and that of listeners. */
    @Component
    static class Elsewhere {
        private final Notes notes;

        Elsewhere(Notes notes) {
            this.notes = notes;
        }

        @Async
        public CompletableFuture<Integer> add(String text) {
            return CompletableFuture.completedFuture(notes.add(text));
        }

        @EventListener
        public void on(Heard event) {
            notes.add(event.text());
        }
    }

    record Heard(String text) {}

    /** What a scheduled job meets, with and without a user. */
    @Component
    static class Job {
        final CompletableFuture<String> withoutUser = new CompletableFuture<>();
        final CompletableFuture<List<String>> withUser = new CompletableFuture<>();
        private final SatchelScopes scopes;
        private final Notes notes;

        Job(SatchelScopes scopes, Notes notes) {
            this.scopes = scopes;
            this.notes = notes;
        }

        @Scheduled(initialDelay = 0, fixedDelay = Long.MAX_VALUE / 1_000_000)
        public void run() {
            try {
                notes.all();
                withoutUser.complete("");
            } catch (RuntimeException e) {
                withoutUser.complete(
                        NestedExceptionUtils.getMostSpecificCause(e).getMessage());
            }
            try {
                withUser.complete(scopes.as(UserId.of("scheduled"), () -> {
                    notes.add("by the job");
                    return notes.all();
                }));
            } catch (RuntimeException e) {
                withUser.completeExceptionally(e);
            }
        }
    }

    @RestController
    static class Handlers {
        private final Notes notes;
        private final Elsewhere elsewhere;
        private final ApplicationEventPublisher events;
        private final org.springframework.core.task.AsyncTaskExecutor executor;

        Handlers(
                Notes notes,
                Elsewhere elsewhere,
                ApplicationEventPublisher events,
                @org.springframework.beans.factory.annotation.Qualifier("applicationTaskExecutor")
                        org.springframework.core.task.AsyncTaskExecutor executor) {
            this.notes = notes;
            this.elsewhere = elsewhere;
            this.events = events;
            this.executor = executor;
        }

        @GetMapping("/notes")
        List<String> all() {
            return notes.all();
        }

        @GetMapping("/local")
        @RequestFreshness("local")
        List<String> local() {
            return notes.all();
        }

        @PostMapping("/notes")
        String add(@RequestBody String text) {
            notes.add(text);
            return "added on " + (Thread.currentThread().getClass().getSimpleName());
        }

        @PostMapping("/deferred")
        @RequestDurability(Durability.DEFERRED)
        String addDeferred(@RequestBody String text) {
            notes.add(text);
            return "added";
        }

        @PostMapping("/async-method")
        int asyncMethod(@RequestBody String text) {
            return elsewhere.add(text).join();
        }

        @PostMapping("/future")
        CompletableFuture<Integer> future(@RequestBody String text) {
            return CompletableFuture.supplyAsync(() -> notes.add(text), executor);
        }

        @PostMapping("/event")
        String event(@RequestBody String text) {
            events.publishEvent(new Heard(text));
            return "published";
        }

        @GetMapping("/stream")
        StreamingResponseBody stream() {
            return out -> {
                for (String each : notes.all()) {
                    out.write((each + ";").getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
                notes.add("streamed");
            };
        }

        @GetMapping("/sse")
        SseEmitter sse() {
            SseEmitter emitter = new SseEmitter();
            executor.execute(() -> {
                try {
                    notes.add("sent");
                    emitter.send(notes.all().toString());
                    emitter.complete();
                } catch (IOException e) {
                    emitter.completeWithError(e);
                }
            });
            return emitter;
        }

        @GetMapping("/large")
        String large() {
            notes.all();
            return "x".repeat(1_000_000);
        }
    }
}
