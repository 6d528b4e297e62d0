package dev.satchel;

import dev.satchel.archive.ArchiveTier;
import dev.satchel.archive.BatchId;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Erases what a deleted database has archived, and nothing that the user archives who begins anew meanwhile: what is there is looked
 * up before the database is seen to be deleted still, and exactly that is erased. Stateless.
 */
final class ArchiveErasure {
    private static final Logger LOG = LoggerFactory.getLogger(ArchiveErasure.class);

    /** Where the databases are. */
    interface Logs {
        /** The newest version, also if it is a deletion or damaged; {@link Version#NONE} if there is no such database. */
        Version head(DatabaseId database);

        /** Deletes a database if that version is its newest, and finishes a deletion; false if another one is by now. */
        boolean deleteAt(DatabaseId database, Version version);
    }

    private final Logs logs;
    private final @Nullable ArchiveTier tier;

    ArchiveErasure(Logs logs, @Nullable ArchiveTier tier) {
        this.logs = logs;
        this.tier = tier;
    }

    /** Last of all, so that nothing is lost if the deletion fails; called again, it goes on here. */
    void erase(DatabaseId database, Version deletion) {
        if (database.isArchive()) {
            return;
        }
        boolean erased = false;
        while (!erased) {
            Collection<BatchId> batches = tier == null ? List.of() : tier.ids(database);
            Version archive = logs.head(database.archive());
            if (!logs.head(database).equals(deletion)) {
                LOG.info("the user began anew, the archive is left to the archiver database={}", database);
                return;
            }
            if (tier != null) {
                tier.removeAll(database, batches);
            }
            erased = archive.equals(Version.NONE) || logs.deleteAt(database.archive(), archive);
        }
    }
}
