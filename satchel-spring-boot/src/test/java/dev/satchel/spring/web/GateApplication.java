package dev.satchel.spring.web;

import dev.satchel.BusyException;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.QuotaExceededException;
import dev.satchel.SatchelException;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.spring.FakeSession;
import dev.satchel.spring.SatchelDataSource;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.UserContext;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.SQLTransientException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** An application whose sessions are scripted by the test, with a handler for each way of answering. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class GateApplication {
    static final int BUFFER = 4096;

    /** What the test scripts and inspects. */
    static final class Script {
        private final List<FakeSession> sessions = new CopyOnWriteArrayList<>();
        private final List<String> events = new CopyOnWriteArrayList<>();
        private volatile Function<DatabaseId, FakeSession> opener = this::plain;
        final AtomicInteger leftEarly = new AtomicInteger();
        final AtomicInteger brokenOff = new AtomicInteger();

        private volatile CountDownLatch deferUntil = new CountDownLatch(0);
        private volatile Runnable whileDeferred = () -> {};

        /** What the deferred handler waits for, and does then, before it has its result. */
        void defer(CountDownLatch until, Runnable action) {
            deferUntil = until;
            whileDeferred = action;
        }

        void reset() {
            sessions.clear();
            events.clear();
            opener = this::plain;
            leftEarly.set(0);
            brokenOff.set(0);
            defer(new CountDownLatch(0), () -> {});
        }

        void open(Function<DatabaseId, FakeSession> value) {
            opener = value;
        }

        void failToOpen(SatchelException e) {
            opener = database -> {
                throw e;
            };
        }

        /** A session that ends well; its events are noted with those of the others. */
        FakeSession plain(DatabaseId database) {
            return new FakeSession(database, events);
        }

        /** What was asked of all plain sessions, in order. */
        List<String> events() {
            return events;
        }

        List<FakeSession> sessions() {
            return sessions;
        }

        FakeSession session() {
            if (sessions.size() != 1) {
                throw new AssertionError("sessions opened: " + sessions.size());
            }
            return sessions.get(0);
        }

        FakeSession open(DatabaseId database, Freshness freshness, Durability durability) {
            events.add("open");
            FakeSession session = opener.apply(database);
            sessions.add(session);
            return session;
        }
    }

    @Bean
    Script script() {
        return new Script();
    }

    @Bean
    UserContext userContext() {
        return new UserContext();
    }

    @Bean
    SatchelScopes scopes(Script script, UserContext context) {
        return new SatchelScopes(script::open, context, Freshness.latest(), Durability.DURABLE);
    }

    @Bean
    DataSource dataSource(SatchelScopes scopes) {
        return new SatchelDataSource(scopes);
    }

    @Bean
    FilterRegistrationBean<UserContextFilter> userContextFilter(UserContext context) {
        UserResolver resolver =
                request -> Optional.ofNullable(request.getHeader("X-User-ID")).map(UserId::of);
        FilterRegistrationBean<UserContextFilter> registration =
                new FilterRegistrationBean<>(new UserContextFilter(resolver, context, List.of("/excluded/**"), false));
        registration.setOrder(UserContextFilter.ORDER);
        return registration;
    }

    @Bean
    FilterRegistrationBean<DatabaseSyncFilter> databaseSyncFilter(
            Script script, SatchelScopes scopes, UserContext context) {
        SyncObserver observer = new SyncObserver() {
            @Override
            public void answerLeftEarly() {
                script.leftEarly.incrementAndGet();
            }

            @Override
            public void answerBrokenOff() {
                script.brokenOff.incrementAndGet();
            }
        };
        FreshnessResolver freshness = request ->
                Optional.ofNullable(request.getHeader("X-Bookmark")).map(v -> Freshness.atLeast(Version.parse(v)));
        FilterRegistrationBean<DatabaseSyncFilter> registration = new FilterRegistrationBean<>(new DatabaseSyncFilter(
                unit -> Optional.of(Version.of(4)),
                scopes,
                context,
                freshness,
                observer,
                new DatabaseSyncSettings(BUFFER, List.of("/excluded/**"), false, List.of(), false)));
        registration.setOrder(DatabaseSyncFilter.ORDER);
        return registration;
    }

    /** Stands for what an application puts around: request ids, cookies of its own. */
    @Bean
    FilterRegistrationBean<OncePerRequestFilter> outerFilter() {
        OncePerRequestFilter filter = new OncePerRequestFilter() {
            @Override
            protected void doFilterInternal(
                    HttpServletRequest request, HttpServletResponse response, jakarta.servlet.FilterChain chain)
                    throws jakarta.servlet.ServletException, IOException {
                response.setHeader("X-Request-Id", "r1");
                response.addHeader("Set-Cookie", "outer=1");
                chain.doFilter(request, response);
            }
        };
        FilterRegistrationBean<OncePerRequestFilter> registration = new FilterRegistrationBean<>(filter);
        registration.setOrder(-1000);
        return registration;
    }

    @Bean
    ServletRegistrationBean<HttpServlet> rawServlet(JdbcClient jdbc, UserContext context) {
        HttpServlet servlet = new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) {
                select(jdbc);
                AsyncContext async = request.startAsync();
                async.start(() -> {
                    try {
                        async.getResponse().getWriter().print("raw");
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                    async.complete();
                });
            }
        };
        ServletRegistrationBean<HttpServlet> registration = new ServletRegistrationBean<>(servlet, "/raw");
        registration.setAsyncSupported(true);
        return registration;
    }

    /** Answers when its time is up, as listeners of the servlet API do. */
    @Bean
    ServletRegistrationBean<HttpServlet> rawTimeOut(JdbcClient jdbc) {
        HttpServlet servlet = new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) {
                select(jdbc);
                AsyncContext async = request.startAsync();
                async.setTimeout(1);
                async.addListener(new AsyncListener() {
                    @Override
                    public void onTimeout(AsyncEvent event) throws IOException {
                        event.getAsyncContext().getResponse().getWriter().print("late");
                        event.getAsyncContext().complete();
                    }

                    @Override
                    public void onComplete(AsyncEvent event) {}

                    @Override
                    public void onError(AsyncEvent event) {}

                    @Override
                    public void onStartAsync(AsyncEvent event) {}
                });
                select(jdbc);
            }
        };
        ServletRegistrationBean<HttpServlet> registration = new ServletRegistrationBean<>(servlet, "/raw-time-out");
        registration.setAsyncSupported(true);
        return registration;
    }

    /** Goes on elsewhere, where no database is given to those who begin there. */
    @Bean
    ServletRegistrationBean<HttpServlet> rawDispatch(JdbcClient jdbc) {
        HttpServlet servlet = new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) {
                select(jdbc);
                request.startAsync().dispatch("/excluded/plain");
            }
        };
        ServletRegistrationBean<HttpServlet> registration = new ServletRegistrationBean<>(servlet, "/raw-dispatch");
        registration.setAsyncSupported(true);
        return registration;
    }

    /** Has no time-out, and an end that cannot be made durable after its beginning has left. */
    @Bean
    ServletRegistrationBean<HttpServlet> rawWithoutTimeOut(JdbcClient jdbc, UserContext context) {
        HttpServlet servlet = new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                AsyncContext async = request.startAsync();
                async.setTimeout(0);
                async.getResponse().getOutputStream().write(new byte[BUFFER * 20]);
                select(jdbc);
                Thread worker = new Thread(async::complete, "raw-without-time-out");
                worker.setUncaughtExceptionHandler(
                        (thread, failure) -> {}); // It is told that the answer cannot be sent.
                worker.start();
            }
        };
        ServletRegistrationBean<HttpServlet> registration =
                new ServletRegistrationBean<>(servlet, "/raw-without-time-out");
        registration.setAsyncSupported(true);
        return registration;
    }

    static long select(JdbcClient jdbc) {
        return jdbc.sql("select 1").query(Long.class).single();
    }

    @Service
    static class Transactions {
        private final JdbcClient jdbc;

        Transactions(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @Transactional
        public long select() {
            return GateApplication.select(jdbc);
        }
    }

    @RestController
    static class Handlers {
        private final JdbcClient jdbc;
        private final Script script;
        private final Transactions transactions;
        private final ExecutorService executor = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "handlers");
            thread.setDaemon(true);
            return thread;
        });

        Handlers(JdbcClient jdbc, Script script, Transactions transactions) {
            this.jdbc = jdbc;
            this.script = script;
            this.transactions = transactions;
        }

        @GetMapping("/select")
        Map<String, Object> read() {
            return Map.of("value", select(jdbc));
        }

        @GetMapping("/excluded/select")
        Map<String, Object> excluded() {
            return Map.of("value", select(jdbc));
        }

        @GetMapping("/excluded/plain")
        String excludedPlain() {
            return "excluded";
        }

        @GetMapping("/transactional")
        Map<String, Object> transactional() {
            return Map.of("value", transactions.select());
        }

        @GetMapping("/plain")
        String plain() {
            return "no database";
        }

        @GetMapping("/plain/{size}")
        String plain(@PathVariable int size) {
            return "x".repeat(size);
        }

        @PostMapping("/write")
        ResponseEntity<String> write(HttpServletResponse response) {
            select(jdbc);
            script.sessions().forEach(FakeSession::commit);
            response.addHeader("Set-Cookie", "handler=1");
            return ResponseEntity.status(HttpStatus.CREATED)
                    .header("Location", "/things/1")
                    .header("Access-Control-Allow-Origin", "*")
                    .eTag("\"one\"")
                    .body("created");
        }

        @PostMapping("/write-then-fail")
        String writeThenFail() {
            select(jdbc);
            script.sessions().forEach(FakeSession::commit);
            throw new IllegalStateException("handler failed");
        }

        @PostMapping("/write-then-busy")
        String writeThenBusy() {
            select(jdbc);
            script.sessions().forEach(FakeSession::commit);
            throw new BusyException("alice's secret path /x", null);
        }

        @PostMapping("/busy-elsewhere")
        String busyElsewhere() {
            throw new BusyException("another user's database", null);
        }

        @PostMapping("/write-then-handled")
        String writeThenHandled() {
            select(jdbc);
            throw new UnsupportedOperationException();
        }

        @ExceptionHandler(UnsupportedOperationException.class)
        ResponseEntity<String> handled() {
            return ResponseEntity.unprocessableContent().body("handled");
        }

        @PostMapping("/not-found")
        String notFound() {
            select(jdbc);
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, "gone");
        }

        @GetMapping("/redirect")
        void redirect(HttpServletResponse response) throws IOException {
            select(jdbc);
            response.sendRedirect("/plain");
        }

        @GetMapping("/large/{size}")
        void large(@PathVariable int size, HttpServletResponse response) throws IOException {
            select(jdbc);
            response.setContentType("text/plain");
            response.getOutputStream().write("x".repeat(size).getBytes(StandardCharsets.UTF_8));
        }

        @GetMapping("/large-then-select/{size}")
        void largeThenSelect(@PathVariable int size, HttpServletResponse response) throws IOException {
            large(size, response);
            select(jdbc);
        }

        /** As a message converter does that closes what it has opened. */
        @GetMapping("/large-goes-on/{size}")
        void largeGoesOn(@PathVariable int size, HttpServletResponse response) throws IOException {
            select(jdbc);
            byte[] bytes = "x".repeat(size).getBytes(StandardCharsets.UTF_8);
            try {
                response.getOutputStream().write(bytes);
            } catch (SatchelException e) {
                response.getOutputStream().write(bytes);
            }
        }

        @GetMapping("/large-streaming-goes-on/{size}")
        StreamingResponseBody largeStreamingGoesOn(@PathVariable int size) {
            byte[] bytes = "x".repeat(size).getBytes(StandardCharsets.UTF_8);
            return out -> {
                select(jdbc);
                try {
                    out.write(bytes);
                } catch (SatchelException e) {
                    out.write(bytes);
                    out.flush();
                }
            };
        }

        @GetMapping("/large-in-transaction")
        @Transactional
        public void largeInTransaction(HttpServletResponse response) throws IOException {
            select(jdbc);
            response.getOutputStream().write(new byte[BUFFER + 1]);
        }

        @GetMapping("/locked")
        String locked() {
            select(jdbc);
            throw new DataAccessResourceFailureException("locked", new SQLTransientException("locked"));
        }

        @GetMapping("/disk-full")
        String diskFull() {
            select(jdbc);
            throw new DataAccessResourceFailureException("full", new SQLException("full", "53100"));
        }

        @GetMapping("/quota")
        String quota() {
            select(jdbc);
            QuotaExceededException why = new QuotaExceededException(DatabaseId.of("alice"), 1, null);
            throw new DataAccessResourceFailureException(
                    "full", new SQLNonTransientException(why.getMessage(), "53100", why));
        }

        @GetMapping("/writer")
        void writer(HttpServletResponse response) throws IOException {
            select(jdbc);
            response.setContentType("text/plain;charset=UTF-8");
            response.getWriter().print("gr\u00fc\u00df");
            response.flushBuffer();
        }

        @GetMapping("/callable")
        Callable<String> callable() {
            select(jdbc);
            return () -> "callable " + select(jdbc);
        }

        @GetMapping("/deferred")
        DeferredResult<String> deferred() {
            select(jdbc);
            DeferredResult<String> result = new DeferredResult<>();
            executor.execute(() -> {
                try {
                    script.deferUntil.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                script.whileDeferred.run();
                result.setResult("deferred");
            });
            return result;
        }

        @GetMapping("/never")
        DeferredResult<String> never() {
            select(jdbc);
            return new DeferredResult<>(1L);
        }

        @GetMapping("/streaming")
        StreamingResponseBody streaming() {
            return out -> {
                out.write("first;".getBytes(StandardCharsets.UTF_8));
                select(jdbc);
                out.flush();
                out.write("second".getBytes(StandardCharsets.UTF_8));
            };
        }

        @GetMapping("/streaming-fails")
        StreamingResponseBody streamingFails() {
            return out -> {
                select(jdbc);
                out.write(new byte[100_000]);
                throw new IOException("handler failed");
            };
        }

        @GetMapping("/sse")
        SseEmitter sse() throws IOException {
            select(jdbc);
            SseEmitter emitter = new SseEmitter();
            executor.execute(() -> {
                try {
                    emitter.send("one", MediaType.TEXT_PLAIN);
                    emitter.send("two", MediaType.TEXT_PLAIN);
                    emitter.complete();
                } catch (IOException e) {
                    emitter.completeWithError(e);
                }
            });
            return emitter;
        }
    }
}
