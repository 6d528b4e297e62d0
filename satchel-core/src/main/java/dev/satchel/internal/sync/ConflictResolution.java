package dev.satchel.internal.sync;

import dev.satchel.Conflict;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.NewerSchemaException;
import dev.satchel.NotFoundException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SchemaMigration;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.ConflictEntry;
import dev.satchel.internal.log.ConflictFacts;
import dev.satchel.internal.log.ConflictKey;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.DeletionFound;
import dev.satchel.internal.log.Digest;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.ltx.PageChecksum;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.internal.replica.PageSource;
import dev.satchel.internal.replica.RemoteState;
import dev.satchel.internal.replica.Replica;
import dev.satchel.internal.replica.ReplicaFiles;
import dev.satchel.internal.replica.Unpublished;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What to do when another machine has committed on the same base: overwrite its state with ours, or give way. The side that
 * does not win is kept as a conflict object before anything else happens. Called by the one thread that takes a database's
 * remote step.
 */
final class ConflictResolution {
    private static final Logger LOG = LoggerFactory.getLogger(ConflictResolution.class);
    /** After so many tries to keep what handlers go on committing, they are made to wait. */
    private static final int PATIENT_ROUNDS = 3;

    private static final int COMMIT_ID_LENGTH = 32;

    /** SQLite fileformat2 1.3: where page 1 has it. */
    private static final int USER_VERSION = 60;

    private final Node node;
    private final DatabaseId id;
    private final DatabaseLog log;
    private final ReplicaFiles files;
    private final SyncState state;
    private final DatabaseLoader loader;

    ConflictResolution(Node node, DatabaseLog log, ReplicaFiles files, SyncState state, DatabaseLoader loader) {
        this.node = node;
        this.id = log.id();
        this.log = log;
        this.files = files;
        this.state = state;
        this.loader = loader;
    }

    /** The commit that makes a change the version after {@code parent}. */
    Attempt attempt(
            Unpublished change, SortedMap<Integer, byte[]> pages, Baseline parent, @Nullable Conflict overwrites) {
        Commit commit = Commit.encode(
                id.path(),
                parent.version() + 1,
                overwrites == null ? node.newCommitId() : overwrites.ourCommit(),
                node.writer(),
                parent.checksum(),
                change.sums().rolling(),
                node.timestampAfter(parent.timestamp()),
                change.pageSize(),
                change.sizeInPages(),
                parent.sizeInPages(),
                parent.life(),
                pages);
        return new Attempt(
                commit, change, Baseline.of(commit.provenance(), change.sizeInPages()), overwrites, List.of());
    }

    /**
     * LAST_WRITE_WINS: keeps their changes aside and makes our whole state the version after theirs.
     *
     * @param adopt told of the attempt to send instead
     * @return that attempt; null if theirs has a newer schema than this application knows, which ours must not replace
     */
    @Nullable
    Attempt overwrite(Replica current, Attempt sent, Commit owner, Consumer<Attempt> adopt) {
        try (Theirs theirs = theirs(current, owner)) {
            return hasNewerSchema(theirs.pages()) ? null : overwrite(current, sent, theirs, adopt);
        } catch (IOException e) {
            throw localFailure(e);
        }
    }

    /** Whether a state was migrated by a newer application. */
    private boolean hasNewerSchema(PageSource state) throws IOException {
        SchemaMigration schema = node.schema();
        return schema != null && schemaOf(state) > schema.targetVersion();
    }

    private void requireKnownSchema(PageSource state) throws IOException {
        SchemaMigration schema = node.schema();
        if (schema != null && hasNewerSchema(state)) {
            throw new NewerSchemaException(id, schema.targetVersion(), schemaOf(state));
        }
    }

    private static int schemaOf(PageSource state) throws IOException {
        return state.sizeInPages() == 0 ? 0 : ByteBuffer.wrap(state.page(1)).getInt(USER_VERSION);
    }

