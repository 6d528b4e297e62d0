package dev.satchel.spring.boot;

import dev.satchel.SatchelException;
import dev.satchel.SizeListener;
import dev.satchel.SizeReport;
import dev.satchel.archive.Archive;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;

/** Archives a database by all rules when it has grown beyond a threshold, on the engine's background threads. Thread-safe. */
final class ArchiveOnGrowth implements SizeListener {
    private static final Logger log = LoggerFactory.getLogger(ArchiveOnGrowth.class);

    /** It is made with the instance that this belongs to, and so after it. */
    private final ObjectProvider<Archive> archive;

    ArchiveOnGrowth(ObjectProvider<Archive> archive) {
        this.archive = archive;
    }

    @Override
    public void onGrowth(SizeReport report) {
        Archive found = archive.getIfAvailable();
        if (found == null || found.rules().isEmpty()) {
            return;
        }
        try {
            found.run(report.database());
        } catch (SQLException | SatchelException e) {
            log.warn("archiving failed, it is tried again when the database grows database={}", report.database(), e);
        }
    }
}
