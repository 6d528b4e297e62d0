package dev.satchel.internal.sync;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What Satchel logs while this is open. Thread-safe. */
public final class Logs extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.satchel");
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

    private Logs() {}

    public static Logs record() {
        Logs logs = new Logs();
        logs.start();
        logs.logger.addAppender(logs);
        return logs;
    }

    @Override
    protected void append(ILoggingEvent event) {
        event.prepareForDeferredProcessing();
        events.add(event);
    }

    /** The lines of a level or above, formatted. */
    public List<String> lines(Level from) {
        return events.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(from))
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }

    /** Warnings and errors of the living. */
    public List<String> warnings() {
        return lines(Level.WARN).stream()
                .filter(line -> !line.contains(MortalObjectStore.DEAD))
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        stop();
    }
}