    private Attempt overwrite(Replica current, Attempt sent, Theirs theirs, Consumer<Attempt> adopt)
            throws IOException {
        Baseline base = current.baseline();
        PageSource ours = overlay(sent.change().pages(), sent.change().sizeInPages(), current);
        Conflict conflict = keepTheirs(
                base,
                theirs.baseline(),
                theirs.changes(),
                sent.change().pageSize(),
                decision(sent.commit(), theirs.baseline()));
        SortedSet<Integer> candidates = new TreeSet<>(theirs.changes().keySet());
        candidates.addAll(sent.change().pages().keySet());
        SortedMap<Integer, byte[]> pages =
                Takeover.difference(theirs.pages(), ours, sent.change().pageSize(), candidates);
        Attempt next =
                attempt(sent.change(), pages, theirs.baseline(), conflict).after(sent);
        adopt.accept(next);
        return next;
    }

    /**
     * REJECT, or work that can be run again: keeps our changes aside and moves the replica to their version.
     *
     * @param repeatable whether all who committed so far can be run again; nothing is kept then. If that changes before nobody
     *     can commit any more, nothing is done, and the next step decides anew
     * @param done told what becomes of our commits just before it happens, and when their version was known to be the head
     */
    void giveWay(
            Replica current, Attempt sent, Commit owner, BooleanSupplier repeatable, ObjLongConsumer<Settlement> done) {
        giveWay(current, sent, new Loss(() -> theirs(current, owner), repeatable, true), done);
    }

    private void giveWay(Replica current, Attempt sent, Loss loss, ObjLongConsumer<Settlement> done) {
        BooleanSupplier repeatable = loss.repeatable();
        List<Conflict> undecided = new ArrayList<>();
        Attempt losing = sent;
        boolean over = false;
        try {
            for (int round = 0; ; round++) {
                long asked = node.nanoTime().getAsLong();
                try (Theirs theirs = loss.to().find()) {
                    Conflict conflict = repeatable.getAsBoolean() ? null : keepOurs(current, theirs, losing, undecided);
                    current.gate().acquireExclusive(id.path(), node.config().localTimeout());
                    try {
                        if (conflict == null && !repeatable.getAsBoolean()) {
                            return;
                        }
                        Unpublished all = current.collect();
                        if (conflict != null
                                && all != null
                                && all.sequence() > losing.change().sequence()) {
                            losing = attempt(all, all.pages(), current.baseline(), null);
                            if (round < PATIENT_ROUNDS) {
                                continue;
                            }
                            conflict = keepOurs(current, theirs, losing, undecided);
                        }
                        undecided.remove(conflict);
                        long before = current.published();
                        long upTo = current.checkCommitted();
                        RuntimeException failure = conflict == null
                                ? new LostRace()
                                : loss.isCertain() ? new ConflictException(conflict) : mayHaveBeenSaved(conflict);
                        done.accept(new Settlement(current, before, upTo, failure, null), asked);
                        over = true;
                        current.resetTo(theirs.state());
                    } finally {
                        current.gate().releaseExclusive();
                    }
                    if (conflict != null) {
                        report(conflict);
                    }
                    return;
                } catch (IOException e) {
                    throw localFailure(e);
                }
            }
        } catch (DeletionFound e) {
            over = true;
            throw e;
        } finally {
            dropUndecided(over ? undecided : allBut(sent, undecided));
        }
    }

    /** What is not put again: a deletion of the other that arrives late would take what is decided next. */
    private static List<Conflict> allBut(Attempt next, List<Conflict> undecided) {
        return undecided.stream()
                .filter(each -> !each.ourCommit().equals(next.commit().id()))
                .toList();
    }

    private OutcomeUnknownException mayHaveBeenSaved(Conflict conflict) {
        return new OutcomeUnknownException(
                "database " + id + ": this process was asleep for longer than versions are kept while it saved changes;"
                        + " whether they were saved cannot be told any more. They are kept as " + conflict.keptAs(),
                null);
    }

