package dev.satchel.cli;

import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;

/**
 * What the command takes from where it is started.
 *
 * @param environment variables
 * @param directory what relative paths are relative to
 * @param zone times in text are told in
 * @param terminal whether somebody watches standard error
 * @param clock what "ago" is counted from
 */
record Surroundings(
        Map<String, String> environment, Path directory, ZoneId zone, boolean terminal, InstantSource clock) {
    private static final String TERMINAL = "SATCHEL_TERMINAL";

    /** Those of this process. Java cannot tell whether standard error is a terminal, so the launcher does. */
    static Surroundings ofProcess() {
        Map<String, String> environment = System.getenv();
        return new Surroundings(
                environment,
                Path.of("").toAbsolutePath(),
                ZoneId.systemDefault(),
                "1".equals(environment.get(TERMINAL)),
                InstantSource.system());
    }
}
