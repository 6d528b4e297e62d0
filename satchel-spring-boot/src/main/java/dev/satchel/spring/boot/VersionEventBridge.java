package dev.satchel.spring.boot;

import dev.satchel.VersionEvent;
import dev.satchel.VersionListener;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Passes version events on to the application's {@link VersionListener} beans and, as they are, to its {@code @EventListener}
 * methods. Beans are looked up at the first event after the start, so they may themselves use the database; events before that
 * are dropped, since there is nobody yet who could have an older version on a screen. What a listener throws is logged.
 */
final class VersionEventBridge implements VersionListener {
    private static final Logger log = LoggerFactory.getLogger(VersionEventBridge.class);

    private final ObjectProvider<VersionListener> beans;
    private final ApplicationEventPublisher publisher;
    private final StartUp startUp;
    private volatile @Nullable List<VersionListener> listeners;

    VersionEventBridge(ObjectProvider<VersionListener> beans, ApplicationEventPublisher publisher, StartUp startUp) {
        this.beans = beans;
        this.publisher = publisher;
        this.startUp = startUp;
    }

    @Override
    public void onEvent(VersionEvent event) {
        if (startUp.isRunning()) {
            return;
        }
        try {
            for (VersionListener listener : listeners()) {
                tell(listener, event);
            }
            publisher.publishEvent(event);
        } catch (RuntimeException e) {
            log.warn("version event could not be passed on kind={} version={}", event.kind(), event.version(), e);
        } catch (Error e) {
            log.error("version event could not be passed on kind={} version={}", event.kind(), event.version(), e);
        }
    }

    private List<VersionListener> listeners() {
        List<VersionListener> known = listeners;
        if (known == null) {
            known = beans.orderedStream().toList();
            listeners = known;
        }
        return known;
    }

    private static void tell(VersionListener listener, VersionEvent event) {
        try {
            listener.onEvent(event);
        } catch (RuntimeException e) {
            log.warn(
                    "version listener failed listener={} kind={} version={}",
                    listener.getClass().getName(),
                    event.kind(),
                    event.version(),
                    e);
        } catch (Error e) {
            log.error(
                    "version listener failed listener={} kind={} version={}",
                    listener.getClass().getName(),
                    event.kind(),
                    event.version(),
                    e);
        }
    }
}
