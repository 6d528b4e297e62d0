package dev.satchel.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Passes connections on to a server, and cuts each off after so many bytes of answers. */
final class CuttingRelay implements AutoCloseable {
    private final ServerSocket listener;
    private final int port;
    private final int limit;

    CuttingRelay(int port, int limit) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.port = port;
        this.limit = limit;
        inBackground(() -> {
            while (true) {
                Socket client = listener.accept();
                inBackground(() -> relay(client));
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    private void relay(Socket client) throws IOException {
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            InputStream questions = client.getInputStream();
            OutputStream onwards = server.getOutputStream();
            inBackground(() -> questions.transferTo(onwards));
            OutputStream back = client.getOutputStream();
            back.write(server.getInputStream().readNBytes(1));
            for (int sent = 1; sent < limit; sent++) {
                int next = server.getInputStream().read();
                if (next < 0) {
                    return;
                }
                back.write(next);
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void inBackground(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // One of the sides has gone.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
