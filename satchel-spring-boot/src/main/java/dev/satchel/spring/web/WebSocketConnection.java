package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A browser at the other end of a WebSocket. */
final class WebSocketConnection extends EventConnection {
    private static final Logger log = LoggerFactory.getLogger(WebSocketConnection.class);

    /** How long Tomcat may wait for room for a close frame, which it sends blocking, on a thread of our own. */
    private static final String CLOSE_TIMEOUT = "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT";

    private static final long CLOSE_TIMEOUT_MILLIS = 5_000;
    private static final long SEND_TIMEOUT_MILLIS = 30_000;
    private static final int MAX_INCOMING = 1024;

    private final Session session;
    private final RemoteEndpoint.Async remote;
    private final Executor blocking;
    private final Runnable removal;
    private boolean sending;

    /** Takes what removes it from where it was put. */
    WebSocketConnection(
            DatabaseId database,
            long openedNanos,
            Executor dispatcher,
            Executor blocking,
            Session session,
            Consumer<EventConnection> removal) {
        super(database, openedNanos, dispatcher);
        this.session = session;
        this.blocking = blocking;
        this.removal = () -> removal.accept(this);
        session.setMaxIdleTimeout(0);
        session.setMaxTextMessageBufferSize(MAX_INCOMING);
        session.setMaxBinaryMessageBufferSize(MAX_INCOMING);
        session.getUserProperties().put(CLOSE_TIMEOUT, CLOSE_TIMEOUT_MILLIS);
        remote = session.getAsyncRemote();
        remote.setSendTimeout(SEND_TIMEOUT_MILLIS);
    }

    @Override
    boolean isReady() {
        return !sending;
    }

    @Override
    void write(EventMessage message) {
        sending = true;
        Thread dispatcher = Thread.currentThread();
        try {
            remote.sendText(message.json(), result -> {
                if (Thread.currentThread() == dispatcher) {
                    sent(result);
                } else {
                    onDispatcher(() -> {
                        sent(result);
                        drain();
                    });
                }
            });
        } catch (RuntimeException e) {
            log.debug("event could not be sent", e);
            cut();
        }
    }

    private void sent(SendResult result) {
        sending = false;
        if (!result.isOK()) {
            log.debug("event could not be sent", result.getException());
            cut();
        }
    }

    private void cut() {
        gone();
        end(new CloseReason(CloseCodes.CLOSED_ABNORMALLY, ""));
    }

    @Override
    void shut(Closing reason) {
        end(new CloseReason(CloseCodes.getCloseCode(reason.code), reason.text));
    }

    private void end(CloseReason reason) {
        try {
            blocking.execute(() -> closeSession(reason));
        } catch (RejectedExecutionException e) {
            log.debug("connection could not be closed in order", e);
            removal.run();
        }
    }

    /** A server may wait for the other end's answer before it says that the connection is closed: here it is over with the asking. */
    private void closeSession(CloseReason reason) {
        try {
            if (reason.getCloseCode() == CloseCodes.CLOSED_ABNORMALLY) {
                session.close();
            } else {
                session.close(reason);
            }
        } catch (IOException | RuntimeException e) {
            log.debug("connection could not be closed in order", e);
        } finally {
            removal.run();
        }
    }
}