    /** The head that another machine made, seen from a replica's baseline. */
    private Theirs theirs(Replica current, Commit owner) throws IOException {
        long base = current.baseline().version();
        try {
            List<Commit> commits = new ArrayList<>();
            long first = owner.version();
            if (first > base + 1) {
                commits.addAll(loader.fetch(log, versions(base + 1, first - 1)));
            }
            commits.add(owner);
            List<Long> more = new ArrayList<>();
            for (CommitEntry entry : log.commitsAfter(first)) {
                if (entry.version() == first + more.size() + 1) {
                    more.add(entry.version());
                }
            }
            commits.addAll(loader.fetch(log, more));
            RemoteState state = current.remoteState(commits, node.keeps(ProtocolRule.CONTENT_IS_CHECKED));
            return new Theirs(
                    state.baseline(),
                    overlay(state.pages(), state.baseline().sizeInPages(), current),
                    state.pages(),
                    state,
                    () -> {});
        } catch (CorruptException e) {
            log.passedOver(e);
            LOG.warn(
                    "log does not continue the local copy, comparing whole files database={} reason={}",
                    id,
                    e.getMessage());
            return theirsFromImage(current);
        }
    }

    /** What was deleted since is not to come back. */
    private void requireSameLife(long ours, Baseline head) {
        if (head.life() != ours) {
            throw new DeletionFound(id, head.life());
        }
    }

    private Theirs theirsFromImage(Replica current) throws IOException {
        Baseline base = current.baseline();
        DatabaseFile head = loader.loadHead(log, files.loading()).file();
        try {
            requireSameLife(base.life(), head.baseline());
        } catch (DeletionFound e) {
            head.close();
            throw e;
        }
        PageSource ours = new PageSource() {
            @Override
            public int sizeInPages() {
                return base.sizeInPages();
            }

            @Override
            public byte[] page(int page) {
                return current.publishedPage(page);
            }
        };
        SortedMap<Integer, byte[]> changes =
                Takeover.difference(ours, head, head.pageSize(), Takeover.allPages(head.sizeInPages()));
        return new Theirs(
                head.baseline(),
                head,
                changes,
                new RemoteState(head.baseline(), changes, head.sums(), head.pageSize()),
                head::close);
    }

    /**
     * Our commit landed in a slot that had been used and reclaimed before; the head is in the image. Nobody has acknowledged
     * it: it is removed, and the conflict decided against the real head.
     *
     * @param known whether it certainly never was a version; if it may have been, ours is kept aside, and overwrites nothing
     * @param overwrite whether ours wins, as in {@link #overwrite}; else all is as in {@link #giveWay}
     */
    @Nullable
    Attempt afterReclaimed(
            Replica current,
            Attempt sent,
            boolean known,
            boolean overwrite,
            BooleanSupplier repeatable,
            Consumer<Attempt> adopt,
            ObjLongConsumer<Settlement> done) {
        log.deleteCommit(sent.version());
        if (overwrite && known) {
            try (Theirs theirs = theirsFromImage(current)) {
                if (!hasNewerSchema(theirs.pages())) {
                    return overwrite(current, sent, theirs, adopt);
                }
            } catch (IOException e) {
                throw localFailure(e);
            }
        }
        Loss loss = new Loss(() -> theirsFromImage(current), known ? repeatable : () -> false, known);
        giveWay(current, sent, loss, done);
        return null;
    }

    // ---- pending commits of an earlier process ----------------------------------------------------------------------

    /**
     * Publishes what a spool holds, by the same rules: its own id in the slot means it had landed, another's is a conflict.
     * The spool is empty afterwards. What a deletion was put on top of goes with it.
     */
    void publishPending(Spool spool) {
        try {
            publishAll(spool);
        } catch (DeletionFound e) {
            dropKeptBefore(e.deletion());
            LOG.warn("pending changes are dropped, the database was deleted database={} version={}", id, e.deletion());
            spool.removeAll();
            node.tell(new VersionEvent(id, Version.of(e.deletion()), VersionEvent.Kind.DELETED, node.writer()));
        }
    }

    private void publishAll(Spool spool) {
        List<Commit> commits = spool.read();
        for (int i = 0; i < commits.size(); i++) {
            Commit commit = commits.get(i);
            if (i == 0) {
                requirePrevious(commit);
            }
            Pending became = settle(commit);
            if (became != Pending.LANDED) {
                takeOver(spool, commits.subList(i, commits.size()), became);
                return;
            }
            LOG.info("pending commit published database={} version={}", id, commit.version());
            node.announce(
                    new VersionEvent(id, Version.of(commit.version()), VersionEvent.Kind.PUBLISHED, node.writer()));
        }
        spool.removeAll();
    }

