package dev.satchel.archive;

import dev.satchel.ArchiveException;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.NotFoundException;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.Version;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves rows between a user's database and an archive, as rules say.
 *
 * <p>A row is always in at least one place and never visible twice: rows are copied into the tier, read back and compared, and only
 * then deleted, in one version of the database whose ledger names the batch. What the ledger does not name is not archived, wherever
 * it lies. Every step may fail or end with the process; run it again. Several nodes may archive one database at once.
 *
 * <p>Works through ordinary sessions of a {@link Satchel}, so that archiving is as durable, and as visible to other nodes, as any
 * write. Thread-safe. Every method blocks on the store and on the tier; what they throw comes through, and what was not finished
 * is as it was. Whoever gave it a tier closes that.
 */
public final class Archive {
    private static final Logger LOG = LoggerFactory.getLogger(Archive.class);
    private static final int GROUP_BATCHES = 64;
    private static final long GROUP_BYTES = 4L << 20;
    private static final int VACUUM_PAGES = 4096;
    /** A database that cannot be vacuumed in steps is written anew if so much of it is free, and it is not larger than that. */
    private static final int WORTH_REWRITING = 4;

    private static final long LARGEST_REWRITTEN = 64L << 20;
    /** A copy that is older must be made anew: what is loose that long may be removed. */
    private static final Duration FRESH = Duration.ofHours(1);

    private final Satchel satchel;
    private final ArchiveTier tier;
    private final List<ArchiveRule> rules;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Duration retention;

    private Archive(Builder builder) {
        this.satchel = builder.satchel;
        this.tier =
                builder.tier != null ? builder.tier : satchel.archiveTier().orElseGet(() -> new BucketTier(satchel));
        this.rules = List.copyOf(builder.rules);
        this.clock = builder.clock;
        this.random = builder.random;
        this.retention = builder.retention;
    }

    /** Begins the set-up of an archive for the databases of an instance. */
    public static Builder builder(Satchel satchel) {
        return new Builder(satchel);
    }

    /** The rules, in the order in which they are applied. */
    public List<ArchiveRule> rules() {
        return rules;
    }

    /** Where it archives. */
    public ArchiveTier tier() {
        return tier;
    }

    /**
     * Archives what the rules say. Requests: one to look, one to list the tier, then for each group of up to {@value
     * #GROUP_BATCHES} batches what the tier needs to store and load them, and one to commit. Where batches are found that have not been
     * archived for as long as the retention, one for each version of that time, too.
     *
     * @throws IllegalArgumentException if a rule's condition is no SQL for its table
     * @throws ArchiveException of kind {@code SCHEMA_DIFFERS} if a table or column of a rule is not there
     * @throws CorruptException if the tier gives back something else than it was given; nothing was deleted
     */
    public ArchiveReport run(DatabaseId database) throws SQLException {
        return run(database, rules, Optional.empty(), false);
    }

    /** Archives what one rule says. */
    public ArchiveReport run(DatabaseId database, String rule) throws SQLException {
        return run(database, List.of(rule(rule)), Optional.empty(), false);
    }

    /**
     * Archives one row of a rule's table, with what belongs to it, if the rule's condition is true for it.
     *
     * @param key the row's key as text, as {@link ArchivedEntry#keys()} has it; a single text may also be given without its quotes
     */
    public ArchiveReport run(DatabaseId database, String rule, String key) throws SQLException {
        return run(database, List.of(rule(rule)), Optional.of(key), false);
    }

    /** What {@link #run(DatabaseId)} would archive now; changes nothing. One request. */
    public ArchiveReport plan(DatabaseId database) throws SQLException {
        return run(database, rules, Optional.empty(), true);
    }

    /** What {@link #run(DatabaseId, String)} would archive now; changes nothing. One request. */
    public ArchiveReport plan(DatabaseId database, String rule) throws SQLException {
        return run(database, List.of(rule(rule)), Optional.empty(), true);
    }

    /** What the database has archived, the oldest first. One request to the store, none to the tier. */
    public List<ArchivedEntry> list(DatabaseId database) throws SQLException {
        return satchel.read(live(database), session -> {
            try (Connection connection = session.connection()) {
                return list(connection);
            }
        });
    }

