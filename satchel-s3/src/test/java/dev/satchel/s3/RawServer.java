package dev.satchel.s3;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A server that reads requests as they are on the wire and answers them as badly as it is told to. */
final class RawServer implements AutoCloseable {

    /** A request as it arrived. */
    record Request(String line, List<String> headers, byte[] body) {
        Optional<String> header(String name) {
            String begin = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream()
                    .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(begin))
                    .map(header -> header.substring(begin.length()).strip())
                    .findFirst();
        }
    }

    /** What to do about a request. The connection is kept if this returns normally. */
    interface Answer {
        void to(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    private final ServerSocket listener;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Answer answer;

    RawServer(Answer answer) throws IOException {
        this.answer = answer;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        inBackground(this::accept);
    }

    RawServer() throws IOException {
        this(hangUp());
    }

    void answer(Answer newAnswer) {
        answer = newAnswer;
    }

    int port() {
        return listener.getLocalPort();
    }

    List<Request> requests() {
        return requests;
    }

    int connections() {
        return connections.get();
    }

    /** An answer without a body. */
    static Answer status(int status, String... headers) {
        return (request, out) -> write(out, status, "", headers);
    }

    /** An error as S3 words it, or as something in between does when the code is empty. */
    static Answer error(int status, String code, String... headers) {
        String xml = "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>because</Message></Error>";
        return (request, out) ->
                write(out, status, code.isEmpty() || request.line().startsWith("HEAD") ? "" : xml, headers);
    }

    static Answer xml(String xml) {
        return (request, out) -> write(out, 200, xml, "Content-Type: application/xml");
    }

    static Answer hangUp() {
        return (request, out) -> {
            throw new IOException("hanging up");
        };
    }

    /** No answer, as long as the server lives. */
    Answer silence() {
        return (request, out) -> closed.await();
    }

    /** The beginning of an answer with a body, and then silence or a hang-up. */
    Answer partOfBody(int announced, int sent, boolean thenSilence) {
        return (request, out) -> {
            String head = "HTTP/1.1 200 OK\r\nContent-Length: " + announced + "\r\nETag: \"e\"\r\n"
                    + "Last-Modified: Sun, 22 Nov 2026 00:00:00 GMT\r\n\r\n" + "x".repeat(sent);
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            if (thenSilence) {
                closed.await();
            }
            throw new IOException("hanging up");
        };
    }

    static void write(OutputStream out, int status, String body, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Whatever\r\nContent-Length: " + body.length()
                + "\r\nx-amz-request-id: REQUEST-7\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        out.write((head + "\r\n" + body).getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                sockets.add(socket);
                inBackground(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (Request request = read(in); request != null; request = read(in)) {
                requests.add(request);
                answer.to(request, socket.getOutputStream());
            }
        } catch (IOException e) {
            // The client has gone, or the answer was to hang up.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static @Nullable Request read(InputStream in) throws IOException {
        String line = readLine(in);
        if (line == null) {
            return null;
        }
        List<String> headers = new CopyOnWriteArrayList<>();
        for (String header = readLine(in); header != null && !header.isEmpty(); header = readLine(in)) {
            headers.add(header);
        }
        Request head = new Request(line, headers, new byte[0]);
        int length = head.header("Content-Length").map(Integer::parseInt).orElse(0);
        return new Request(line, headers, in.readNBytes(length));
    }

    private static @Nullable String readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
            }
            line.write(b);
        }
        return null;
    }

    private static void inBackground(Runnable task) {
        Thread thread = new Thread(task, "raw-server");
        thread.setDaemon(true);
        thread.start();
    }
}
