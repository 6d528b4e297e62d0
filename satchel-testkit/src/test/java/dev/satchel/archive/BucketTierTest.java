package dev.satchel.archive;

import dev.satchel.Satchel;
import dev.satchel.testkit.ArchiveTierContract;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class BucketTierTest extends ArchiveTierContract {
    private static ArchiveNodes nodes;
    private static List<Satchel> both;

    private int opened;

    @BeforeAll
    static void startNodes() throws IOException {
        nodes = new ArchiveNodes();
        nodes.begin();
        both = List.of(nodes.start(), nodes.start());
    }

    @AfterAll
    static void closeNodes() throws IOException {
        nodes.end();
    }

    @Override
    protected ArchiveTier tier() {
        return new BucketTier(both.get(opened++ % both.size()));
    }
}
