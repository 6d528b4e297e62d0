package dev.satchel.cli;

import dev.satchel.archive.ArchiveTier;
import dev.satchel.cloudflare.DurableObjectsArchive;
import dev.satchel.cloudflare.DurableObjectsConfig;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where an application archives, if not in the bucket, for every verb alike. The variables are those of the Spring Boot starter. */
final class ArchiveTierOption {
    static final String VARIABLE = "SATCHEL_ARCHIVE_CLOUDFLARE_URL";
    static final String KEY = "SATCHEL_ARCHIVE_CLOUDFLARE_KEY";

    @Option(
            names = "--archive-tier",
            paramLabel = "URL",
            description = {
                "The Worker of an archive in Durable Objects. Its key comes from the variable " + KEY + ".",
                "Default: the variable " + VARIABLE + ", else the archive is in the bucket."
            })
    private @Nullable String url;

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec mixee;

    private final Surroundings surroundings;

    ArchiveTierOption(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** The tier, to be closed; null if it is the bucket. Asks nobody. */
    @Nullable
    ArchiveTier open() {
        Map<String, String> environment = surroundings.environment();
        String wanted =
                url != null ? url : environment.getOrDefault(VARIABLE, "").strip();
        if (wanted.isEmpty()) {
            return null;
        }
        String key = environment.getOrDefault(KEY, "").strip();
        if (key.isEmpty()) {
            throw usage("the archive at " + wanted + " needs its key in the variable " + KEY, null);
        }
        try {
            return DurableObjectsArchive.connect(DurableObjectsConfig.of(URI.create(wanted), key));
        } catch (IllegalArgumentException e) {
            throw usage("archive tier: " + e.getMessage(), e);
        }
    }

    private ParameterException usage(String message, @Nullable Throwable cause) {
        return new ParameterException(mixee.commandLine(), message, cause);
    }
}
