package dev.satchel.spring.boot;

import dev.satchel.SatchelException;
import dev.satchel.SizeListener;
import dev.satchel.SizeReport;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveReport;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Archives a database by all rules when it has grown beyond a threshold, or says what that would do, on the engine's background
 * threads. Thread-safe.
 */
final class ArchiveOnGrowth implements SizeListener {
    private static final Logger log = LoggerFactory.getLogger(ArchiveOnGrowth.class);

    /** It is made with the instance that this belongs to, and so after it. */
    private final ObjectProvider<Archive> archive;

    private final boolean run;

    /**
     * A listener.
     *
     * @param run whether to archive, and not only say what that would do
     */
    ArchiveOnGrowth(ObjectProvider<Archive> archive, boolean run) {
        this.archive = archive;
        this.run = run;
    }

    @Override
    public void onGrowth(SizeReport report) {
        Archive found = archive.getIfAvailable();
        if (found == null || found.rules().isEmpty()) {
            return;
        }
        try {
            if (run) {
                found.run(report.database());
            } else {
                tell(found.plan(report.database()));
            }
        } catch (SQLException | SatchelException | IllegalArgumentException e) {
            log.warn(
                    "archiving failed, it is tried again when the database has doubled database={} reason={}",
                    report.database(),
                    e.getMessage(),
                    e);
        }
    }

    private static void tell(ArchiveReport plan) {
        log.info(
                "archiving would move database={} rows={} batches={} archived_bytes={}; see satchel.archive.on-growth",
                plan.database(),
                plan.rows(),
                plan.archived().size(),
                plan.archivedBytes());
    }
}