    private void requirePrevious(Commit commit) {
        long previous = commit.version() - 1;
        if (previous == 0) {
            return;
        }
        Optional<Provenance> found = log.commitProvenance(previous);
        if (found.isPresent() && found.get().isErased()) {
            throw new DeletionFound(id, found.get().life());
        }
        if (found.isPresent()
                ? found.get().checksum() != commit.provenance().parentChecksum()
                : log.imageOrHead(previous) < previous) {
            throw new CorruptException(
                    CorruptException.Kind.PENDING_COMMIT,
                    "database " + id + ": pending commit " + commit.version() + " continues version " + previous
                            + (found.isPresent() ? " of another history than that in" : ", which is not in")
                            + " the store at " + node.store().location()
                            + "; was the store rolled back, or is it another one? Restore it, or move "
                            + files.spool() + " away to go on without the pending changes",
                    null);
        }
    }

    /** What became of a pending commit. */
    private enum Pending {
        LANDED,
        LOST,
        /** Its slot has been reclaimed: it was a version that retention has removed since, or none. */
        UNKNOWN
    }

    private Pending settle(Commit commit) {
        boolean checked = node.keeps(ProtocolRule.LANDED_IN_A_FRESH_SLOT);
        boolean mayBeFree = !checked || !Landing.isReclaimed(log, commit);
        if (!mayBeFree || !(log.put(commit) instanceof PutResult.Stored)) {
            Optional<Commit> owner = log.commit(commit.version());
            if (owner.isEmpty()) {
                return Pending.UNKNOWN;
            }
            if (!owner.get().id().equals(commit.id()) || !node.keeps(ProtocolRule.OWN_COMMIT_IN_SLOT_IS_SUCCESS)) {
                return Pending.LOST;
            }
        }
        return !checked || counts(commit) ? Pending.LANDED : Pending.UNKNOWN;
    }

    private boolean counts(Commit commit) {
        Landing landing = Landing.of(log, commit.provenance());
        if (!landing.standing().isVersion()) {
            log.deleteCommit(commit.version());
        }
        ImageInfo image = landing.image();
        if (image != null && image.provenance().life() > commit.provenance().life()) {
            throw new DeletionFound(id, image.provenance().life());
        }
        return landing.standing().isVersion();
    }

    private void takeOver(Spool spool, List<Commit> ours, Pending became) {
        if (node.config().conflictPolicy() == ConflictPolicy.REJECT || became == Pending.UNKNOWN) {
            keepPending(ours);
            spool.removeAll();
            return;
        }
        try {
            List<Conflict> undecided = new ArrayList<>();
            while (!overwritePending(spool, ours, undecided)) {
                LOG.debug("another machine was faster again database={}", id);
            }
            spool.removeAll();
            dropUndecided(undecided);
        } catch (NotFoundException | NewerSchemaException e) {
            // What we began from cannot be made any more, and so nothing can be put on top; or theirs is not ours to
            // replace.
            keepPending(ours);
            spool.removeAll();
        } catch (IOException e) {
            throw localFailure(e);
        }
    }

    /** Keeps all of our state; if what it began from is not in the store any more, what was changed. */
    private void keepPending(List<Commit> ours) {
        Baseline head = head();
        requireSameLife(ours.get(0).provenance().life(), head);
        Commit last = ours.get(ours.size() - 1);
        Commit kept;
        try (DatabaseFile all = before(ours.get(0), files.image())) {
            for (Commit commit : ours) {
                all.apply(commit);
            }
            kept = whole(last, all);
        } catch (NotFoundException e) {
            LOG.warn("what pending changes began from is not in the store any more database={}", id, e);
            kept = together(ours);
        } catch (IOException e) {
            throw localFailure(e);
        }
        Conflict conflict = describe(
                ConflictPolicy.REJECT,
                ours.get(0).version() - 1,
                head,
                last.id(),
                last.provenance().writer(),
                kept);
        keep(kept, conflict);
        requireNotDeletedMeanwhile(head);
        report(conflict);
    }

