package dev.satchel.testkit.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node process is told on its command line.
 *
 * @param store location, see {@link dev.satchel.store.ObjectStores}
 * @param folder its disk
 * @param name in commits and answers
 * @param feed where version events go; null if nodes tell each other nothing
 * @param openDatabases how many may be open at once
 * @param notice how long it goes on serving after it has said that it leaves
 */
record NodeArguments(
        String store, Path folder, String name, @Nullable String feed, int openDatabases, Duration notice) {
    private static final String NOTHING = "-";

    /** The arguments of the program. */
    List<String> toArguments() {
        return List.of(
                store,
                folder.toString(),
                name,
                feed == null ? NOTHING : feed,
                Integer.toString(openDatabases),
                notice.toString());
    }

    static NodeArguments of(String[] arguments) {
        return new NodeArguments(
                arguments[0],
                Path.of(arguments[1]),
                arguments[2],
                arguments[3].equals(NOTHING) ? null : arguments[3],
                Integer.parseInt(arguments[4]),
                Duration.parse(arguments[5]));
    }
}
