package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.RetentionReport;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.ConflictKey;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.ImageInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is older than the retention, so that every version inside it can still be restored. Stateless and thread-safe.
 *
 * <p>Time is the store's own: ages are counted from the newest object in the listing, so that no machine's clock can shorten
 * the history. It may be broken off at any point: commits go oldest first, and what they need goes after them.
 */
public final class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    /** Removes for good. */
    public Retention() {}

    /**
     * Removes what a database does not need any more.
     *
     * @param retention how old a version may be and still be restorable
     * @param scratch a file for checking a snapshot; made and removed
     * @param dryRun only say what would be removed
     * @throws IOException if the local disk refuses
     */
    public RetentionReport trim(DatabaseLog log, Duration retention, Path scratch, boolean dryRun) throws IOException {
        List<CommitEntry> commits = log.commitsAfter(0);
        List<CommitEntry> snapshots = log.snapshotEntries();
        List<ConflictKey> conflicts = log.conflictEntries();
        Instant newest = Stream.of(
                        commits.stream().map(CommitEntry::lastModified),
                        snapshots.stream().map(CommitEntry::lastModified),
                        conflicts.stream().map(ConflictKey::lastModified))
                .flatMap(times -> times)
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH);
        Instant cutoff = newest.minus(retention);
        Optional<ImageInfo> image = log.image();
        long base = image.isEmpty() ? 0 : base(log, image.get(), commits, snapshots, cutoff, scratch);
        // A late request may have put something of an earlier life again.
        long life = image.map(found -> found.provenance().life()).orElse(0L);
        Predicate<CommitEntry> isOfAnEarlierLife = commit -> commit.version() < life && !commit.isEmpty();
        // A deletion that was finished late has emptied old commits of late: those behind them stay too, or there is a
        // hole.
        List<CommitEntry> oldCommits = Stream.concat(
                        commits.stream().filter(isOfAnEarlierLife),
                        commits.stream()
                                .filter(isOfAnEarlierLife.negate())
                                .takeWhile(new HashSet<>(old(commits, base, cutoff))::contains))
                .toList();
        List<CommitEntry> oldSnapshots = Stream.concat(
                        old(snapshots, base, cutoff).stream()
                                .filter(snapshot -> snapshot.isEmpty() || snapshot.version() < base),
                        snapshots.stream().filter(snapshot -> snapshot.version() < life && !snapshot.isEmpty()))
                .distinct()
                .toList();
        List<ConflictKey> oldConflicts = conflicts.stream()
                .filter(conflict ->
                        conflict.version() <= life || !conflict.lastModified().isAfter(cutoff))
                .toList();
        if (!dryRun) {
            // 1. Commits, oldest first: what is left has no holes.
            oldCommits.forEach(commit -> log.deleteCommit(commit.version()));
            // 2. What only they were put on top of.
            oldSnapshots.forEach(snapshot -> log.deleteSnapshot(snapshot.version()));
            oldConflicts.forEach(conflict -> log.deleteConflict(conflict.id()));
        }
        RetentionReport report = new RetentionReport(
                log.id(),
                oldCommits.size(),
                oldSnapshots.size(),
                oldConflicts.size(),
                Stream.concat(oldCommits.stream(), oldSnapshots.stream())
                                .mapToLong(CommitEntry::size)
                                .sum()
                        + oldConflicts.stream().mapToLong(ConflictKey::size).sum(),
                dryRun);
        if (report.objects() > 0 && !dryRun) {
            LOG.info(
                    "history trimmed database={} commits={} snapshots={} conflicts={} bytes={}",
                    log.id(),
                    report.commits(),
                    report.snapshots(),
                    report.conflicts(),
                    report.bytes());
        }
        return report;
    }

    /**
     * The version from which on everything is kept: a snapshot, or a deletion, which is not newer than the version that was the
     * head when the retention began, nor than the image. Commits up to it may go. 0 if there is none.
     */
    private static long base(
            DatabaseLog log,
            ImageInfo image,
            List<CommitEntry> commits,
            List<CommitEntry> snapshots,
            Instant cutoff,
            Path scratch)
            throws IOException {
        long horizon = 0;
        for (CommitEntry commit : commits) {
            if (!commit.lastModified().isAfter(cutoff)) {
                horizon = Math.max(horizon, commit.version());
            }
        }
        long atMost = Math.min(horizon, image.version());
        long life = image.provenance().life();
        List<CommitEntry> candidates = new ArrayList<>(snapshots);
        for (int i = candidates.size() - 1; i >= 0; i--) {
            CommitEntry snapshot = candidates.get(i);
            if (snapshot.version() <= atMost
                    && snapshot.version() > life
                    && !snapshot.isEmpty()
                    && isSound(log, snapshot.version(), scratch)) {
                return snapshot.version();
            }
        }
        // Of earlier lives there is nothing to restore; the deletion itself begins the chain of this one.
        return life > 0 && life <= atMost ? life - 1 : 0;
    }

    /** What replaces commits for good is read to its end first. */
    private static boolean isSound(DatabaseLog log, long version, Path scratch) throws IOException {
        try {
            return log.copySnapshot(version, scratch).isPresent();
        } catch (CorruptException e) {
            LOG.warn(
                    "a snapshot is damaged, the commits before it stay database={} reason={}",
                    log.id(),
                    e.getMessage());
            return false;
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    /** Those up to a version that are older than the retention; the newest of all always stays. */
    private static List<CommitEntry> old(List<CommitEntry> entries, long upTo, Instant cutoff) {
        if (entries.isEmpty()) {
            return List.of();
        }
        long newest = entries.get(entries.size() - 1).version();
        return entries.stream()
                .filter(entry -> entry.version() <= upTo
                        && entry.version() < newest
                        && !entry.lastModified().isAfter(cutoff))
                .toList();
    }
}