    /** One commit that does what these do, one after the other. It has the version and the id of the last. */
    private Commit together(List<Commit> commits) {
        Commit first = commits.get(0);
        Commit last = commits.get(commits.size() - 1);
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        commits.forEach(commit -> pages.putAll(commit.content().pages()));
        pages.tailMap(last.sizeInPages() + 1).clear();
        return Commit.encode(
                id.path(),
                last.version(),
                last.id(),
                last.provenance().writer(),
                first.provenance().parentChecksum(),
                last.provenance().checksum(),
                last.provenance().timestamp(),
                last.pageSize(),
                last.sizeInPages(),
                last.sizeInPages(),
                first.provenance().life(),
                pages);
    }

    private Baseline head() {
        try (DatabaseFile head = loader.loadHead(log, files.loading()).file()) {
            return head.baseline();
        } catch (IOException e) {
            throw localFailure(e);
        }
    }

    /** Publishes our pending state over theirs; false if another machine was faster once more. */
    private boolean overwritePending(Spool spool, List<Commit> ours, List<Conflict> undecided) throws IOException {
        Commit first = ours.get(0);
        Optional<ConflictEntry> earlier = earlierDecision(first);
        try (DatabaseFile pending = before(first, files.image());
                DatabaseFile head = loader.loadHead(log, files.loading()).file()) {
            requireSameLife(first.provenance().life(), head.baseline());
            requireKnownSchema(head);
            Conflict conflict = keepTheirs(
                    earlier.map(entry -> entry.facts().base()),
                    pending,
                    head,
                    decision(ours.get(ours.size() - 1), head.baseline()));
            for (Commit commit : ours) {
                pending.apply(commit);
            }
            Commit next = Commit.encode(
                    id.path(),
                    head.baseline().version() + 1,
                    conflict.ourCommit(),
                    node.writer(),
                    head.baseline().checksum(),
                    pending.baseline().checksum(),
                    node.timestampAfter(head.baseline().timestamp()),
                    pending.pageSize(),
                    pending.sizeInPages(),
                    head.sizeInPages(),
                    head.baseline().life(),
                    Takeover.difference(head, pending, pending.pageSize(), Takeover.allPages(pending.sizeInPages())));
            // From here on it is this commit that is pending: should it land unseen, its id must be known.
            spool.replace(next, null);
            if (settle(next) != Pending.LANDED) {
                undecided.add(conflict);
                return false;
            }
            earlier.ifPresent(entry -> log.deleteConflict(entry.id()));
            report(conflict);
            return true;
        }
    }

    /** The state that a commit continues. */
    private DatabaseFile before(Commit commit, Path target) throws IOException {
        return commit.provenance().parentChecksum() == PageChecksum.EMPTY
                ? DatabaseFile.empty(
                        id, target, commit.version() - 1, commit.provenance().life())
                : loader.loadVersion(log, commit.version() - 1, target);
    }

    private DatabaseFile load(long version, Path target) throws IOException {
        if (version == 0
                || log.commitProvenance(version).filter(Provenance::isTombstone).isPresent()) {
            return DatabaseFile.empty(id, target, version, version);
        }
        return loader.loadVersion(log, version, target);
    }

    /**
     * What a pending commit was to overwrite when an earlier process decided a conflict with it, and did not get to the end: its
     * record says where our side began, which the commit itself does not.
     */
    private Optional<ConflictEntry> earlierDecision(Commit pending) {
        return log.conflict(DatabaseKeys.conflictId(pending.version() - 1, pending.id()))
                .filter(entry -> entry.facts().policy() == ConflictPolicy.LAST_WRITE_WINS);
    }

    /** Keeps what the head has and {@code begun}, or the version before it that our side began from, has not. */
    private Conflict keepTheirs(Optional<Long> base, DatabaseFile begun, DatabaseFile head, String ourCommit)
            throws IOException {
        if (base.isPresent() && base.get() < begun.baseline().version()) {
            try (DatabaseFile before = load(base.get(), files.snapshotPages())) {
                return keepTheirs(before, head, ourCommit);
            } catch (NotFoundException e) {
                LOG.warn(
                        "where pending changes began is not in the store any more database={} version={}",
                        id,
                        base.get());
            } finally {
                Files.deleteIfExists(files.snapshotPages());
            }
        }
        return keepTheirs(begun, head, ourCommit);
    }

