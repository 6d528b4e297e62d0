package dev.satchel.internal.sync;

import dev.satchel.ConflictRecord;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseAt;
import dev.satchel.NotFoundException;
import dev.satchel.Version;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.ConflictEntry;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.ltx.PageChecksum;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.internal.replica.QuickCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The changes that sides which did not win had made: lists them and makes databases of them. Stateless and thread-safe. */
public final class ConflictArchive {
    private static final Logger LOG = LoggerFactory.getLogger(ConflictArchive.class);

    private final DatabaseLoader loader;
    private final Executor executor;

    /**
     * Looks into an archive.
     *
     * @param loader loads the versions that changes are based on
     * @param executor runs store requests
     */
    public ConflictArchive(DatabaseLoader loader, Executor executor) {
        this.loader = loader;
        this.executor = executor;
    }

    /** All that are kept; what is not a record is left out, with a warning. */
    public List<ConflictRecord> list(DatabaseLog log) {
        return entries(log).stream().map(entry -> record(log, entry)).toList();
    }

    private List<ConflictEntry> entries(DatabaseLog log) {
        List<CompletableFuture<Optional<ConflictEntry>>> requests = new ArrayList<>();
        for (String id : log.conflicts()) {
            requests.add(CompletableFuture.supplyAsync(() -> log.conflict(id), executor));
        }
        List<ConflictEntry> entries = new ArrayList<>();
        for (CompletableFuture<Optional<ConflictEntry>> request : requests) {
            try {
                Requests.join(request).ifPresent(entries::add);
            } catch (CorruptException e) {
                log.passedOver(e);
                LOG.warn("leaving out a conflict database={} reason={}", log.id(), e.getMessage());
            }
        }
        return entries;
    }

    private static ConflictRecord record(DatabaseLog log, ConflictEntry entry) {
        return new ConflictRecord(
                log.id(),
                entry.id(),
                entry.key(),
                entry.facts().policy(),
                Version.of(entry.facts().base()),
                Version.of(entry.facts().head()),
                entry.provenance().writer(),
                entry.provenance().commitId(),
                entry.facts().winner(),
                entry.facts().winnerCommit(),
                entry.provenance().timestamp(),
                entry.lastModified(),
                entry.size());
    }

    /**
     * Opens the database as the side that did not win had it, in a temporary folder.
     *
     * @throws NotFoundException if there is no such record, or the store does not have its base any more
     */
    public DatabaseAt open(DatabaseLog log, String id) {
        requireKnown(log, id);
        return MaterialisedDatabase.of(log, target -> load(log, id, target));
    }

    /**
     * Makes the database that the side which did not win had: the version it began from, and its changes on top.
     *
     * @throws NotFoundException if there is no such record, or the store does not have its base any more
     * @throws CorruptException if an object it takes is damaged, or its base was never a version in the store
     */
    public DatabaseFile load(DatabaseLog log, String id, Path target) throws IOException {
        ConflictEntry entry = requireKnown(log, id);
        Commit changes = log.conflictChanges(id).orElseThrow(() -> unknown(log, id));
        if (changes.provenance().parentChecksum() == PageChecksum.EMPTY) {
            return applied(log, DatabaseFile.create(log.id(), target), changes);
        }
        DatabaseFile base;
        try {
            base = loader.loadVersion(log, entry.facts().base(), target);
        } catch (NotFoundException e) {
            // The side that was overwritten is a version itself, and a newer one.
            long overwritten = entry.facts().head();
            if (!isVersion(log, overwritten, changes.provenance().checksum())) {
                throw e;
            }
            return loader.loadVersion(log, overwritten, target);
        }
        return applied(log, base, changes);
    }

    private static boolean isVersion(DatabaseLog log, long version, long checksum) {
        return log.version(version).map(Provenance::checksum).equals(Optional.of(checksum));
    }

    private static DatabaseFile applied(DatabaseLog log, DatabaseFile file, Commit changes) throws IOException {
        try {
            file.applyKept(changes);
            QuickCheck.requireSound(log.id(), file);
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Removes a record for good.
     *
     * @throws NotFoundException if there is no such record
     */
    public void drop(DatabaseLog log, String id) {
        requireKnown(log, id);
        log.deleteConflict(id);
    }

    /**
     * Describes a record.
     *
     * @throws NotFoundException if there is no such record
     */
    public ConflictRecord describe(DatabaseLog log, String id) {
        return record(log, requireKnown(log, id));
    }

    private static ConflictEntry requireKnown(DatabaseLog log, String id) {
        if (!DatabaseKeys.isConflictId(id)) {
            throw unknown(log, id);
        }
        return log.conflict(id).orElseThrow(() -> unknown(log, id));
    }

    private static NotFoundException unknown(DatabaseLog log, String id) {
        return new NotFoundException("database " + log.id() + " has no conflict record \"" + id + "\"", null);
    }
}
