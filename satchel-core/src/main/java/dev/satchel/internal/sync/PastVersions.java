package dev.satchel.internal.sync;

import dev.satchel.DatabaseAt;
import dev.satchel.LocalStorageException;
import dev.satchel.NotFoundException;
import dev.satchel.VersionVisitor;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.replica.ReadOnlyConnection;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/** Finds and opens older versions of a database. Stateless and thread-safe. */
public final class PastVersions {
    private final DatabaseLoader loader;

    /** Loads with {@code loader}. */
    public PastVersions(DatabaseLoader loader) {
        this.loader = loader;
    }

    /**
     * Opens a version in a temporary folder.
     *
     * @throws NotFoundException if the store does not have it any more, or not yet
     */
    public DatabaseAt open(DatabaseLog log, long version) {
        return MaterialisedDatabase.of(log, target -> loader.loadVersion(log, version, target));
    }

    /**
     * The version that was the newest at an instant, by the clocks of the machines that committed. Time stamps never decrease
     * along the versions, so it takes as many requests as the number of versions has binary digits, and a few.
     *
     * @throws NotFoundException if there was none yet, or it is not in the store any more
     */
    public long versionAt(DatabaseLog log, Instant instant) {
        long low = 0;
        long high = head(log);
        // Every version up to low is not after the instant, or too old to be there; every version beyond high is after
        // it.
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (log.commitProvenance(middle)
                    .filter(commit -> commit.timestamp().isAfter(instant))
                    .isPresent()) {
                high = middle - 1;
            } else {
                low = middle;
            }
        }
        if (low > 0
                && log.version(low)
                        .filter(state -> !state.timestamp().isAfter(instant))
                        .isPresent()) {
            return low;
        }
        throw new NotFoundException(
                "database " + log.id() + ": the store has nothing as old as " + instant
                        + oldest(log)
                                .map(commit ->
                                        "; the oldest is version " + commit.version() + " of " + commit.timestamp())
                                .orElse(""),
                null);
    }

    /**
     * What versions can be made of.
     *
     * @param oldest from here on every version can be made; empty if the newest is a deletion, or nothing can
     * @param newest the newest
     * @param image the version of the image, 0 if there is none
     * @param snapshots the versions of the snapshots, ascending
     */
    public record Reach(OptionalLong oldest, long newest, long image, List<Long> snapshots) {}

    /** How far back versions can be made. Lists the log, a thousand commits at a time; empty if there is nothing. */
    public Optional<Reach> reach(DatabaseLog log) {
        long image = log.readableImage()
                .filter(found -> !found.isDeletion())
                .map(ImageInfo::version)
                .orElse(0L);
        List<Long> snapshots = log.snapshots(1, Long.MAX_VALUE);
        List<CommitEntry> commits = log.commitsAfter(0);
        int last = commits.size() - 1;
        long newest = Math.max(image, last < 0 ? 0 : commits.get(last).version());
        long first = newest + 1;
        while (last >= 0
                && commits.get(last).version() == first - 1
                && !commits.get(last).isEmpty()) {
            first--;
            last--;
        }
        if (newest == 0) {
            log.image(); // A damaged one is told, and not called absent.
            return Optional.empty();
        }
        boolean afterDeletion = last >= 0 && commits.get(last).version() == first - 1;
        OptionalLong oldest;
        if (first == 1 || afterDeletion) {
            oldest = first > newest ? OptionalLong.empty() : OptionalLong.of(first);
        } else {
            // The oldest whole state from which the commits go on to the newest version.
            long before = first - 1;
            oldest = LongStream.concat(LongStream.of(image), snapshots.stream().mapToLong(version -> version))
                    .filter(whole -> whole >= before)
                    .min();
        }
        return Optional.of(new Reach(oldest, newest, image, snapshots));
    }

    /**
     * Shows every version that was the newest at some time within an age before the newest, the oldest first. Time is the store's own:
     * ages are counted from the newest commit. Reads the log behind the first of them once.
     *
     * @throws NotFoundException if they cannot all be made
     */
    public void visit(DatabaseLog log, Duration age, VersionVisitor visitor) throws SQLException {
        Reach reach = reach(log)
                .filter(found -> found.oldest().isPresent())
                .orElseThrow(() -> new NotFoundException("database " + log.id() + " has no history", null));
        List<CommitEntry> commits = log.commitsAfter(0);
        Instant cutoff = commits.stream()
                .map(CommitEntry::lastModified)
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH)
                .minus(age);
        long horizon = commits.stream()
                .filter(commit -> !commit.lastModified().isAfter(cutoff))
                .mapToLong(CommitEntry::version)
                .max()
                .orElse(0);
        long from = Math.max(horizon, reach.oldest().getAsLong());
        List<SQLException> failure = new ArrayList<>(1);
        try (TemporaryFolder folder = TemporaryFolder.create("satchel-history")) {
            loader.walk(log, from, reach.newest(), folder.file("database.sqlite"), file -> {
                try (Connection connection = ReadOnlyConnection.open(file.path())) {
                    return visitor.visit(connection);
                } catch (SQLException e) {
                    failure.add(e);
                    return false;
                }
            });
        } catch (IOException e) {
            throw new LocalStorageException(
                    "database " + log.id() + ": making a temporary copy failed: " + e
                            + "; check the space and permissions of the temporary folder",
                    e);
        }
        if (!failure.isEmpty()) {
            throw failure.get(0);
        }
    }

    private static long head(DatabaseLog log) {
        long image = log.imageOrHead(0);
        List<CommitEntry> newer = log.commitsAfter(image);
        return newer.isEmpty() ? image : newer.get(newer.size() - 1).version();
    }

    private static Optional<Provenance> oldest(DatabaseLog log) {
        List<Long> snapshots = log.snapshots(1, Long.MAX_VALUE);
        Optional<Provenance> first = log.commitProvenance(1);
        return first.isPresent() || snapshots.isEmpty() ? first : log.snapshotProvenance(snapshots.get(0));
    }
}