    private Conflict keepTheirs(DatabaseFile base, DatabaseFile head, String ourCommit) throws IOException {
        return keepTheirs(
                base.baseline(),
                head.baseline(),
                Takeover.difference(base, head, head.pageSize(), Takeover.allPages(head.sizeInPages())),
                head.pageSize(),
                ourCommit);
    }

    // ---- records ----------------------------------------------------------------------------------------------------

    /** The id of the commit that puts ours over a head: the same, and so the same record, however often it is decided. */
    private static String decision(Commit ours, Baseline head) {
        String both = ours.id() + head.commitId();
        return Digest.sha256(both.getBytes(StandardCharsets.US_ASCII)).substring(0, COMMIT_ID_LENGTH);
    }

    private Conflict keepTheirs(
            Baseline base, Baseline head, SortedMap<Integer, byte[]> changes, int pageSize, String ourCommit) {
        Commit overwritten = Commit.encode(
                id.path(),
                head.version(),
                head.commitId(),
                head.writer(),
                base.checksum(),
                head.checksum(),
                head.timestamp(),
                pageSize,
                head.sizeInPages(),
                base.sizeInPages(),
                head.life(),
                changes);
        Conflict conflict =
                describe(ConflictPolicy.LAST_WRITE_WINS, base.version(), head, ourCommit, node.writer(), overwritten);
        keep(overwritten, conflict);
        requireNotDeletedMeanwhile(head);
        return conflict;
    }

    private Conflict keepOurs(Replica current, Theirs theirs, Attempt losing, List<Conflict> undecided) {
        Unpublished ours = losing.change();
        Commit kept =
                isOld() ? whole(losing.commit(), overlay(ours.pages(), ours.sizeInPages(), current)) : losing.commit();
        Conflict conflict = describe(
                ConflictPolicy.REJECT,
                current.baseline().version(),
                theirs.baseline(),
                losing.commit().id(),
                node.writer(),
                kept);
        undecided.add(conflict);
        keep(kept, conflict);
        requireNotDeletedMeanwhile(theirs.baseline());
        return conflict;
    }

    /** Whether retention may remove the version that the local copy is based on before it removes what is kept of a conflict. */
    private boolean isOld() {
        return !state.verifiedSince(
                node.nanoTime().getAsLong() - node.config().verifyWindow().toNanos());
    }

    /** A commit that holds all of a state, and can be opened without the version it began from. */
    private Commit whole(Commit changes, PageSource all) {
        try {
            return Commit.encode(
                    id.path(),
                    changes.version(),
                    changes.id(),
                    changes.provenance().writer(),
                    PageChecksum.EMPTY,
                    changes.provenance().checksum(),
                    changes.provenance().timestamp(),
                    changes.pageSize(),
                    changes.sizeInPages(),
                    0,
                    changes.provenance().life(),
                    Takeover.difference(
                            PageSource.NONE, all, changes.pageSize(), Takeover.allPages(all.sizeInPages())));
        } catch (IOException e) {
            throw localFailure(e);
        }
    }

    private void keep(Commit changes, Conflict conflict) {
        if (node.keeps(ProtocolRule.LOSER_IS_KEPT)) {
            log.putConflict(changes, conflict.ourCommit(), facts(conflict));
        }
    }

    /**
     * A deletion erases commits first and lists conflict objects afterwards: one that it did not find was put when the commit
     * it lost against had been erased, and is dropped by whoever finds that.
     */
    private void requireNotDeletedMeanwhile(Baseline head) {
        Optional<Provenance> winner = log.commitProvenance(head.version());
        if (winner.isPresent() && winner.get().life() > head.life()) {
            throw new DeletionFound(id, winner.get().life());
        }
    }

