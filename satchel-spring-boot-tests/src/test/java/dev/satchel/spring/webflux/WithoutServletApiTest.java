package dev.satchel.spring.webflux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A WebFlux application has no servlet API on its class path; the tests of this module have. */
class WithoutServletApiTest {
    private static final List<String> PACKAGES = List.of("dev/satchel/spring/webflux", "dev/satchel/spring/internal");

    @Test
    void partsForWebFluxNeedNone() throws Exception {
        List<String> names = new ArrayList<>(List.of(
                "dev.satchel.spring.boot.SatchelWebFluxAutoConfiguration$Filters",
                "dev.satchel.spring.boot.MicrometerMetrics$Answers"));
        Path location = Path.of(UserContextWebFilter.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        if (Files.isDirectory(location)) {
            addClasses(location, names);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(location)) {
                addClasses(jar.getPath("/"), names);
            }
        }

        try (URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> loader.loadClass("jakarta.servlet.Filter"))
                    .isInstanceOf(ClassNotFoundException.class);
            for (String name : names) {
                // What Spring does with each bean; fails if a signature names what is not there.
                assertThat(Class.forName(name, true, loader).getDeclaredMethods())
                        .isNotNull();
            }
        }
        assertThat(names).hasSizeGreaterThan(20);
    }

    private static void addClasses(Path root, List<String> names) throws IOException {
        for (String each : PACKAGES) {
            try (Stream<Path> files = Files.list(root.resolve(each))) {
                files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
                        .forEach(name -> names.add(each.replace('/', '.') + "." + name.replace(".class", "")));
            }
        }
    }

    private static URL[] classPath() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!new File(entry).getName().matches(".*(servlet|tomcat|jetty).*")) {
                urls.add(new File(entry).toURI().toURL());
            }
        }
        return urls.toArray(URL[]::new);
    }
}
