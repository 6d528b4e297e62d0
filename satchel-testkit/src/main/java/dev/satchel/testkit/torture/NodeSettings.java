package dev.satchel.testkit.torture;

import dev.satchel.internal.sync.ProtocolRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a node process is told on its command line.
 *
 * @param store location, see {@link dev.satchel.store.ObjectStores}
 * @param folder its disk
 * @param disk the disk's name, in every answer
 * @param clockSkew how wrong its wall clock is
 * @param faulty whether store requests go wrong
 * @param damaging whether what they bring may be damaged on the way
 * @param seed for what goes wrong
 * @param switchedOff a rule of the protocol that it does not keep; null if it keeps all
 * @param armed where it is to be killed, at one of these, from its start on
 */
record NodeSettings(
        String store,
        Path folder,
        String disk,
        Duration clockSkew,
        boolean faulty,
        boolean damaging,
        long seed,
        @Nullable ProtocolRule switchedOff,
        Set<KillPoint> armed) {
    private static final String NOTHING = "-";

    /** The arguments of {@link TortureNode#main}. */
    List<String> toArguments() {
        return new ArrayList<>(List.of(
                store,
                folder.toString(),
                disk,
                clockSkew.toString(),
                Boolean.toString(faulty),
                Boolean.toString(damaging),
                Long.toString(seed),
                Optional.ofNullable(switchedOff).map(ProtocolRule::name).orElse(NOTHING),
                KillPoint.names(armed)));
    }

    static NodeSettings of(String[] arguments) {
        return new NodeSettings(
                arguments[0],
                Path.of(arguments[1]),
                arguments[2],
                Duration.parse(arguments[3]),
                Boolean.parseBoolean(arguments[4]),
                Boolean.parseBoolean(arguments[5]),
                Long.parseLong(arguments[6]),
                arguments[7].equals(NOTHING) ? null : ProtocolRule.valueOf(arguments[7]),
                KillPoint.ofNames(arguments[8]));
    }
}
