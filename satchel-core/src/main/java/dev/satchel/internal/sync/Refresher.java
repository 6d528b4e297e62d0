package dev.satchel.internal.sync;

import dev.satchel.BusyException;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelException;
import dev.satchel.SatchelMetrics.Outcome;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.DeletionFound;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.internal.replica.RemoteState;
import dev.satchel.internal.replica.Replica;
import dev.satchel.internal.replica.ReplicaFiles;
import dev.satchel.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings one database's replica to the head: loads it, applies newer commits, replaces it. Called by the remote step only. */
final class Refresher {
    private static final Logger LOG = LoggerFactory.getLogger(Refresher.class);
    /** Commits fetched one by one before the rest is listed. */
    private static final int SINGLE_FETCHES = 3;

    private final Node node;
    private final DatabaseId id;
    private final DatabaseLog log;
    private final ReplicaFiles files;
    private final SyncState state;
    private final PendingCommits pending;
    private final DatabaseLoader loader;
    private final ImageWriter images;
    private final SnapshotWriter snapshots;
    private final Findings findings;
    private final Loading loading;
    /** What was loaded and could not be put in place, since somebody was at the old one for too long. */
    private DatabaseLoader.@Nullable Loaded ready;

    Refresher(
            Node node,
            DatabaseLog log,
            ReplicaFiles files,
            SyncState state,
            PendingCommits pending,
            DatabaseLoader loader,
            ImageWriter images,
            SnapshotWriter snapshots,
            Findings findings,
            Loading loading) {
        this.node = node;
        this.id = log.id();
        this.log = log;
        this.files = files;
        this.state = state;
        this.pending = pending;
        this.loader = loader;
        this.images = images;
        this.snapshots = snapshots;
        this.findings = findings;
        this.loading = loading;
    }

    /**
     * Opens what a clean close left, trusted as what it says it is and not as the head; else loads the head.
     *
     * @throws HandedOver if that takes long
     */
    void load() {
        Optional<Replica> reopened;
        try {
            reopened = Replica.reopen(id, files, node.config(), node.keeps(ProtocolRule.LOCAL_COPY_FITS_ITS_SIDECAR));
        } catch (CorruptException e) {
            findings.report(e);
            LOG.warn("local copy was damaged, loading again database={} reason={}", id, e.getMessage());
            reopened = Optional.empty();
        } catch (IOException e) {
            throw localFailure("opening the local copy", e);
        }
        if (reopened.isPresent()) {
            findings.localCopyReplaced();
            state.become(reopened.get());
        } else {
            loadFromStore();
        }
    }

    private void loadFromStore() {
        long began = now();
        try {
            install(began, loadHead(false, loading));
        } catch (DatabaseLoader.LargeImage e) {
            throw handedOver(() -> {
                install(began, loadHead(true, loading));
                loading.ended();
            });
        }
    }

    private HandedOver handedOver(Runnable rest) {
        loading.queued();
        return new HandedOver(rest);
    }

    private DatabaseLoader.Loaded loadHead(boolean largeToo, LoadWatch watch) {
        try {
            files.createFolder();
            return loader.loadHead(log, files.loading(), largeToo, watch);
        } catch (StoreException e) {
            if (node.keeps(ProtocolRule.COULD_NOT_ASK_IS_NOT_ABSENT)) {
                throw e;
            }
            return nothing();
        } catch (LocalStorageException e) {
            deleteLoading(); // If the disk is full, it is full for everybody.
            throw e;
        } catch (IOException e) {
            throw localFailure("making the folder of the local copy", e);
        }
    }

    private void deleteLoading() {
        try {
            files.deleteLoading();
        } catch (IOException e) {
            LOG.debug("removing a copy that could not be finished failed database={}", id, e);
        }
    }

    private DatabaseLoader.Loaded nothing() {
        try {
            return new DatabaseLoader.Loaded(DatabaseFile.create(id, files.loading()), now(), null, 0, false);
        } catch (IOException e) {
            throw localFailure("making the local copy", e);
        }
    }

    private void install(long began, DatabaseLoader.Loaded loaded) {
        Replica installed;
        try {
            installed = Replica.install(id, files, node.config(), loaded.file());
        } catch (IOException e) {
            throw localFailure("installing the local copy", e);
        }
        findings.localCopyReplaced();
        images.seen(loaded.image());
        if (loaded.imageDamaged()) {
            images.damaged();
        }
        if (loaded.deletion() > 0 && !installed.baseline().isEmpty()) {
            snapshots.lifeBegan();
        }
        state.become(installed);
        state.provedHead(loaded.headAt());
        node.metrics().loaded(installed.sizeInBytes(), Duration.ofNanos(now() - began));
    }

    private LocalStorageException localFailure(String doing, IOException cause) {
        return new LocalStorageException(
                "database " + id + ": " + doing + " failed: " + cause + "; check the disk's space and permissions",
                cause);
    }

