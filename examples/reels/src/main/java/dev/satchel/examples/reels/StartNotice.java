package dev.satchel.examples.reels;

import dev.satchel.spring.boot.SatchelProperties;
import dev.satchel.store.ObjectStore;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Says on standard output, once and when it is true, where the application is to be found and where it keeps what. */
@Component
class StartNotice {
    private final SatchelProperties satchel;
    private final ObjectStore store;
    private final ReelsProperties reels;
    private final PrintStream out;
    private int port;

    StartNotice(SatchelProperties satchel, ObjectStore store, ReelsProperties reels) {
        this.satchel = satchel;
        this.store = store;
        this.reels = reels;
        this.out = System.out;
    }

    @EventListener
    void listening(WebServerInitializedEvent event) {
        if (event.getApplicationContext().getServerNamespace() == null) {
            port = event.getWebServer().getPort();
        }
    }

    @EventListener(ApplicationReadyEvent.class)
    void ready() {
        Path local = satchel.localFolder().toAbsolutePath().normalize();
        out.println();
        out.println("  Reels is ready:  http://localhost:" + port + "/");
        out.println();
        out.println("  Bucket           " + bucket());
        out.println("  Local files      " + local.resolve("{user}").resolve("database.sqlite"));
        if (reels.demo()) {
            out.println("  Signing in       by any name, without a password; curl: -H 'X-User-ID: alice'");
        }
        out.println("  Stop             Ctrl-C");
        out.println();
        out.flush();
    }

    private String bucket() {
        String location = store.location();
        return location.startsWith("file:") ? Path.of(URI.create(location)).toString() : location;
    }
}
