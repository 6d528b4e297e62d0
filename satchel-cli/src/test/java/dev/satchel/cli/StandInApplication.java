package dev.satchel.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the launcher's tests start in place of the example application: it can be unpacked, trained, and tells how it was started. */
final class StandInApplication {
    private StandInApplication() {}

    /** Acts as Spring Boot's jar tool, its training run, or the application. */
    public static void main(String[] args) throws IOException, URISyntaxException {
        if ("tools".equals(System.getProperty("jarmode"))) {
            Path jar = Path.of(StandInApplication.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path destination =
                    Files.createDirectories(Path.of(args[List.of(args).indexOf("--destination") + 1]));
            Files.copy(jar, destination.resolve(jar.getFileName()));
            return;
        }
        if (System.getProperty("spring.context.exit") != null) {
            return;
        }
        System.out.println("process " + ProcessHandle.current().pid());
        for (String argument : args) {
            System.out.println(argument);
        }
    }
}
