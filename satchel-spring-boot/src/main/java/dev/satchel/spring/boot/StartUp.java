package dev.satchel.spring.boot;

import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextRefreshedEvent;

/** Knows whether the application is still starting. Thread-safe. */
final class StartUp implements ApplicationListener<ContextRefreshedEvent> {
    private volatile boolean over;

    @Override
    public void onApplicationEvent(ContextRefreshedEvent event) {
        over = true;
    }

    boolean isRunning() {
        return !over;
    }
}