    /**
     * What a copy of a database names as archived, an older version's too, the oldest first. Asks nobody.
     *
     * @param copy a connection to it, which stays open
     */
    public static List<ArchivedEntry> list(Connection copy) throws SQLException {
        return new Ledger(copy).entries();
    }

    /**
     * Brings the rows of a batch back, in one version. The batch stays in the tier, unseen, until the retention has passed: older
     * versions of the database have it archived.
     *
     * @throws NotFoundException if the database has not archived that batch
     * @throws ArchiveException of kind {@code KEY_IN_USE} if a row has a key that another has by now, {@code REFERENCE_MISSING} if
     *     one refers to a row that is gone, {@code SCHEMA_DIFFERS} if a table or column is gone; nothing was changed
     * @throws CorruptException if the tier does not have the batch as it was archived; nothing was changed
     */
    public ArchivedEntry restore(DatabaseId database, BatchId batch) throws SQLException {
        ArchivedEntry entry = list(database).stream()
                .filter(one -> one.batch().equals(batch))
                .findFirst()
                .orElseThrow(() -> notArchived(database, batch));
        ArchiveBatch rows = load(database, entry);
        satchel.<@Nullable Void, SQLException>write(database, session -> {
            try (Connection connection = session.connection()) {
                connection.setAutoCommit(false);
                Ledger ledger = new Ledger(connection);
                ledger.create();
                if (!ledger.remove(batch)) {
                    throw notArchived(database, batch);
                }
                ledger.loosen(List.of(batch), now());
                new RowRestore(database, connection).insert(rows);
                connection.commit();
                return null;
            }
        });
        LOG.info("restored from the archive database={} batch={} rows={}", database, batch, entry.rows());
        return entry;
    }

    /**
     * Opens what the database has archived, to be read with SQL: each table as it was, with a column {@code satchel_batch} more. A
     * private copy on this machine that stays as it is; close it.
     *
     * @throws CorruptException if the tier does not have a batch as it was archived
     */
    public ArchivedRows open(DatabaseId database) throws SQLException {
        return open(database, list(database));
    }

