package dev.satchel.spring.boot;

import dev.satchel.SchemaScripts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourcePatternResolver;

/** Finds the scripts that {@code satchel.schema.location} names. */
final class ScriptsAtLocation {
    private ScriptsAtLocation() {}

    /** Null if there are none at the place where they would be by default. */
    static @Nullable SchemaScripts find(String location, ResourcePatternResolver resources) {
        String folder = location.endsWith("/") ? location : location + "/";
        SchemaScripts.Builder scripts = SchemaScripts.builder();
        try {
            // All jars and folders of the class path, not the first that has it.
            Resource[] found = resources.getResources(folder.replaceFirst("^classpath:", "classpath*:") + "**/*.sql");
            if (found.length == 0 && location.equals(SatchelProperties.Schema.DEFAULT_LOCATION)) {
                return null;
            }
            for (Resource script : found) {
                scripts.script(String.valueOf(script.getFilename()), script.getContentAsString(StandardCharsets.UTF_8));
            }
            return scripts.build();
        } catch (IOException e) {
            throw new UncheckedIOException("satchel.schema.location=" + location + " cannot be read: " + e, e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("satchel.schema.location=" + location + ": " + e.getMessage(), e);
        }
    }
}