    /**
     * A replica that failed locally is removed with what was unpublished in it; whoever waits for that is told.
     *
     * @return what
     */
    SatchelException dropBroken(Replica broken) {
        broken.damage().ifPresent(findings::report);
        String what = "database " + id + ": the local copy failed before its changes were uploaded; ";
        SatchelException failure = state.isInDoubt() || pending.isOwing()
                ? new OutcomeUnknownException(what + "they may or may not be saved", null)
                : broken.tooLarge()
                        .<SatchelException>map(transaction -> transaction)
                        .orElseGet(() -> new LocalStorageException(what + "they are not saved", null));
        state.settle(new Settlement(broken, broken.published(), Long.MAX_VALUE, failure, null));
        broken.gate().acquireExclusive(id.path(), node.config().localTimeout());
        try {
            state.forget();
            broken.drop();
        } finally {
            broken.gate().releaseExclusive();
        }
        return failure;
    }

    /**
     * Compares the replica with the store, and applies what is newer.
     *
     * @throws HandedOver if it is far behind and has to be loaded anew, and that takes long
     */
    void refresh(Replica current) {
        long began = now();
        try {
            boolean newer = applyNewer(current, began);
            forgetReady();
            refreshed(newer ? Outcome.OK : Outcome.UNCHANGED, began);
        } catch (BehindImage e) {
            replace(current, () -> refreshed(Outcome.OK, began));
        } catch (StoreException e) {
            refreshed(Outcome.ERROR, began);
            throw e;
        } catch (DeletionFound e) {
            LOG.info("the database was deleted elsewhere database={} version={}", id, e.deletion());
            forgetReady();
            replace(
                    current,
                    () -> node.tell(
                            new VersionEvent(id, Version.of(e.deletion()), VersionEvent.Kind.DELETED, node.writer())));
        } catch (CorruptException e) {
            findings.report(e);
            LOG.warn("log does not fit the local copy, loading again database={} reason={}", id, e.getMessage());
            forgetReady();
            replace(current, () -> {});
        }
    }

    private void refreshed(Outcome outcome, long began) {
        node.metrics().refreshed(outcome, Duration.ofNanos(now() - began));
    }

