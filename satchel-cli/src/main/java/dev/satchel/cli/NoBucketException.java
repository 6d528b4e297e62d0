package dev.satchel.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** A verb that only looks was sent to a folder where nothing was ever stored. */
final class NoBucketException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoBucketException(Path folder) {
        super("no bucket at " + folder + what(folder) + "; name another with --store or " + StoreOption.VARIABLE
                + ", or put something in it with push or demo");
    }

    private static String what(Path folder) {
        if (Files.isDirectory(folder)) {
            return ": the folder is there, but nothing was ever stored in it";
        }
        return Files.exists(folder) ? ", which is a file" : "";
    }
}
