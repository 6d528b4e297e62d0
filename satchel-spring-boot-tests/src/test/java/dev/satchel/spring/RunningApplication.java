package dev.satchel.spring;

import dev.satchel.store.ObjectStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.util.FileSystemUtils;

/** The application that a class tests: it runs over the given store, on a port of its own, from the first test to the last. */
public final class RunningApplication implements BeforeAllCallback, AfterAllCallback {
    private final Class<?> application;
    private final ObjectStore store;
    private final Map<String, Object> properties;
    private Path folder;
    private ConfigurableApplicationContext context;

    public RunningApplication(Class<?> application, ObjectStore store, Map<String, Object> properties) {
        this.application = application;
        this.store = store;
        this.properties = properties;
    }

    @Override
    public void beforeAll(ExtensionContext tests) throws IOException {
        folder = Files.createTempDirectory("satchel-application");
        Map<String, Object> all = new TreeMap<>(properties);
        all.put("server.port", "0");
        all.put("satchel.local-directory", folder("users").toString());
        ApplicationContextInitializer<GenericApplicationContext> initializer =
                starting -> starting.registerBean(ObjectStore.class, () -> store);
        context = new SpringApplicationBuilder(application)
                .initializers(initializer)
                .properties(all)
                .run();
    }

    @Override
    public void afterAll(ExtensionContext tests) throws IOException {
        if (context != null) {
            context.close();
        }
        FileSystemUtils.deleteRecursively(folder);
    }

    public ConfigurableApplicationContext context() {
        return context;
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public WebServer server() {
        return ((WebServerApplicationContext) context).getWebServer();
    }

    public int port() {
        return server().getPort();
    }

    public URI uri(String path) {
        return URI.create("http://localhost:" + port() + path);
    }

    /** A folder beside that of the application's users; not made yet. */
    public Path folder(String name) {
        return folder.resolve(name);
    }
}
