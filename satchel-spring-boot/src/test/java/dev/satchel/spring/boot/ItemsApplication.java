package dev.satchel.spring.boot;

import dev.satchel.DatabaseId;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.SatchelException;
import dev.satchel.SchemaMigration;
import dev.satchel.Session;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.web.FreshnessResolver;
import dev.satchel.spring.web.UserResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.ModelAndView;

/** An application whose users have items: one table, and requests that read and write it in several ways. */
public final class ItemsApplication {
    private ItemsApplication() {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Beans {
        @Bean
        UserResolver userResolver() {
            return request ->
                    Optional.ofNullable(request.getHeader("X-User-ID")).map(UserId::of);
        }

        @Bean
        FreshnessResolver freshness() {
            return request -> Optional.ofNullable(request.getHeader("X-Freshness"))
                    .map(value -> value.equals("local") ? Freshness.local() : Freshness.atLeast(Version.parse(value)));
        }

        @Bean
        SchemaMigration schema() {
            return new Schema();
        }

        /** Images would be requests that come at their own time. */
        @Bean
        SatchelCustomizer noImages(SatchelProperties properties) {
            return builder ->
                    builder.config(properties.config().withIdle(100_000, Duration.ofHours(1), Duration.ofHours(1)));
        }

        @Bean
        Step step() {
            return new Step();
        }
    }

    /** What happens in the middle of a slow request. */
    public static final class Step {
        public volatile Runnable inTheMiddle = () -> {};
    }

    /** The one table. */
    public static final class Schema implements SchemaMigration {
        @Override
        public int targetVersion() {
            return 1;
        }

        @Override
        public void migrate(Connection connection, int from) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("create table item (id integer primary key, name text not null)");
            }
        }
    }

    @RestController
    public static class ItemController {
        private final JdbcClient jdbc;
        private final Satchel satchel;
        private final SatchelScopes scopes;
        private final Step step;

        ItemController(JdbcClient jdbc, Satchel satchel, SatchelScopes scopes, Step step) {
            this.jdbc = jdbc;
            this.satchel = satchel;
            this.scopes = scopes;
            this.step = step;
        }

        @GetMapping("/forwarded")
        ModelAndView forwarded() {
            return new ModelAndView("forward:/items");
        }

        @GetMapping("/free")
        String free() {
            return "free";
        }

        @GetMapping("/items")
        List<String> items() {
            return jdbc.sql("select name from item order by id")
                    .query(String.class)
                    .list();
        }

        @PostMapping("/items")
        @ResponseStatus(HttpStatus.CREATED)
        public String add(@RequestBody String name) {
            insert(name);
            return "saved item";
        }

        @PostMapping("/items-slowly")
        @ResponseStatus(HttpStatus.CREATED)
        String addSlowly(@RequestBody String name) {
            items();
            step.inTheMiddle.run();
            insert(name);
            return "saved item";
        }

        /** What an administrator or a referral does: work for one user in a request of another. */
        @PostMapping("/items-of/{user}")
        @ResponseStatus(HttpStatus.CREATED)
        void addFor(@PathVariable String user, @RequestBody String name) {
            scopes.runAs(UserId.of(user), () -> insert(name));
        }

        /** One of several databases of the user. */
        @PostMapping("/databases/{database}")
        @ResponseStatus(HttpStatus.CREATED)
        void addTo(@PathVariable String database, @RequestBody String name) {
            ItemsApplication.insert(satchel, new DatabaseId(scopes.currentUser().orElseThrow(), database), name);
        }

        @GetMapping("/databases/{database}")
        List<String> itemsOf(@PathVariable String database) {
            return itemsSeenBy(satchel, new DatabaseId(scopes.currentUser().orElseThrow(), database));
        }

        @PostMapping("/many")
        void many() {
            for (int i = 0; i < 10; i++) {
                insert("many" + i);
            }
        }

        @PostMapping("/rolled-back")
        @Transactional
        public void rolledBack() {
            insert("never");
            TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
        }

        @PostMapping("/callable")
        Callable<String> callable(@RequestBody String name) {
            return () -> {
                insert(name);
                return "saved item";
            };
        }

        @PostMapping("/gifts/{first}/{second}")
        @ResponseStatus(HttpStatus.CREATED)
        void gifts(@PathVariable String first, @PathVariable String second, @RequestBody String gift) {
            for (String user : List.of(first, second)) {
                ItemsApplication.insert(satchel, user, gift);
            }
        }

        @PostMapping("/account-deleted")
        String deleteAccount() {
            satchel.delete(DatabaseId.of(scopes.currentUser().orElseThrow()));
            return "deleted";
        }

        @PostMapping("/kinds/main/{action}")
        void actOnMain(@PathVariable String action, @RequestBody String name) {
            act(jdbc, action, name);
        }

        /** Tells how its own session ended, since the answer's header is about the main database. */
        @PostMapping("/kinds/other/{action}")
        String actOnOther(@PathVariable String action, @RequestBody String name) {
            DatabaseId other = new DatabaseId(scopes.currentUser().orElseThrow(), "other");
            try (Session session = scopes.open(other, scopes.freshness())) {
                act(JdbcClient.create(session.dataSource()), action, name);
                return session.complete().status().token();
            }
        }

        private static void act(JdbcClient database, String action, String name) {
            String sql = switch (action) {
                case "publish" -> "update item set name = name || ' published' where name = ?";
                case "restore" -> "insert into item (name) values (?)";
                default -> "delete from item where name = ?";
            };
            database.sql(sql).param(name).update();
        }

        @PostMapping("/scoped-gifts/{first}/{second}")
        @ResponseStatus(HttpStatus.CREATED)
        void scopedGifts(@PathVariable String first, @PathVariable String second, @RequestBody String gift) {
            for (String user : List.of(first, second)) {
                scopes.runAs(UserId.of(user), () -> insert(gift));
            }
        }

        @PostMapping({"/gifts-told/{first}/{second}", "/scoped-gifts-told/{first}/{second}"})
        String giftsTold(
                @PathVariable String first,
                @PathVariable String second,
                @RequestBody String gift,
                HttpServletRequest request) {
            boolean scoped = request.getRequestURI().startsWith("/scoped");
            return Stream.of(first, second)
                    .map(user -> user + ": " + (isGiven(user, gift, scoped) ? "saved" : "not saved"))
                    .collect(Collectors.joining(", "));
        }

        private boolean isGiven(String user, String gift, boolean scoped) {
            try {
                if (scoped) {
                    scopes.runAs(UserId.of(user), () -> insert(gift));
                } else {
                    ItemsApplication.insert(satchel, user, gift);
                }
                return true;
            } catch (SatchelException e) {
                return false;
            }
        }

        @GetMapping("/mdc")
        Map<String, String> mdc() {
            items();
            return new HashMap<>(MDC.getCopyOfContextMap());
        }

        private void insert(String name) {
            jdbc.sql("insert into item (name) values (?)").param(name).update();
        }
    }

    /** Adds an item by way of another node. */
    public static void insert(Satchel satchel, String user, String name) {
        insert(satchel, DatabaseId.of(user), name);
    }

    /** Adds an item by way of another node. */
    public static void insert(Satchel satchel, DatabaseId database, String name) {
        try {
            satchel.<@Nullable Void, SQLException>write(database, session -> {
                JdbcClient.create(session.dataSource())
                        .sql("insert into item (name) values (?)")
                        .param(name)
                        .update();
                return null;
            });
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The items that a node sees. */
    public static List<String> itemsSeenBy(Satchel satchel, String user) {
        return itemsSeenBy(satchel, DatabaseId.of(user));
    }

    /** The items that a node sees. */
    public static List<String> itemsSeenBy(Satchel satchel, DatabaseId database) {
        return satchel.<List<String>, RuntimeException>read(
                database,
                session -> JdbcClient.create(session.dataSource())
                        .sql("select name from item order by id")
                        .query(String.class)
                        .list());
    }
}