    /** What was kept for decisions that were not the last: it has not been overwritten by them. Retention finds what stays. */
    void dropUndecided(List<Conflict> superseded) {
        for (Conflict each : superseded) {
            try {
                node.store().delete(each.keptAs());
            } catch (StoreException e) {
                LOG.debug("a conflict record of no decision stays for a while key={}", each.keptAs(), e);
            }
        }
    }

    /**
     * Drops what was kept of a database that has been deleted since: also what an attempt put that was broken off before it
     * could look for the deletion.
     */
    void dropKeptBefore(long deletion) {
        for (ConflictKey kept : log.conflictEntries()) {
            if (kept.version() <= deletion) {
                log.deleteConflict(kept.id());
            }
        }
    }

    private Conflict describe(
            ConflictPolicy policy, long base, Baseline head, String ourCommit, String ourWriter, Commit kept) {
        return new Conflict(
                id,
                policy,
                Version.of(base),
                Version.of(head.version()),
                ourWriter,
                head.writer(),
                ourCommit,
                head.commitId(),
                log.keys().conflict(kept.version(), ourCommit),
                kept.bytes().length);
    }

    private static Map<String, String> facts(Conflict conflict) {
        boolean oursWon = conflict.policy() == ConflictPolicy.LAST_WRITE_WINS;
        return new ConflictFacts(
                        conflict.policy(),
                        conflict.base().number(),
                        conflict.head().number(),
                        oursWon ? conflict.ourWriter() : conflict.theirWriter(),
                        oursWon ? conflict.ourCommit() : conflict.theirCommit())
                .toMetadata();
    }

    /** Tells of a conflict that has been decided for good. */
    void report(Conflict conflict) {
        LOG.warn(
                "conflict database={} policy={} base={} head={} our_writer={} their_writer={} our_commit={} their_commit={}"
                        + " kept_as={} kept_bytes={}",
                conflict.database(),
                conflict.policy(),
                conflict.base(),
                conflict.head(),
                conflict.ourWriter(),
                conflict.theirWriter(),
                conflict.ourCommit(),
                conflict.theirCommit(),
                conflict.keptAs(),
                conflict.keptBytes());
        if (conflict.policy() == ConflictPolicy.REJECT) {
            node.refusals().add(conflict);
        }
        node.metrics().conflicted(conflict.policy());
        node.announce(new VersionEvent(id, conflict.head(), VersionEvent.Kind.CONFLICT, node.writer()));
    }

    private LocalStorageException localFailure(IOException cause) {
        return new LocalStorageException(
                "database " + id + ": resolving a conflict failed locally: " + cause.getMessage()
                        + "; check the disk's space and permissions",
                cause);
    }

    private static List<Long> versions(long first, long last) {
        List<Long> versions = new ArrayList<>();
        for (long version = first; version <= last; version++) {
            versions.add(version);
        }
        return versions;
    }

    private static PageSource overlay(SortedMap<Integer, byte[]> pages, int sizeInPages, Replica below) {
        return new PageSource() {
            @Override
            public int sizeInPages() {
                return sizeInPages;
            }

            @Override
            public byte[] page(int page) {
                byte[] changed = pages.get(page);
                return changed == null ? below.publishedPage(page) : changed;
            }
        };
    }

    /**
     * The other side.
     *
     * @param baseline its head
     * @param pages all its pages
     * @param changes what turns our base into it
     * @param state for moving a replica to it
     * @param resource what to close afterwards
     */
    private record Theirs(
            Baseline baseline,
            PageSource pages,
            SortedMap<Integer, byte[]> changes,
            RemoteState state,
            Resource resource)
            implements AutoCloseable {
        @Override
        public void close() throws IOException {
            resource.close();
        }
    }

    /**
     * That ours gives way.
     *
     * @param to whom
     * @param repeatable whether all who committed so far can be run again
     * @param isCertain whether ours was certainly never a version
     */
    private record Loss(TheirSide to, BooleanSupplier repeatable, boolean isCertain) {}

    /** Finds out what the other side has come to. */
    private interface TheirSide {
        Theirs find() throws IOException;
    }

    /** Something to close. */
    private interface Resource extends AutoCloseable {
        @Override
        void close() throws IOException;
    }
}
