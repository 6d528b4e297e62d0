package dev.satchel.cli;

import dev.satchel.VersionFeed;
import dev.satchel.redis.RedisVersionFeed;
import dev.satchel.testkit.cluster.ClusterNode;
import java.io.IOException;

/** The program of the nodes that {@code cluster-check} starts. */
final class ClusterNodeProcess {
    private ClusterNodeProcess() {}

    public static void main(String[] arguments) throws IOException {
        ClusterNode.run(arguments, ClusterNodeProcess::feed);
    }

    /** The location of a feed over Redis: channel and URI. */
    static String location(String channel, String uri) {
        return channel + " " + uri;
    }

    static VersionFeed feed(String location) {
        String[] words = location.split(" ", 2);
        return RedisVersionFeed.connect(words[1], words[0]);
    }
}
