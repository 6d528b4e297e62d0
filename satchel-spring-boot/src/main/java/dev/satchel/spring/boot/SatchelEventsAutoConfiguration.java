package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.VersionFeed;
import dev.satchel.spring.web.UserResolver;
import dev.satchel.spring.web.VersionEventServlet;
import dev.satchel.spring.web.VersionEvents;
import jakarta.servlet.Servlet;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets browsers listen to the versions of their user's databases. */
@AutoConfiguration(after = SatchelAutoConfiguration.class, before = SatchelWebAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Servlet.class, OncePerRequestFilter.class})
@ConditionalOnBean({Satchel.class, UserResolver.class})
@ConditionalOnBooleanProperty(
        name = {"satchel.web.enabled", "satchel.events.enabled"},
        matchIfMissing = true)
public final class SatchelEventsAutoConfiguration {
    private static final int BLOCKING_THREADS = 4;
    private static final int IDLE_SECONDS = 30;

    @Bean
    @ConditionalOnMissingBean
    VersionEvents satchelVersionEvents(Satchel satchel, VersionFeed feed, SatchelProperties properties) {
        SatchelProperties.Events events = properties.events();
        ScheduledThreadPoolExecutor dispatcher = new ScheduledThreadPoolExecutor(1, daemons("satchel-events"));
        dispatcher.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        ThreadPoolExecutor blocking = new ThreadPoolExecutor(
                BLOCKING_THREADS,
                BLOCKING_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(events.maxConnections() * 2),
                daemons("satchel-events-blocking"));
        blocking.allowCoreThreadTimeOut(true);
        VersionEvents.Settings settings = new VersionEvents.Settings(
                events.heartbeat(), events.lifetime(), events.maxConnections(), events.maxConnectionsPerUser());
        return new VersionEvents(satchel, feed, settings, dispatcher, blocking, new Random(), System::nanoTime);
    }

    @Bean
    ServletRegistrationBean<VersionEventServlet> satchelVersionEventServlet(
            VersionEvents events, SatchelProperties properties) {
        ServletRegistrationBean<VersionEventServlet> registration = new ServletRegistrationBean<>(
                new VersionEventServlet(events, properties.events().allowedOrigins()),
                properties.events().path());
        registration.setName("satchelEvents");
        registration.setAsyncSupported(true);
        return registration;
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger count = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
