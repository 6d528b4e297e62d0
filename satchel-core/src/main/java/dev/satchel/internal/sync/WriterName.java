package dev.satchel.internal.sync;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How a node calls itself in commits: {@code host-pid-random}, printable ASCII, as object metadata must be. */
public final class WriterName {
    private static final int MAX_NODE_LENGTH = 80;

    private WriterName() {}

    /** The name of this start of a node; without a node's name it is the host's. */
    public static String of(@Nullable String node, RandomGenerator random) {
        byte[] start = new byte[4];
        random.nextBytes(start);
        String safe = (node == null ? hostName() : node).replaceAll("[^A-Za-z0-9._-]", "-");
        return (safe.length() > MAX_NODE_LENGTH ? safe.substring(0, MAX_NODE_LENGTH) : safe).toLowerCase(Locale.ROOT)
                + "-" + ProcessHandle.current().pid() + "-" + HexFormat.of().formatHex(start);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "node";
        }
    }
}