    /** Opens some of what the database has archived; otherwise as {@link #open(DatabaseId)}. */
    public ArchivedRows open(DatabaseId database, Collection<ArchivedEntry> entries) throws SQLException {
        ArchivedRows rows = ArchivedRows.create(database);
        try {
            for (ArchivedEntry entry : entries) {
                rows.add(load(database, entry));
            }
            rows.ready();
            return rows;
        } catch (SQLException | RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    /** The rows of a batch, checked against the ledger. One request to the tier. */
    public ArchiveBatch load(DatabaseId database, ArchivedEntry entry) {
        if (!entry.tier().equals(tier.name())) {
            throw new NotFoundException(
                    "database " + database + ": batch " + entry.batch() + " is in the tier \"" + entry.tier()
                            + "\", and this archive has the tier \"" + tier.name() + "\"; use that one",
                    null);
        }
        ArchiveBatch batch = tier.load(database, entry.batch())
                .orElseThrow(() -> new CorruptException(
                        CorruptException.Kind.ARCHIVE,
                        "database " + database + ": the archive tier does not have batch " + entry.batch()
                                + ", which the database names as archived; if the database was brought back to a version"
                                + " older than the retention, its batch is gone",
                        null));
        require(database, entry.batch(), entry.digest(), batch);
        return batch;
    }

    // ---- a run
    // -------------------------------------------------------------------------------------------------------

    private ArchiveReport run(DatabaseId database, List<ArchiveRule> wanted, Optional<String> key, boolean dryRun)
            throws SQLException {
        live(database);
        Instant now = now();
        List<ArchivedEntry> archived = new ArrayList<>();
        List<LeftBehind> left = new ArrayList<>();
        long before = size(database);
        for (ArchiveRule rule : wanted) {
            List<List<List<Cell>>> waiting = chunks(candidates(database, rule, key, now), rule.rootsPerBatch());
            Set<List<Cell>> gone = new HashSet<>();
            while (!waiting.isEmpty()) {
                Group group = export(database, rule, waiting, gone, now, archived.size() + left.size());
                waiting = waiting.subList(group.chunks(), waiting.size());
                gone.addAll(group.roots());
                List<Graph> whole = new ArrayList<>();
                for (Graph graph : group.graphs()) {
                    if (graph.why() != null) {
                        left.add(graph.why());
                    } else {
                        whole.add(graph);
                    }
                }
                if (dryRun) {
                    whole.forEach(graph -> archived.add(entry(graph, batch(graph))));
                } else if (!whole.isEmpty()) {
                    move(database, rule, whole, now, archived, left);
                }
            }
        }
        if (!archived.isEmpty() && !dryRun) {
            rewriteIfWorthIt(database);
        }
        int removed = dryRun ? 0 : sweep(database); // Now there is space for what it writes.
        long after = archived.isEmpty() || dryRun ? before : size(database);
        ArchiveReport report = new ArchiveReport(database, dryRun, archived, left, before, after, removed);
        if (!archived.isEmpty() && !dryRun) {
            LOG.info(
                    "archived database={} batches={} rows={} bytes_before={} bytes_after={} tier={}",
                    database,
                    archived.size(),
                    report.rows(),
                    before,
                    after,
                    tier.name());
        }
        return report;
    }

    private List<List<Cell>> candidates(DatabaseId database, ArchiveRule rule, Optional<String> wanted, Instant now)
            throws SQLException {
        List<List<Cell>> all = satchel.read(database, session -> {
            try (Connection connection = session.connection()) {
                connection.setAutoCommit(false);
                LiveSchema schema = LiveSchema.read(database, connection);
                return schema.isEmpty()
                        ? List.<List<Cell>>of()
                        : new GraphReader(database, connection, schema, rule, tier.limits(), now).candidates();
            }
        });
        if (wanted.isEmpty()) {
            return all;
        }
        String key = wanted.get();
        Optional<List<Cell>> one = all.stream()
                .filter(each -> Cells.key(each).equals(key))
                .findFirst()
                .or(() -> all.stream().filter(each -> Cells.isPlain(each, key)).findFirst());
        return one.stream().toList();
    }

    /**
     * Graphs that are stored together.
     *
     * @param chunks how many of the waiting roots they are of; those that others took with them have no graph
     * @param roots all rows of the rule's table that they have
     */
    private record Group(int chunks, List<Graph> graphs, Set<List<Cell>> roots) {}

    /**
     * Reads the next graphs in one transaction, up to a group's size.
     *
     * @param gone roots that earlier groups have
     */
    private Group export(
            DatabaseId database,
            ArchiveRule rule,
            List<List<List<Cell>>> waiting,
            Set<List<Cell>> gone,
            Instant now,
            int place)
            throws SQLException {
        return satchel.read(database, session -> {
            try (Connection connection = session.connection()) {
                connection.setAutoCommit(false);
                LiveSchema schema = LiveSchema.read(database, connection);
                GraphReader reader = new GraphReader(database, connection, schema, rule, tier.limits(), now);
                List<Graph> graphs = new ArrayList<>();
                long bytes = 0;
                int chunks = 0;
                while (chunks < waiting.size() && graphs.size() < GROUP_BATCHES && bytes < GROUP_BYTES) {
                    List<List<Cell>> roots = reader.untaken(waiting.get(chunks++)).stream()
                            .filter(key -> !gone.contains(key))
                            .toList();
                    if (!roots.isEmpty()) {
                        Graph graph = reader.read(roots, BatchId.create(now, place + graphs.size(), random), now);
                        graphs.add(graph);
                        reader.take(graph);
                        bytes += graph.batch() == null ? 0 : graph.batch().bytes();
                    }
                }
                Set<List<Cell>> taken = new HashSet<>();
                graphs.forEach(graph -> taken.addAll(reader.roots(graph)));
                return new Group(chunks, graphs, taken);
            }
        });
    }

    /**
     * 1. Stores the copies: ending here leaves batches that no ledger names, which a later run finds loose. 2. Reads them back and
     * compares. 3. In one transaction, which becomes one version: reads the rows again, compares, deletes them, names the
     * batches and gives space back. Ending before it leaves the same as 1, and after it everything is done. 4. What was changed
     * since was not deleted; its copies go, if the newest version does not name them either.
     */
    private void move(
            DatabaseId database,
            ArchiveRule rule,
            List<Graph> graphs,
            Instant now,
            List<ArchivedEntry> archived,
            List<LeftBehind> left)
            throws SQLException {
        tier.storeAll(graphs.stream().map(Archive::batch).toList());
        Moved moved;
        try {
            requireStored(database, graphs);
            moved = satchel.writeWithoutQuota(database, session -> {
                try (Connection connection = session.connection()) {
                    return delete(database, connection, rule, graphs, now);
                }
            });
        } catch (SQLException | ArchiveException | CorruptException | IllegalArgumentException e) {
            try {
                withdraw(database, graphs);
            } catch (SQLException | RuntimeException another) {
                e.addSuppressed(another);
            }
            throw e;
        }
        Set<BatchId> named = moved.done().size() == graphs.size() ? moved.done() : withdraw(database, graphs);
        for (Graph graph : graphs) {
            ArchiveBatch batch = batch(graph);
            if (named.contains(batch.id())) {
                archived.add(entry(graph, batch));
            } else {
                String keeps = moved.kept().get(batch.id());
                left.add(new LeftBehind(
                        rule.name(),
                        graph.roots().stream().map(Cells::key).toList(),
                        keeps == null ? LeftBehind.Reason.CHANGED : LeftBehind.Reason.NOT_DELETED,
                        keeps == null ? rule.table() : keeps));
            }
        }
    }

    private void requireStored(DatabaseId database, List<Graph> graphs) {
        for (Graph graph : graphs) {
            ArchiveBatch stored = batch(graph);
            ArchiveBatch loaded = tier.load(database, stored.id())
                    .orElseThrow(() -> new CorruptException(
                            CorruptException.Kind.ARCHIVE,
                            "database " + database + ": the archive tier has confirmed batch " + stored.id()
                                    + " and does not have it; nothing was deleted",
                            null));
            require(database, stored.id(), stored.digest(), loaded);
        }
    }

    /**
     * Removes the copies that the newest version does not name, which nobody but this run knows; of a database that was deleted
     * meanwhile also the history that they may have in the bucket.
     *
     * @return those that it names
     */
    private Set<BatchId> withdraw(DatabaseId database, List<Graph> graphs) throws SQLException {
        satchel.finishDeletion(database);
        Set<BatchId> copies = graphs.stream().map(graph -> batch(graph).id()).collect(Collectors.toSet());
        Set<BatchId> named = known(database).archived();
        List<BatchId> unnamed =
                copies.stream().filter(copy -> !named.contains(copy)).toList();
        tier.removeAll(database, unnamed);
        return named;
    }

    /**
     * What became of copies.
     *
     * @param done those that the ledger names
     * @param kept those of which the database did not delete every row, and the table
     */
    private record Moved(Set<BatchId> done, Map<BatchId, String> kept) {}

    /** Deletes the graphs that are still what was copied and names them; those that were named before count, too. */
    private Moved delete(DatabaseId database, Connection connection, ArchiveRule rule, List<Graph> graphs, Instant now)
            throws SQLException {
        Moved moved = new Moved(new HashSet<>(), new HashMap<>());
        if (now().isAfter(now.plus(FRESH))) {
            return moved;
        }
        // All that refers to the rows goes with them, which has been looked at: cascades would only find it gone.
        Ledger.execute(connection, "PRAGMA foreign_keys = OFF");
        connection.setAutoCommit(false);
        try {
            // Changes nothing, and makes this a transaction that writes: nobody else does until it ends.
            Ledger.execute(connection, "DELETE FROM " + Cells.quoted(rule.table()) + " WHERE 0");
        } catch (SQLSyntaxErrorException e) {
            connection.rollback();
            return moved; // The table is gone, with the whole database as a rule.
        }
        Ledger ledger = new Ledger(connection);
        LiveSchema schema = LiveSchema.read(database, connection);
        GraphReader reader = new GraphReader(database, connection, schema, rule, tier.limits(), now);
        List<Graph> same = new ArrayList<>();
        for (Graph graph : graphs) {
            ArchiveBatch copy = batch(graph);
            if (ledger.names(copy.id())) {
                moved.done().add(copy.id());
                continue;
            }
            Graph again = reader.read(graph.roots(), copy.id(), copy.created());
            ArchiveBatch found = again.batch();
            if (found != null && copy.equals(found) && !ledger.knows(copy.id())) {
                reader.take(again);
                same.add(again);
            }
        }
        deleteAll(connection, same, moved);
        if (same.isEmpty()) {
            connection.rollback();
        } else {
            ledger.create();
            for (Graph graph : same) {
                ArchiveBatch batch = batch(graph);
                ledger.add(entry(graph, batch));
                moved.done().add(batch.id());
            }
            Ledger.execute(connection, "PRAGMA incremental_vacuum(" + VACUUM_PAGES + ")");
            connection.commit();
        }
        connection.setAutoCommit(true);
        return moved;
    }

    /** Deletes graphs and looks whether they are gone; those of which a trigger has kept a row are taken out. */
    private static void deleteAll(Connection connection, List<Graph> graphs, Moved moved) throws SQLException {
        Savepoint before = connection.setSavepoint();
        while (true) {
            for (Graph graph : graphs) {
                delete(connection, graph);
            }
            for (Graph graph : graphs) {
                remaining(connection, graph)
                        .ifPresent(table -> moved.kept().put(batch(graph).id(), table.name()));
            }
            if (!graphs.removeIf(graph -> moved.kept().containsKey(batch(graph).id()))) {
                connection.releaseSavepoint(before);
                return;
            }
            connection.rollback(before);
        }
    }

    /** A table that still has a row of a graph. */
    private static Optional<LiveTable> remaining(Connection connection, Graph graph) throws SQLException {
        for (Map.Entry<LiveTable, List<List<Cell>>> each : graph.keys().entrySet()) {
            for (List<Cell> key : each.getValue()) {
                LiveTable table = each.getKey();
                try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT 1 FROM " + Cells.quoted(table.name()) + " WHERE " + table.where(key))) {
                    Cells.bind(statement, 1, key);
                    try (ResultSet rows = statement.executeQuery()) {
                        if (rows.next()) {
                            return Optional.of(table);
                        }
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static void delete(Connection connection, Graph graph) throws SQLException {
        List<LiveTable> tables = new ArrayList<>(graph.keys().keySet());
        Collections.reverse(tables);
        for (LiveTable table : tables) {
            Map<String, List<List<Cell>>> bySql = new LinkedHashMap<>();
            for (List<Cell> key : graph.keys().getOrDefault(table, List.of())) {
                bySql.computeIfAbsent(table.where(key), where -> new ArrayList<>())
                        .add(key);
            }
            for (Map.Entry<String, List<List<Cell>>> each : bySql.entrySet()) {
                try (PreparedStatement statement = connection.prepareStatement(
                        "DELETE FROM " + Cells.quoted(table.name()) + " WHERE " + each.getKey())) {
                    for (List<Cell> key : each.getValue()) {
                        Cells.bind(statement, 1, key);
                        statement.executeUpdate();
                    }
                }
            }
        }
    }

    private ArchivedEntry entry(Graph graph, ArchiveBatch batch) {
        return new ArchivedEntry(
                batch.id(),
                batch.rule(),
                tier.name(),
                graph.roots().stream().map(Cells::key).toList(),
                graph.label(),
                batch.rows(),
                batch.bytes(),
                batch.digest(),
                batch.created());
    }

    private static ArchiveBatch batch(Graph graph) {
        return Objects.requireNonNull(graph.batch(), "batch");
    }

    private static void require(DatabaseId database, BatchId id, String digest, ArchiveBatch batch) {
        if (!batch.digest().equals(digest)
                || !batch.database().equals(database)
                || !batch.id().equals(id)) {
            throw new CorruptException(
                    CorruptException.Kind.ARCHIVE,
                    "database " + database + ": the archive tier gave other content for batch " + id
                            + " than was archived; nothing was changed",
                    null);
        }
    }

    // ---- what nobody names
    // -------------------------------------------------------------------------------------------

    /**
     * Looks for batches that the ledger does not name, of runs that were broken off, and of older versions of the database. They are
     * marked in the database first, after which they cannot become archived, and removed once no version inside the retention has
     * them archived: whoever brings one back finds its batches. This machine's clock says when to look, and decides nothing: what is
     * found to be needed still is marked anew.
     *
     * @return how many were removed
     */
    private int sweep(DatabaseId database) throws SQLException {
        Set<BatchId> stored = tier.ids(database);
        Known known = known(database);
        Set<BatchId> unknown = new HashSet<>(stored);
        unknown.removeAll(known.archived());
        unknown.removeAll(known.loose().keySet());
        if (!unknown.isEmpty() && satchel.finishDeletion(database)) {
            tier.removeAll(database, unknown);
            return unknown.size();
        }
        if (!unknown.isEmpty() && known.exists()) {
            loosen(database, unknown);
        }
        Instant limit = now().minus(retention);
        Set<BatchId> due = known.loose().entrySet().stream()
                .filter(entry -> entry.getValue().isBefore(limit))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        if (due.isEmpty()) {
            return 0;
        }
        // Before the look into the history: ages there are counted from the newest commit, by the store's clock.
        satchel.<@Nullable Void, SQLException>writeWithoutQuota(database, session -> {
            try (Connection connection = session.connection()) {
                connection.setAutoCommit(false);
                Ledger ledger = new Ledger(connection);
                ledger.create();
                ledger.forget(due);
                connection.commit();
                return null;
            }
        });
        Set<BatchId> removed = new HashSet<>(due);
        removed.retainAll(stored);
        removed.removeAll(namedOfLate(database, removed));
        tier.removeAll(database, removed);
        return removed.size();
    }

    /**
     * What a database knows of its archive.
     *
     * @param exists whether there is a database at all: one that was deleted is not begun anew for what its archive has left
     */
    private record Known(boolean exists, Set<BatchId> archived, Map<BatchId, Instant> loose) {}

    private Known known(DatabaseId database) throws SQLException {
        return satchel.read(database, session -> {
            try (Connection connection = session.connection()) {
                connection.setAutoCommit(false);
                Ledger ledger = new Ledger(connection);
                return new Known(
                        !session.version().equals(Version.NONE)
                                && (ledger.exists()
                                        || !LiveSchema.read(database, connection)
                                                .isEmpty()),
                        ledger.entries().stream().map(ArchivedEntry::batch).collect(Collectors.toSet()),
                        ledger.loose());
            }
        });
    }

    private void loosen(DatabaseId database, Set<BatchId> batches) throws SQLException {
        satchel.<@Nullable Void, SQLException>writeWithoutQuota(database, session -> {
            try (Connection connection = session.connection()) {
                connection.setAutoCommit(false);
                Ledger ledger = new Ledger(connection);
                ledger.create();
                ledger.loosen(batches, now());
                connection.commit();
                return null;
            }
        });
    }

    /**
     * Those of some batches that a version has archived which may still be brought back: of all versions within the retention, by
     * the store's clock, also those that were the newest between two restores. All of them if that cannot be told.
     */
    private Set<BatchId> namedOfLate(DatabaseId database, Set<BatchId> batches) throws SQLException {
        Set<BatchId> unnamed = new HashSet<>(batches);
        if (unnamed.isEmpty()) {
            return Set.of();
        }
        try {
            satchel.visitHistory(database, retention, version -> {
                Ledger ledger = new Ledger(version);
                for (BatchId batch : batches) {
                    if (ledger.names(batch)) {
                        unnamed.remove(batch);
                    }
                }
                return !unnamed.isEmpty();
            });
        } catch (NotFoundException | CorruptException e) {
            LOG.warn(
                    "older versions cannot be read, what they may have archived stays database={} reason={}",
                    database,
                    e.getMessage());
            return batches;
        }
        Set<BatchId> named = new HashSet<>(batches);
        named.removeAll(unnamed);
        return named;
    }

    // ---- space
    // -------------------------------------------------------------------------------------------------------

    private long size(DatabaseId database) throws SQLException {
        return satchel.read(database, session -> {
            try (Connection connection = session.connection()) {
                return Ledger.number(connection, "PRAGMA page_count") * Ledger.number(connection, "PRAGMA page_size");
            }
        });
    }

    /**
     * A database that was not made by Satchel may have no list of what is free that could be vacuumed in steps. Not if VACUUM would
     * give rows another row id: an index may know them by it.
     */
    private void rewriteIfWorthIt(DatabaseId database) throws SQLException {
        satchel.<@Nullable Void, SQLException>writeWithoutQuota(database, session -> {
            try (Connection connection = session.connection()) {
                long pages = Ledger.number(connection, "PRAGMA page_count");
                long free = Ledger.number(connection, "PRAGMA freelist_count");
                long pageSize = Ledger.number(connection, "PRAGMA page_size");
                if (Ledger.number(connection, "PRAGMA auto_vacuum") == 0
                        && free * WORTH_REWRITING >= pages
                        && pages * pageSize <= LARGEST_REWRITTEN
                        && !LiveSchema.read(database, connection).hidesRowIds()) {
                    Ledger.execute(connection, "VACUUM");
                }
                return null;
            }
        });
    }

    // ---- small things
    // ------------------------------------------------------------------------------------------------

    private static <T> List<List<T>> chunks(List<T> all, int size) {
        List<List<T>> chunks = new ArrayList<>();
        for (int i = 0; i < all.size(); i += size) {
            chunks.add(all.subList(i, Math.min(all.size(), i + size)));
        }
        return chunks;
    }

    private ArchiveRule rule(String name) {
        return rules.stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no rule " + name + "; there are "
                        + rules.stream().map(ArchiveRule::name).toList()));
    }

    private static DatabaseId live(DatabaseId database) {
        if (database.isArchive()) {
            throw new IllegalArgumentException("database " + database + " is an archive itself");
        }
        return database;
    }

    private static NotFoundException notArchived(DatabaseId database, BatchId batch) {
        return new NotFoundException(
                "database " + database + " has not archived a batch " + batch
                        + ", or has brought it back; list what it has",
                null);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** Sets up an {@link Archive}. */
    public static final class Builder {
        private final Satchel satchel;
        private final List<ArchiveRule> rules = new ArrayList<>();
        private @Nullable ArchiveTier tier;
        private InstantSource clock = InstantSource.system();
        private RandomGenerator random = new SecureRandom();
        private Duration retention;

        private Builder(Satchel satchel) {
            this.satchel = Objects.requireNonNull(satchel, "satchel");
            this.retention = satchel.config().retention();
        }

        /** Adds a rule; {@link IllegalArgumentException} if there is one of its name. */
        public Builder rule(ArchiveRule value) {
            if (rules.stream().anyMatch(rule -> rule.name().equals(value.name()))) {
                throw new IllegalArgumentException("there are two rules " + value.name());
            }
            rules.add(value);
            return this;
        }

        /**
         * Where it archives; by default the instance's {@link Satchel.Builder#archiveTier archive tier}, else its bucket. Closed by
         * whoever made it.
         */
        public Builder tier(ArchiveTier value) {
            this.tier = Objects.requireNonNull(value, "tier");
            return this;
        }

        /** The wall clock, for conditions and time stamps. */
        public Builder clock(InstantSource value) {
            this.clock = Objects.requireNonNull(value, "clock");
            return this;
        }

        /** For batch ids. */
        public Builder random(RandomGenerator value) {
            this.random = Objects.requireNonNull(value, "random");
            return this;
        }

        /**
         * How long batches that are not archived any more stay in the tier, at least {@link SatchelConfig#MIN_RETENTION}; the
         * instance's retention by default.
         */
        public Builder retention(Duration value) {
            if (value.compareTo(SatchelConfig.MIN_RETENTION) < 0) {
                throw new IllegalArgumentException("retention must be at least 24 hours: " + value);
            }
            this.retention = value;
            return this;
        }

        /** The archive. Asks nobody. */
        public Archive build() {
            return new Archive(this);
        }
    }
}
