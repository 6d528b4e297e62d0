package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.spring.web.EventConnection.Closing;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a request into a WebSocket. Apart from {@link VersionEventServlet}, so that this is not loaded without the WebSocket API. */
final class WebSocketUpgrade {
    private static final Logger log = LoggerFactory.getLogger(WebSocketUpgrade.class);

    private final VersionEvents events;
    private final ServerContainer container;

    private WebSocketUpgrade(VersionEvents events, ServerContainer container) {
        this.events = events;
        this.container = container;
    }

    /** Null if the server speaks no WebSocket. */
    static @Nullable WebSocketUpgrade of(ServletContext context, VersionEvents events) {
        Object container = context.getAttribute(ServerContainer.class.getName());
        return container instanceof ServerContainer found ? new WebSocketUpgrade(events, found) : null;
    }

    /** The place is taken when the connection opens: a browser may be gone before that, and nobody would tell. */
    void upgrade(HttpServletRequest request, HttpServletResponse response, DatabaseId database, Optional<Version> last)
            throws IOException, ServletException {
        Listener listener = new Listener(database, last);
        ServerEndpointConfig config = ServerEndpointConfig.Builder.create(Listener.class, request.getServletPath())
                .configurator(new ServerEndpointConfig.Configurator() {
                    @Override
                    public <T> T getEndpointInstance(Class<T> type) {
                        return type.cast(listener);
                    }

                    @Override
                    public boolean checkOrigin(@Nullable String origin) {
                        return true; // VersionEventServlet has
                    }
                })
                .build();
        try {
            container.upgradeHttpToWebSocket(request, response, config, Map.of());
        } catch (DeploymentException e) {
            throw new ServletException(e);
        }
    }

    /** One browser's endpoint; public, since Jetty takes no other. */
    public final class Listener extends Endpoint {
        private final DatabaseId database;
        private final Optional<Version> last;
        private volatile @Nullable EventConnection connection;

        Listener(DatabaseId database, Optional<Version> last) {
            this.database = database;
            this.last = last;
        }

        @Override
        public void onOpen(Session session, EndpointConfig config) {
            WebSocketConnection opened = new WebSocketConnection(
                    database, events.nanoTime(), events.dispatcher(), events.blocking(), session, events::remove);
            if (events.reserve(database.user())) {
                connection = opened;
                events.add(opened, last);
            } else {
                opened.shut(Closing.CROWDED);
            }
        }

        @Override
        public void onClose(Session session, CloseReason reason) {
            end();
        }

        @Override
        public void onError(Session session, Throwable failure) {
            log.debug("listener is gone", failure);
            end();
        }

        private void end() {
            EventConnection ended = connection;
            if (ended != null) {
                ended.gone();
                events.remove(ended);
            }
        }
    }
}
