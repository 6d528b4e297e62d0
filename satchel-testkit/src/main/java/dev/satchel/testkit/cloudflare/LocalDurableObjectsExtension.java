package dev.satchel.testkit.cloudflare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a {@link LocalDurableObjects} to tests and constructors that have a parameter for it: one for all tests of a JVM, started
 * at the first use and stopped at the end. Tests share it, so each keeps to users of its own, and none ends it.
 */
public final class LocalDurableObjectsExtension implements ParameterResolver {

    /** For JUnit. */
    public LocalDurableObjectsExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LocalDurableObjects.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(LocalDurableObjectsExtension.class))
                .computeIfAbsent(Shared.class, key -> new Shared(), Shared.class)
                .objects;
    }

    /** With its folder, which goes with it. */
    private static final class Shared implements AutoCloseable {
        private final Path folder;
        private final LocalDurableObjects objects;

        Shared() {
            try {
                folder = Files.createTempDirectory("satchel-local-archive-");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            objects = LocalDurableObjects.start(folder);
        }

        @Override
        public void close() throws IOException {
            objects.close();
            List<Path> all;
            try (Stream<Path> files = Files.walk(folder)) {
                all = files.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : all) {
                Files.deleteIfExists(file);
            }
        }
    }
}
