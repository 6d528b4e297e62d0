package dev.satchel.docs;

import dev.satchel.ConflictPolicy;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.NodeId;
import dev.satchel.SatchelConfig;
import dev.satchel.SchemaMigration;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.boot.SatchelCustomizer;
import dev.satchel.spring.web.FreshnessResolver;
import dev.satchel.spring.web.LiveNodes;
import dev.satchel.spring.web.RequestDurability;
import dev.satchel.spring.web.RequestFreshness;
import dev.satchel.spring.web.UserResolver;
import jakarta.servlet.http.HttpSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The application that README.md, docs/spring-boot.md and the rules show pieces of. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class NotesApplication {

    // snippet: spring-user
    @Bean
    UserResolver userResolver() {
        return request -> Optional.ofNullable(request.getUserPrincipal()).map(user -> UserId.of(user.getName()));
    }
    // end

    // snippet: spring-schema
    @Component
    static class Schema implements SchemaMigration {
        @Override
        public int targetVersion() {
            return 1;
        }

        @Override
        public void migrate(Connection connection, int from) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("create table note (id integer primary key, text text not null)");
                statement.execute("create table draft (id integer primary key check (id = 1), text text not null)");
            }
        }
    }
    // end

    // snippet: spring-controller
    @RestController
    static class Notes {
        private final JdbcClient jdbc;

        Notes(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @GetMapping("/notes")
        List<String> all() {
            return jdbc.sql("select text from note order by id")
                    .query(String.class)
                    .list();
        }

        @PostMapping("/notes")
        @ResponseStatus(HttpStatus.CREATED)
        void add(@RequestBody String text) {
            jdbc.sql("insert into note (text) values (?)").param(text).update();
        }
    }
    // end

    // snippet: spring-job
    @Component
    static class Reminders {
        private final SatchelScopes scopes;
        private final JdbcClient jdbc;

        Reminders(SatchelScopes scopes, JdbcClient jdbc) {
            this.scopes = scopes;
            this.jdbc = jdbc;
        }

        void remind(UserId user) {
            scopes.runAs(
                    user,
                    () -> jdbc.sql("insert into note (text) values ('remember')")
                            .update());
            // here it is in the store, or an exception was thrown
        }
    }
    // end

    // snippet: spring-when-saved
    @Component
    static class Renderer {
        final Queue<String> finished = new ConcurrentLinkedQueue<>();
        private final SatchelScopes scopes;
        private final JdbcClient jdbc;

        Renderer(SatchelScopes scopes, JdbcClient jdbc) {
            this.scopes = scopes;
            this.jdbc = jdbc;
        }

        void save(
                UserId user, String rendered) { // rendered before: a retry saves it again, and does not render it again
            scopes.runAs(user, () -> {
                jdbc.sql("insert into note (text) values (?)").param(rendered).update();
                scopes.whenSaved(
                        result -> finished.add(user + " " + result.status().token()));
            });
        }
    }
    // end

    // snippet: spring-bookmark
    @Bean
    FreshnessResolver bookmarks() {
        return request -> Optional.ofNullable(request.getHeader("X-Bookmark"))
                .map(text -> Freshness.atLeast(Version.parse(text)));
    }
    // end

    // snippet: spring-endpoints
    @RestController
    static class Statistics {
        private final JdbcClient jdbc;

        Statistics(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @GetMapping("/notes/count")
        @RequestFreshness("local") // does not ask the store
        long count() {
            return jdbc.sql("select count(*) from note").query(Long.class).single();
        }

        @PostMapping("/notes/imported")
        @RequestDurability(Durability.DEFERRED) // answered when it is on this machine's disk
        void imported(@RequestBody String text) {
            jdbc.sql("insert into note (text) values (?)").param(text).update();
        }
    }
    // end

    // snippet: spring-events
    @Component
    static class Newer {
        final Queue<String> messages = new ConcurrentLinkedQueue<>();

        @EventListener
        void onVersion(VersionEvent event) {
            messages.add(event.database().user() + " is at " + event.version()); // quick: a queue, not a network call
        }
    }
    // end

    // snippet: spring-customizer
    @Bean
    SatchelCustomizer patience() {
        return builder -> builder.config(SatchelConfig.defaults()
                .withConflictPolicy(ConflictPolicy.REJECT)
                .withIdle(32, Duration.ofSeconds(1), Duration.ofMinutes(1)));
    }
    // end

    /** What a discovery client is in real applications. */
    interface Registry {
        List<String> names();
    }

    @Profile("registry")
    static class Discovered {
        // snippet: spring-live-nodes
        @Bean
        LiveNodes liveNodes(Registry registry) {
            return () -> registry.names().stream().map(NodeId::of).toList();
        }
        // end
    }

    static class DraftsInTheHttpSession {
        // snippet: sync-no-localstorage-wrong
        @PutMapping("/draft")
        void keep(@RequestBody String draft, HttpSession session) {
            session.setAttribute("draft", draft);
        }
        // end
    }

    @RestController
    static class Drafts {
        private final JdbcClient jdbc;

        Drafts(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        // snippet: sync-no-localstorage-right
        @PutMapping("/draft")
        void keep(@RequestBody String draft) {
            jdbc.sql("insert into draft values (1, ?) on conflict (id) do update set text = excluded.text")
                    .param(draft)
                    .update();
        }
        // end

        @GetMapping("/draft")
        String draft() {
            return jdbc.sql("select text from draft").query(String.class).single();
        }
    }
}