    /** The log need not have what follows the replica. */
    private static final class BehindImage extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BehindImage(DatabaseId id) {
            super("database " + id + " is behind its image", null, false, false);
        }
    }

    /**
     * False if nothing was newer.
     *
     * @throws BehindImage if the replica has to be loaded anew
     */
    private boolean applyNewer(Replica current, long began) {
        boolean full = !state.verifiedSince(began - window()) && node.keeps(ProtocolRule.FULL_REFRESH_AFTER_WINDOW);
        long base = current.baseline().version();
        List<Commit> newer = new ArrayList<>();
        long asked;
        while (true) {
            asked = now();
            if (newer.size() == SINGLE_FETCHES) {
                newer.addAll(rest(base + newer.size()));
                break;
            }
            Optional<Commit> next = commit(base + newer.size() + 1);
            if (full && newer.isEmpty() && isBehindImage(current, base)) {
                throw new BehindImage(id);
            }
            if (next.isEmpty()) {
                break;
            }
            newer.add(next.get());
        }
        // Read before the log's end was found, the image may have moved since, and what it covers been removed.
        if (full && !newer.isEmpty() && isBehindImage(current, base + newer.size())) {
            throw new BehindImage(id);
        }
        if (now() - began > window()) {
            throw new StoreException(
                    StoreException.Reason.UNKNOWN_OUTCOME,
                    "refreshing database " + id + " took too long to be trusted",
                    null);
        }
        if (newer.isEmpty()) {
            state.provedHead(asked);
            return false;
        }
        boolean checked = node.keeps(ProtocolRule.CONTENT_IS_CHECKED);
        return apply(current, current.remoteState(newer, checked), asked);
    }

    private Optional<Commit> commit(long version) {
        try {
            return log.commit(version);
        } catch (StoreException e) {
            if (node.keeps(ProtocolRule.COULD_NOT_ASK_IS_NOT_ABSENT)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Whether the log may have been shortened beyond a version that the replica has, or is about to have. */
    private boolean isBehindImage(Replica current, long version) {
        Baseline base = current.baseline();
        try {
            Optional<ImageInfo> image = log.image();
            images.seen(image.orElse(null));
            return image.isPresent() && image.get().version() > version;
        } catch (CorruptException e) {
            findings.report(e);
            LOG.warn("image cannot be read, comparing with the log database={} reason={}", id, e.getMessage());
            images.damaged();
            return !isInLog(base);
        }
    }

    /** Whether the log has the replica's version, or one that follows it: its newest version is never removed. */
    private boolean isInLog(Baseline base) {
        List<CommitEntry> entries = log.commitsAfter(Math.max(0, base.version() - 1));
        if (entries.isEmpty()) {
            return base.version() == 0;
        }
        long first = entries.get(0).version();
        if (base.version() > 0 && first == base.version()) {
            return log.commitProvenance(first)
                    .map(commit -> commit.commitId().equals(base.commitId()))
                    .orElse(false);
        }
        return first == base.version() + 1; // whether it follows is seen when it is taken
    }

    /** The commits after a version, as long as they follow each other. */
    private List<Commit> rest(long version) {
        List<Long> wanted = new ArrayList<>();
        for (CommitEntry entry : log.commitsAfter(version)) {
            if (entry.version() == version + wanted.size() + 1) {
                wanted.add(entry.version());
            }
        }
        return loader.fetch(log, wanted);
    }

    /** False if something was committed meanwhile on the old base: publishing it will find the conflict. */
    private boolean apply(Replica current, RemoteState remote, long asked) {
        if (node.keeps(ProtocolRule.APPLYING_WAITS_FOR_HOLDERS)) {
            current.gate().acquireExclusive(id.path(), node.config().localTimeout());
        }
        try {
            if (state.owesCertainly(current)) {
                return false;
            }
            current.resetTo(remote);
            state.forgetSchema();
            state.provedHead(asked);
        } finally {
            current.gate().releaseExclusive();
        }
        node.tell(new VersionEvent(
                id,
                Version.of(remote.baseline().version()),
                VersionEvent.Kind.APPLIED,
                remote.baseline().writer()));
        return true;
    }

    /**
     * Loads the head and puts it in the replica's place, unless something is owed: publishing it decides. What is here stays, and is
     * worked on, until the store has supplied something better.
     *
     * @throws HandedOver if that takes long
     */
    private void replace(Replica current, Runnable whenReplaced) {
        long began = now();
        DatabaseLoader.Loaded loaded = ready;
        ready = null;
        if (loaded == null) {
            try {
                loaded = loadHead(false, loading);
            } catch (DatabaseLoader.LargeImage e) {
                throw handedOver(() -> replaceByLarge(current, began, whenReplaced));
            } catch (StoreException e) {
                refreshed(Outcome.ERROR, began);
                throw e;
            }
        }
        replace(current, began, loaded, whenReplaced);
    }

    private void replaceByLarge(Replica current, long began, Runnable whenReplaced) {
        DatabaseLoader.Loaded loaded;
        try {
            loaded = loadHead(true, unlessOvertaken(current));
        } catch (RuntimeException e) {
            if (e instanceof StoreException) {
                refreshed(Outcome.ERROR, began);
            }
            if (isOvertaken(current)) { // Whoever waits for that to be published must not fail for this.
                LOG.info("loading waits for what was committed meanwhile database={} reason={}", id, e.getMessage());
                return;
            }
            throw e;
        }
        loading.ended();
        replace(current, began, loaded, whenReplaced);
    }

    /** Something was committed on the old base: publishing it comes first. What has arrived counts for the next time. */
    private static final class Overtaken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Overtaken(DatabaseId id) {
            super("database " + id + ": something was committed while a newer version was loaded", null, false, false);
        }
    }

    private boolean isOvertaken(Replica current) {
        return current.isBroken() || state.owes(current);
    }

    private LoadWatch unlessOvertaken(Replica current) {
        return new LoadWatch() {
            @Override
            public void begin(long bytes, long there) {
                loading.begin(bytes, there);
            }

            @Override
            public void arrived(long bytes) {
                if (isOvertaken(current)) {
                    throw new Overtaken(id); // Also if the node is being closed: what is owed is still published.
                }
                loading.arrived(bytes);
            }
        };
    }

    private void replace(Replica current, long began, DatabaseLoader.Loaded loaded, Runnable whenReplaced) {
        boolean replaced = false;
        boolean keep = false;
        try {
            replaced = giveUp(current);
        } catch (BusyException e) {
            keep = true; // Whoever asks next need not load it again.
            throw e;
        } finally {
            if (keep) {
                ready = loaded;
            } else if (!replaced) {
                discard(loaded);
            }
        }
        if (replaced) {
            install(began, loaded);
            whenReplaced.run();
        }
    }

    /** What was loaded and not put in place is not needed any more. */
    void forgetReady() {
        DatabaseLoader.Loaded loaded = ready;
        if (loaded != null) {
            ready = null;
            discard(loaded);
        }
    }

    private void discard(DatabaseLoader.Loaded loaded) {
        try {
            loaded.file().close();
            Files.deleteIfExists(loaded.file().path());
        } catch (IOException e) {
            LOG.debug("removing a copy that is not needed failed database={}", id, e);
        }
    }

    /** False if something is owed, or is lost and has to be told. */
    private boolean giveUp(Replica current) {
        current.gate().acquireExclusive(id.path(), node.config().localTimeout());
        try {
            if (current.isBroken() || state.owesCertainly(current)) {
                return false;
            }
            state.forget();
            current.drop();
            return true;
        } finally {
            current.gate().releaseExclusive();
        }
    }

    private long now() {
        return node.nanoTime().getAsLong();
    }

    private long window() {
        return node.config().verifyWindow().toNanos();
    }
}
