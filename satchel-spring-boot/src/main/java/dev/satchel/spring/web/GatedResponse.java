package dev.satchel.spring.web;

import dev.satchel.SatchelException;
import dev.satchel.spring.internal.Refusal;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A response at the output gate: what a handler writes is held in memory until {@link #release}. A body that outgrows the
 * memory, or that an asynchronous handler flushes, leaves earlier, but each time only after {@link Gate#beforeBytesLeave} has
 * made durable what it may reveal.
 *
 * <p>While nothing has left, status, headers and body can still be replaced by another answer. Errors and redirects that the
 * handler sends are passed on at the release. Used by one thread at a time, as every response.
 */
final class GatedResponse extends HttpServletResponseWrapper {
    /** What has to happen first. */
    interface Gate {
        /**
         * Makes durable what was committed and seen, and sets headers if they have not left yet.
         *
         * @throws SatchelException if that fails; then nothing leaves
         */
        void beforeBytesLeave();

        /** Whether the request has ended while the handler still writes, on a thread of its own. */
        default boolean isOver() {
            return false;
        }
    }

    private static final int NO_ERROR = 0;
    private static final int SMALLEST_BUFFER = 1024;

    private final HttpServletRequest request;
    private final int limit;
    private final Gate gate;
    private final List<String> cookiesBefore;
    private final HeldStream stream = new HeldStream();

    private byte[] held = new byte[0];
    private int count;
    private @Nullable PrintWriter writer;
    private boolean streamTaken;
    private boolean leaving;
    private boolean released;
    private boolean discarded;
    private int errorStatus = NO_ERROR;
    private @Nullable String errorMessage;
    private @Nullable Redirect redirect;

    /**
     * Holds back what is written to {@code response}.
     *
     * @param request to know whether it goes on asynchronously
     * @param limit how many bytes are held at most
     */
    GatedResponse(HttpServletRequest request, HttpServletResponse response, int limit, Gate gate) {
        super(HiddenResponse.of(response));
        this.request = request;
        this.limit = limit;
        this.gate = gate;
        this.cookiesBefore = List.copyOf(response.getHeaders("Set-Cookie"));
    }

    /** Whether status and headers have left, so that they are final; a container may itself hold back the first bytes. */
    boolean isOpen() {
        return getResponse().isCommitted();
    }

    /** Lets everything that is held go; the gate's condition must hold. */
    void release() throws IOException {
        if (released) {
            return;
        }
        flushWriter();
        released = true;
        if (errorStatus != NO_ERROR) {
            sendHeldError();
            return;
        }
        Redirect to = redirect;
        if (to != null) {
            outer().sendRedirect(to.location(), to.status(), to.clearBuffer());
            return;
        }
        if (!leaving && count > 0 && !containsHeader("Content-Length") && !containsHeader("Transfer-Encoding")) {
            outer().setContentLength(count);
        }
        drain();
    }

    /** Throws away what is held; what the handler still writes is lost. Headers and status stay. */
    void discard() {
        discarded = true;
        released = true;
        count = 0;
        errorStatus = NO_ERROR;
        redirect = null;
    }

    /** Puts another answer in the place of what the handler wrote; nothing may have left. */
    void replace(Refusal refusal) throws IOException {
        discard();
        HttpServletResponse outer = outer();
        Map<String, List<String>> kept = headersToKeep(outer);
        outer.reset();
        kept.forEach((name, values) -> values.forEach(value -> outer.addHeader(name, value)));
        refusal.headers().forEach(outer::setHeader);
        ProblemAnswer.write(refusal.problem(), outer);
    }

    @Override
    public ServletOutputStream getOutputStream() {
        if (writer != null) {
            throw new IllegalStateException("getWriter() has already been called for this response");
        }
        streamTaken = true;
        return stream;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        if (streamTaken) {
            throw new IllegalStateException("getOutputStream() has already been called for this response");
        }
        PrintWriter current = writer;
        if (current == null) {
            String encoding = getCharacterEncoding();
            Charset charset = encoding == null ? StandardCharsets.ISO_8859_1 : Charset.forName(encoding);
            setCharacterEncoding(charset);
            current = new PrintWriter(new OutputStreamWriter(stream, charset));
            writer = current;
        }
        return current;
    }

    @Override
    public void flushBuffer() throws IOException {
        flushWriter();
        stream.flush();
    }

    @Override
    public boolean isCommitted() {
        return leaving || isOpen() || errorStatus != NO_ERROR || redirect != null;
    }

    @Override
    public void sendError(int status) throws IOException {
        sendError(status, null);
    }

    @Override
    public void sendError(int status, @Nullable String message) throws IOException {
        refuseIfCommitted("an error");
        count = 0;
        errorStatus = status;
        errorMessage = message;
        outer().setStatus(status);
    }

    @Override
    public void sendRedirect(String location) {
        sendRedirect(location, SC_FOUND, true);
    }

    @Override
    public void sendRedirect(String location, boolean clearBuffer) {
        sendRedirect(location, SC_FOUND, clearBuffer);
    }

    @Override
    public void sendRedirect(String location, int status) {
        sendRedirect(location, status, true);
    }

    @Override
    public void sendRedirect(String location, int status, boolean clearBuffer) {
        refuseIfCommitted("a redirect");
        if (clearBuffer) {
            count = 0;
        }
        redirect = new Redirect(location, status, clearBuffer);
        outer().setStatus(status);
    }

    @Override
    public void setBufferSize(int size) {
        // The gate's buffer is the application's setting, not a handler's.
    }

    @Override
    public int getBufferSize() {
        return limit;
    }

    @Override
    public void resetBuffer() {
        refuseIfCommitted("another body");
        emptyBuffer();
    }

    @Override
    public void reset() {
        refuseIfCommitted("another answer");
        emptyBuffer();
        super.reset();
        streamTaken = false;
        writer = null;
    }

    private HttpServletResponse outer() {
        return (HttpServletResponse) getResponse();
    }

    private void refuseIfCommitted(String what) {
        if (isCommitted()) {
            throw new IllegalStateException("the response has been committed, " + what + " cannot be sent any more");
        }
    }

    private void emptyBuffer() {
        if (writer != null) {
            writer.flush();
        }
        count = 0;
    }

    private void flushWriter() {
        if (writer != null) {
            stream.absorbFlush = true;
            writer.flush();
            stream.absorbFlush = false;
        }
    }

    private void sendHeldError() throws IOException {
        if (errorMessage == null) {
            outer().sendError(errorStatus);
        } else {
            outer().sendError(errorStatus, errorMessage);
        }
    }

    private Map<String, List<String>> headersToKeep(HttpServletResponse outer) {
        Map<String, List<String>> kept = new LinkedHashMap<>();
        for (String name : outer.getHeaderNames()) {
            if (Refusal.keepsHeader(name)) {
                Collection<String> values = outer.getHeaders(name);
                kept.putIfAbsent(name.toLowerCase(Locale.ROOT), new ArrayList<>(values));
            }
        }
        if (!cookiesBefore.isEmpty()) {
            kept.put("Set-Cookie", cookiesBefore);
        }
        return kept;
    }

    /** Sends what is held, after the gate's condition has been brought about. */
    private void pass() throws IOException {
        try {
            gate.beforeBytesLeave();
        } catch (SatchelException e) {
            count = 0; // Whoever goes on writing reveals nothing, and is told again.
            throw e;
        }
        leaving = true;
        drain();
    }

    private void drain() throws IOException {
        if (count > 0) {
            int length = count;
            count = 0;
            outer().getOutputStream().write(held, 0, length);
        }
    }

    private void hold(byte[] bytes, int offset, int length) {
        int needed = count + length;
        if (needed > held.length) {
            int size = Math.min(limit, Math.max(needed, Math.max(SMALLEST_BUFFER, held.length * 2)));
            byte[] larger = new byte[size];
            System.arraycopy(held, 0, larger, 0, count);
            held = larger;
        }
        System.arraycopy(bytes, offset, held, count, length);
        count = needed;
    }

    /** What the handler writes to. */
    private final class HeldStream extends ServletOutputStream {
        private boolean absorbFlush;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (gate.isOver()) {
                throw new IOException("the request is over: its client is gone, or its time was up");
            }
            if (discarded || isHeldAnswer()) {
                return;
            }
            if (released) {
                outer().getOutputStream().write(bytes, offset, length);
                return;
            }
            int from = offset;
            int left = length;
            while (left > limit - count) {
                int part = limit - count;
                hold(bytes, from, part);
                from += part;
                left -= part;
                pass();
            }
            hold(bytes, from, left);
        }

        /**
         * Of a handler that has returned and goes on asynchronously, a flush means "now"; of any other it is a habit of
         * message converters, and the answer leaves when the handler is done.
         */
        @Override
        public void flush() throws IOException {
            if (!absorbFlush && !released && !gate.isOver() && !isHeldAnswer() && request.isAsyncStarted()) {
                pass();
                outer().flushBuffer();
            }
        }

        @Override
        public void close() throws IOException {
            flush();
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new IllegalStateException(
                    "non-blocking writes cannot wait for the store: write blocking, or leave the"
                            + " path out with satchel.web.exclude-paths if it uses no database");
        }

        private boolean isHeldAnswer() {
            return errorStatus != NO_ERROR || redirect != null;
        }
    }

    private record Redirect(String location, int status, boolean clearBuffer) {}
}
