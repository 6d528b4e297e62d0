package dev.satchel.cli;

import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which store, for every verb alike. */
final class StoreOption {
    static final String VARIABLE = "SATCHEL_STORE";
    static final String DEFAULT = "./data/bucket";

    /** In the folder of every directory store that has been used. */
    private static final String MARK = ".satchel";

    @Option(
            names = "--store",
            paramLabel = "STORE",
            description = {
                "Folder, file:, r2: or s3: URI. Default: the variable " + VARIABLE + ", else " + DEFAULT + "."
            })
    private @Nullable String store;

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec mixee;

    private final Surroundings surroundings;

    StoreOption(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** As given; empty if neither option nor variable is. */
    Optional<String> given() {
        String variable = surroundings.environment().get(VARIABLE);
        return Optional.ofNullable(store != null ? store : variable == null || variable.isBlank() ? null : variable);
    }

    /** Opens a store that must be there: looking for something makes no folder. */
    ObjectStore openExisting() {
        String location = given().orElse(DEFAULT);
        Optional<Path> folder = folder(location);
        if (folder.isPresent() && !Files.isDirectory(folder.get().resolve(MARK))) {
            throw new NoBucketException(folder.get());
        }
        return open(location);
    }

    /** Opens a store that must be there, or an empty folder, where nothing of anybody's can be hit. */
    ObjectStore openExistingOrEmpty() {
        String location = given().orElse(DEFAULT);
        return folder(location).filter(StoreOption::isEmpty).isPresent() ? open(location) : openExisting();
    }

    private static boolean isEmpty(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            return !files.iterator().hasNext();
        } catch (IOException e) {
            return false; // opening it tells why
        }
    }

    /** Opens a store; a folder is made if need be. */
    ObjectStore openOrCreate(String location) {
        folder(location);
        return open(location);
    }

    /** The folder that a location names, in full; empty for stores elsewhere. */
    Optional<Path> folder(String location) {
        try {
            return ObjectStores.folder(location)
                    .map(path -> surroundings.directory().resolve(path).normalize());
        } catch (IllegalArgumentException e) {
            throw usage(e);
        }
    }

    private ObjectStore open(String location) {
        try {
            return ObjectStores.open(folder(location).map(Path::toString).orElse(location), surroundings.environment());
        } catch (IllegalArgumentException e) {
            throw usage(e);
        }
    }

    private ParameterException usage(IllegalArgumentException cause) {
        return new ParameterException(mixee.commandLine(), "store: " + cause.getMessage(), cause);
    }
}
