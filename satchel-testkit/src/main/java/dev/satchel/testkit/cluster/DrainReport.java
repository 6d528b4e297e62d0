package dev.satchel.testkit.cluster;

import dev.satchel.ShutdownReport;
import java.time.Duration;

/**
 * How a drained node left its databases.
 *
 * @param node its name
 * @param left what it said at its end
 */
public record DrainReport(String node, ShutdownReport left) {
    String toLine() {
        return String.join(
                " ",
                node,
                Integer.toString(left.databases()),
                Integer.toString(left.uploaded()),
                Integer.toString(left.pending()),
                Integer.toString(left.unfinished()),
                left.elapsed().toString());
    }

    static DrainReport ofLine(String line) {
        String[] words = line.split(" ", -1);
        return new DrainReport(
                words[0],
                new ShutdownReport(
                        Integer.parseInt(words[1]),
                        Integer.parseInt(words[2]),
                        Integer.parseInt(words[3]),
                        Integer.parseInt(words[4]),
                        Duration.parse(words[5])));
    }
}
