package dev.satchel.cli;

import dev.satchel.store.ObjectStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the commands share that try the engine in a folder of their own: simulate, torture, cluster-check. */
final class Trials {
    private Trials() {}

    static void require(CommandSpec spec, String option, boolean holds, String what) {
        if (!holds) {
            throw wrong(spec, option + " must be " + what);
        }
    }

    static ParameterException wrong(CommandSpec spec, String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** A store that several processes are told of: they have the same idea of where relative folders are. */
    static String location(CommandSpec spec, Surroundings surroundings, String given) {
        try {
            Optional<Path> folder = ObjectStores.folder(given);
            if (folder.isPresent()) {
                return surroundings
                        .directory()
                        .resolve(folder.get())
                        .normalize()
                        .toString();
            }
            ObjectStores.open(given, surroundings.environment()).close(); // asks nobody
            return given;
        } catch (IllegalArgumentException e) {
            throw wrong(spec, "store: " + e.getMessage());
        }
    }

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("removing " + folder + " failed", e);
        }
    }
}
