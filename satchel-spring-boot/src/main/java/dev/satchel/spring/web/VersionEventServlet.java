package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.UserId;
import dev.satchel.Version;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.web.cors.CorsUtils;

/**
 * Where browsers listen: a WebSocket if the request asks for one, server-sent events otherwise, with the same messages. Whose
 * databases is for the application's {@link UserResolver} to say, and for nobody else: the request only names one of that user's.
 *
 * <p>{@code ?database=} names it, the default one if left out; {@code ?version=} or {@code Last-Event-ID} is the version to resume
 * from. Answers 401 without a user, 403 to pages of other sites and to the path of a database, 503 when there are too many connections.
 */
public final class VersionEventServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final String WEB_SOCKET_API = "jakarta.websocket.server.ServerContainer";
    private static final String RETRY_AFTER_SECONDS = "5";

    private final transient VersionEvents events;
    private final transient List<String> allowedOrigins;
    private transient @Nullable WebSocketUpgrade webSocket;

    /**
     * An endpoint; {@link UserContextFilter} must come before it, {@link DatabaseSyncFilter} must leave it alone.
     *
     * @param allowedOrigins pages of which other sites may listen, as {@code https://app.example.com}
     */
    public VersionEventServlet(VersionEvents events, List<String> allowedOrigins) {
        this.events = Objects.requireNonNull(events, "events");
        this.allowedOrigins = List.copyOf(allowedOrigins);
    }

    @Override
    public void init() {
        if (ClassUtils.isPresent(WEB_SOCKET_API, VersionEventServlet.class.getClassLoader())) {
            webSocket = WebSocketUpgrade.of(getServletContext(), events);
        }
    }

    /** Whether one may listen, without listening: a browser does not tell a page why a connection failed. */
    @Override
    protected void doHead(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (authorised(request, response) != null) {
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        UserId user = authorised(request, response);
        if (user == null) {
            return;
        }
        DatabaseId database;
        Optional<Version> last;
        try {
            String name = request.getParameter("database");
            if (name != null && name.contains("/")) {
                refuse(response, HttpServletResponse.SC_FORBIDDEN, "a user listens to databases of their own only");
                return;
            }
            database = name == null ? DatabaseId.of(user) : new DatabaseId(user, name);
            last = last(request);
        } catch (IllegalArgumentException e) {
            refuse(response, HttpServletResponse.SC_BAD_REQUEST, "database or version cannot be one");
            return;
        }
        boolean upgrade = "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
        if (upgrade && webSocket == null) {
            refuse(response, HttpServletResponse.SC_NOT_IMPLEMENTED, "no WebSocket here: use server-sent events");
            return;
        }
        if (upgrade && webSocket != null && events.hasRoom(user)) {
            webSocket.upgrade(request, response, database, last);
        } else if (!upgrade && events.reserve(user)) {
            stream(request, response, database, last);
        } else {
            response.setHeader("Retry-After", RETRY_AFTER_SECONDS);
            refuse(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE, "too many connections");
        }
    }

    private void stream(
            HttpServletRequest request, HttpServletResponse response, DatabaseId database, Optional<Version> last)
            throws IOException {
        boolean begun = false;
        try {
            response.setContentType("text/event-stream");
            response.setCharacterEncoding(StandardCharsets.UTF_8.name());
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("X-Accel-Buffering", "no");
            ServletOutputStream out = response.getOutputStream();
            out.write(SseConnection.opening(events.random()));
            out.flush();
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            SseConnection connection =
                    new SseConnection(database, events.nanoTime(), events.dispatcher(), async, out, events::remove);
            async.addListener(connection);
            begun = true; // From here on whoever removes the connection gives its place back.
            events.add(connection, last);
            out.setWriteListener(connection);
        } finally {
            if (!begun) {
                events.free(database.user());
            }
        }
    }

    private @Nullable UserId authorised(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!isAllowed(request, response)) {
            refuse(response, HttpServletResponse.SC_FORBIDDEN, "pages of this origin may not listen");
            return null;
        }
        if (request.getAttribute(UserContextFilter.USER_ATTRIBUTE) instanceof UserId user) {
            return user;
        }
        refuse(response, HttpServletResponse.SC_UNAUTHORIZED, "nobody is signed in");
        return null;
    }

    /** Browsers let any page open a WebSocket to anywhere, and send the user's cookies with it: only the origin tells. */
    private boolean isAllowed(HttpServletRequest request, HttpServletResponse response) {
        String origin = request.getHeader("Origin");
        if (origin == null || !CorsUtils.isCorsRequest(request) || isSameHost(origin, request.getHeader("Host"))) {
            return true;
        }
        if (!allowedOrigins.contains(origin)) {
            return false;
        }
        response.setHeader("Access-Control-Allow-Origin", origin);
        response.setHeader("Access-Control-Allow-Credentials", "true");
        response.addHeader("Vary", "Origin");
        return true;
    }

    /** A proxy that ends TLS makes the scheme differ, and keeps the host. */
    private static boolean isSameHost(String origin, @Nullable String host) {
        try {
            return host != null && host.equalsIgnoreCase(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Optional<Version> last(HttpServletRequest request) {
        String asked = request.getParameter("version");
        String text = asked == null ? request.getHeader("Last-Event-ID") : asked;
        return text == null || text.isEmpty() ? Optional.empty() : Optional.of(Version.parse(text));
    }

    private static void refuse(HttpServletResponse response, int status, String text) throws IOException {
        response.setStatus(status);
        response.setContentType("text/plain");
        response.getWriter().write(text + "\n");
    }
}
