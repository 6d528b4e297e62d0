package dev.satchel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ArchiveException;
import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.UserId;
import dev.satchel.archive.ArchiveBatch;
import dev.satchel.archive.ArchiveLimits;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.archive.ArchivedTable;
import dev.satchel.archive.ArchivedTable.Column;
import dev.satchel.archive.BatchId;
import dev.satchel.archive.BatchInfo;
import dev.satchel.archive.Cell;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link ArchiveTier} does, sentence by sentence. Extend it, say how a tier is opened, and all tests must pass; none may
 * be overridden. Each test keeps to a user of its own, whose batches it leaves behind.
 */
public abstract class ArchiveTierContract {
    private static final Instant CREATED = Instant.parse("2026-08-01T10:11:12.345Z");

    private final Random random = new Random();
    private ArchiveTier tier;
    private DatabaseId database;

    /** For subclasses. */
    protected ArchiveTierContract() {}

    /** Opens the tier for one test, which closes it. Called again within a test, it opens another node's. */
    protected abstract ArchiveTier tier();

    /** How many batches the paging test stores; at least 5. Fewer make it quicker on a slow tier. */
    protected int batchesToPageOver() {
        return 25;
    }

    @BeforeEach
    void openTier() {
        tier = tier();
        database = DatabaseId.of("archive-" + UUID.randomUUID());
    }

    @AfterEach
    void closeTier() {
        tier.close();
    }

    // what comes back

    @Test
    void aBatchComesBackAsItWasStored() {
        ArchiveBatch batch = batch(database, projects(3), clips(7));

        tier.store(batch);

        ArchiveBatch loaded = tier.load(database, batch.id()).orElseThrow();
        assertThat(loaded).isEqualTo(batch);
        assertThat(loaded.digest()).isEqualTo(batch.digest());
        assertThat(loaded.database()).isEqualTo(database);
        assertThat(loaded.rule()).isEqualTo("finished-projects");
        assertThat(loaded.created()).isEqualTo(CREATED);
        assertThat(loaded.tables()).isEqualTo(batch.tables());
    }

    @Test
    void everyWholeNumberKeepsAll64Bits() {
        assertSurvive(
                Cell.of(0),
                Cell.of(-1),
                Cell.of(Long.MAX_VALUE),
                Cell.of(Long.MIN_VALUE),
                Cell.of((1L << 53) + 1),
                Cell.of(-(1L << 53) - 1),
                Cell.of(Integer.MIN_VALUE),
                Cell.of(1L << 32));
    }

    @Test
    void everyRealKeepsItsBits() {
        assertSurvive(
                Cell.of(0.0),
                Cell.of(-0.0),
                Cell.of(1.0),
                Cell.of(0.1),
                Cell.of(Double.MIN_VALUE),
                Cell.of(-Double.MAX_VALUE),
                Cell.of(Double.POSITIVE_INFINITY),
                Cell.of(Double.NEGATIVE_INFINITY),
                Cell.of(1e308),
                Cell.of((double) (1L << 62)));
    }

    @Test
    void aWholeNumberAndARealOfOneValueStayDifferent() {
        assertSurvive(Cell.of(1), Cell.of(1.0), Cell.of("1"), Cell.of("1.0"), blob(0x31));
    }

    @Test
    void textKeepsEveryCharacter() {
        assertSurvive(
                Cell.of(""),
                Cell.of("\u0000"),
                Cell.of("before\u0000after"),
                Cell.of("\uFEFFbyte order mark"),
                Cell.of("line\r\nline\u2028line"),
                Cell.of("' OR 1=1; --"),
                Cell.of("Grüße, 日本語, العربية, 🎬"),
                Cell.of("e\u0301 is not \u00e9"),
                Cell.of("\uFFFF\uFFFE\uD7FF\uE000"),
                Cell.of("\uDBFF\uDFFF"),
                Cell.of("null"),
                Cell.of("\u0001\u001f\u007f\u0080\u009f"));
    }

    @Test
    void textThatIsNoUnicodeKeepsItsBytes() {
        assertSurvive(
                Cell.text(bytes(0xff)),
                Cell.text(bytes(0xed, 0xa0, 0x80)),
                Cell.text(bytes(0xc0, 0x80)),
                Cell.text(bytes('a', 0xe2, 0x82)));
    }

    @Test
    void blobsKeepEveryByte() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        assertSurvive(
                Cell.blob(new byte[0]), Cell.blob(all), blob(0), blob(0xff, 0xfe), Cell.blob(randomBytes(100_000)));
    }

    @Test
    void nullIsNeitherEmptyTextNorEmptyBlob() {
        assertSurvive(Cell.NULL, Cell.of(""), Cell.blob(new byte[0]), Cell.NULL);
    }

    @Test
    void anyMixtureOfValuesSurvives() {
        List<List<Cell>> rows = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            rows.add(List.of(anyCell(), anyCell(), anyCell(), anyCell(), anyCell()));
        }
        assertSurvives(new ArchivedTable("mixture", columns("a", "b", "c", "d", "e"), rows));
    }

    @Test
    void tablesAndRowsKeepTheirOrderAndEqualRowsTheirNumber() {
        List<Cell> row = List.of(Cell.of("the same"));
        assertSurvives(
                new ArchivedTable("z", columns("x"), List.of(row, row, row)),
                new ArchivedTable("a", columns("x"), List.of(row, row)),
                new ArchivedTable("empty", columns("x", "y"), List.of()));
    }

    @Test
    void namesOfTablesAndColumnsMayBeAnything() {
        assertSurvives(
                new ArchivedTable("order", columns("select", "group by"), List.of(List.of(Cell.of(1), Cell.NULL))),
                new ArchivedTable("\"quoted\"'; DROP TABLE x; --", columns("a b", "\"", "日本"), List.of()),
                new ArchivedTable("rowid", columns("rowid", "_rowid_", "id", "batch"), List.of()),
                new ArchivedTable("sqlite", List.of(new Column("t", "VARCHAR(20) -- \"; x")), List.of()));
    }

    @Test
    void aTableMayHaveHundredsOfColumns() {
        String[] names = new String[400];
        List<Cell> row = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            names[i] = "column_" + i;
            row.add(i % 7 == 0 ? Cell.NULL : Cell.of(i));
        }
        assertSurvives(new ArchivedTable("wide", columns(names), List.of(row, row)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Ann",
                "ann",
                "ANN",
                "a b",
                "a/b",
                "../x/y",
                "x..",
                "con",
                "%41",
                "übung",
                "日本",
                "a+b@example.org",
                "a?b#c&d=e",
                "\"'`",
                "-",
                "_",
                "a:b",
                "*"
            })
    void usersMayHaveAnyName(String name) {
        if (name.startsWith("..")) {
            return; // no user can be called this
        }
        DatabaseId hostile = DatabaseId.of(name + UUID.randomUUID(), name);
        ArchiveBatch batch = batch(hostile, projects(1));

        tier.store(batch);

        assertThat(tier.load(hostile, batch.id())).contains(batch);
        assertThat(tier.list(hostile, Optional.empty(), 10)).containsExactly(batch.info());
    }

    // storing

    @Test
    void storingTheSameBatchAgainChangesNothing() {
        ArchiveBatch batch = batch(database, projects(2));
        tier.store(batch);

        tier.store(batch);
        tier.store(ArchiveBatch.decode(batch.encoded()));

        assertThat(tier.list(database, Optional.empty(), 10)).containsExactly(batch.info());
    }

    @Test
    void otherContentUnderAnIdIsRefusedAndChangesNothing() {
        ArchiveBatch first = batch(database, projects(2));
        tier.store(first);
        ArchiveBatch other =
                new ArchiveBatch(first.id(), database, first.rule(), first.created(), List.of(projects(3)));

        assertThatThrownBy(() -> tier.store(other))
                .isInstanceOfSatisfying(
                        ArchiveException.class,
                        e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.OTHER_CONTENT));

        assertThat(tier.load(database, first.id())).contains(first);
    }

    @Test
    void theSameRowsOfAnotherRuleOrTimeAreOtherContent() {
        ArchiveBatch first = batch(database, projects(2));
        tier.store(first);

        for (ArchiveBatch other : List.of(
                new ArchiveBatch(first.id(), database, "another-rule", first.created(), first.tables()),
                new ArchiveBatch(first.id(), database, first.rule(), CREATED.plusMillis(1), first.tables()))) {
            assertThatThrownBy(() -> tier.store(other)).isInstanceOf(ArchiveException.class);
        }

        assertThat(tier.load(database, first.id())).contains(first);
    }

    @Test
    void severalAreStoredAtOnceAndAgain() {
        List<ArchiveBatch> batches =
                List.of(batch(database, projects(1)), batch(database, projects(2)), batch(database, clips(3)));
        tier.store(batches.get(1));

        tier.storeAll(batches);
        tier.storeAll(batches);

        for (ArchiveBatch batch : batches) {
            assertThat(tier.load(database, batch.id())).contains(batch);
        }
        assertThat(tier.list(database, Optional.empty(), 10)).hasSize(3);
    }

    @Test
    void tablesOfOneNameMayChangeFromBatchToBatch() {
        ArchiveBatch before = batch(
                database,
                new ArchivedTable(
                        "t",
                        List.of(new Column("id", "INTEGER"), new Column("old", "TEXT")),
                        List.of(List.of(Cell.of(1), Cell.of("x")))));
        ArchiveBatch after = batch(
                database,
                new ArchivedTable(
                        "t",
                        List.of(new Column("ID", "INT"), new Column("new", ""), new Column("newer", "BLOB")),
                        List.of(List.of(Cell.of(1), Cell.NULL, Cell.of("x")))));

        tier.store(before);
        tier.store(after);

        assertThat(tier.load(database, before.id())).contains(before);
        assertThat(tier.load(database, after.id())).contains(after);
    }

    @Test
    void whatOneNodeStoredAnotherFinds() {
        ArchiveBatch batch = batch(database, projects(2));
        tier.store(batch);

        try (ArchiveTier another = tier()) {
            assertThat(another.load(database, batch.id())).contains(batch);
            assertThat(another.list(database, Optional.empty(), 10)).containsExactly(batch.info());
            assertThat(another.remove(database, batch.id())).isTrue();
        }

        assertThat(tier.load(database, batch.id())).isEmpty();
        assertThat(tier.list(database, Optional.empty(), 10)).isEmpty();
    }

    @Test
    void ofManyThatStoreOtherContentUnderOneIdOneSucceeds() throws Exception {
        int racers = 6;
        BatchId id = newId();
        List<ArchiveBatch> batches = new ArrayList<>();
        for (int i = 0; i < racers; i++) {
            batches.add(new ArchiveBatch(id, database, "rule", CREATED, List.of(projects(i + 1))));
        }
        CyclicBarrier start = new CyclicBarrier(racers);
        ExecutorService threads = Executors.newFixedThreadPool(racers);
        List<ArchiveBatch> stored = Collections.synchronizedList(new ArrayList<>());
        try {
            List<Future<?>> all = new ArrayList<>();
            for (ArchiveBatch batch : batches) {
                all.add(threads.submit(() -> {
                    start.await();
                    try {
                        tier.store(batch);
                        stored.add(batch);
                    } catch (ArchiveException e) {
                        assertThat(e.kind()).isEqualTo(ArchiveException.Kind.OTHER_CONTENT);
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(5, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(stored).hasSize(1);
        assertThat(tier.load(database, id)).contains(stored.get(0));
    }

    // limits

    @Test
    void limitsAreBetweenTheSmallestAndTheLargest() {
        ArchiveLimits limits = tier.limits();

        assertThat(limits.maxBatchBytes())
                .isBetween(ArchiveLimits.SMALLEST.maxBatchBytes(), ArchiveLimits.LARGEST.maxBatchBytes());
        assertThat(limits.maxCellBytes())
                .isBetween(ArchiveLimits.SMALLEST.maxCellBytes(), ArchiveLimits.LARGEST.maxCellBytes());
    }

    @Test
    void aBatchAsLargeAsTheSmallestLimitsIsTaken() {
        int cell = ArchiveLimits.SMALLEST.maxCellBytes();
        byte[] text = new byte[cell - 1000];
        Arrays.fill(text, (byte) 'x');
        assertSurvives(new ArchivedTable(
                "large", columns("a"), List.of(List.of(Cell.blob(randomBytes(cell))), List.of(Cell.text(text)))));
    }

    @Test
    void aLongerValueThanTheLimitIsRefused() {
        int cell = tier.limits().maxCellBytes();
        if (cell >= tier.limits().maxBatchBytes() - 1000) {
            return; // the limit of the batch comes first
        }
        assertRefused(new ArchivedTable("large", columns("a"), List.of(List.of(Cell.blob(new byte[cell + 1])))));
    }

    @Test
    void aLargerBatchThanTheLimitIsRefused() {
        long most = tier.limits().maxBatchBytes();
        if (most == ArchiveLimits.LARGEST.maxBatchBytes()) {
            return; // there is no larger batch
        }
        List<List<Cell>> rows = new ArrayList<>();
        for (long bytes = 0; bytes <= most; bytes += 1 << 20) {
            rows.add(List.of(Cell.blob(new byte[1 << 20])));
        }
        assertRefused(new ArchivedTable("large", columns("a"), rows));
    }

    // listing and removing

    @Test
    void nothingIsThereUntilSomethingIsStored() {
        assertThat(tier.list(database, Optional.empty(), 10)).isEmpty();
        assertThat(tier.load(database, newId())).isEmpty();
        assertThat(tier.remove(database, newId())).isFalse();
        assertThatCode(() -> tier.erase(database)).doesNotThrowAnyException();
    }

    @Test
    void pagesAreInOrderAndWithoutGaps() {
        List<BatchInfo> stored = new ArrayList<>();
        for (int i = 0; i < batchesToPageOver(); i++) {
            ArchiveBatch batch = batch(database, projects(1 + i % 3));
            tier.store(batch);
            stored.add(batch.info());
        }
        stored.sort((a, b) -> a.id().compareTo(b.id()));

        for (int limit : new int[] {2, 7, stored.size(), 1000}) {
            List<BatchInfo> listed = new ArrayList<>();
            Optional<BatchId> after = Optional.empty();
            List<BatchInfo> page;
            do {
                page = tier.list(database, after, limit);
                assertThat(page).hasSizeLessThanOrEqualTo(limit);
                listed.addAll(page);
                after = listed.isEmpty()
                        ? Optional.empty()
                        : Optional.of(listed.get(listed.size() - 1).id());
            } while (page.size() == limit);
            assertThat(listed).isEqualTo(stored);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1001})
    void aPageOfNoSizeOrOfTooManyIsRefused(int limit) {
        assertThatIllegalArgumentException().isThrownBy(() -> tier.list(database, Optional.empty(), limit));
    }

    @Test
    void aRemovedBatchIsGoneAndTheOthersStay() {
        ArchiveBatch removed = batch(database, projects(1));
        ArchiveBatch kept = batch(database, projects(2));
        tier.storeAll(List.of(removed, kept));

        assertThat(tier.remove(database, removed.id())).isTrue();
        assertThat(tier.remove(database, removed.id())).isFalse();

        assertThat(tier.load(database, removed.id())).isEmpty();
        assertThat(tier.load(database, kept.id())).contains(kept);
        assertThat(tier.list(database, Optional.empty(), 10)).containsExactly(kept.info());
    }

    @Test
    void aBatchMayBeStoredAgainAfterItWasRemoved() {
        ArchiveBatch batch = batch(database, projects(1));
        tier.store(batch);
        tier.remove(database, batch.id());

        tier.store(batch);

        assertThat(tier.load(database, batch.id())).contains(batch);
    }

    @Test
    void removingSeveralTakesThoseAndNoOthers() {
        ArchiveBatch one = batch(database, projects(1));
        ArchiveBatch two = batch(database, clips(2));
        ArchiveBatch other = batch(database, projects(3));
        tier.store(one);
        tier.store(two);
        tier.store(other);

        tier.removeAll(database, List.of(one.id(), newId(), two.id()));

        assertThat(tier.ids(database)).containsExactly(other.id());
        assertThat(tier.load(database, one.id())).isEmpty();
        assertThat(tier.load(database, other.id())).contains(other);
    }

    @Test
    void erasingTakesEverythingOfADatabaseAndNothingOfOthers() {
        DatabaseId second = new DatabaseId(database.user(), "second");
        ArchiveBatch one = batch(database, projects(1));
        ArchiveBatch two = batch(database, clips(2));
        ArchiveBatch other = batch(second, projects(1));
        tier.store(one);
        tier.store(two);
        tier.store(other);

        tier.erase(database);
        tier.erase(database);

        assertThat(tier.list(database, Optional.empty(), 10)).isEmpty();
        assertThat(tier.load(database, one.id())).isEmpty();
        assertThat(tier.load(second, other.id())).contains(other);
    }

    @Test
    void aDatabaseThatWasErasedCanBeArchivedAgain() {
        tier.store(batch(database, projects(1)));
        tier.erase(database);
        ArchiveBatch again = batch(database, projects(2));

        tier.store(again);

        assertThat(tier.list(database, Optional.empty(), 10)).containsExactly(again.info());
        assertThat(tier.load(database, again.id())).contains(again);
    }

    // others

    @Test
    void usersDoNotSeeEachOthersBatches() {
        DatabaseId stranger = DatabaseId.of("stranger-" + UUID.randomUUID());
        ArchiveBatch batch = batch(database, projects(1));
        tier.store(batch);

        assertThat(tier.load(stranger, batch.id())).isEmpty();
        assertThat(tier.list(stranger, Optional.empty(), 10)).isEmpty();
        assertThat(tier.remove(stranger, batch.id())).isFalse();
        tier.erase(stranger);
        assertThat(tier.load(database, batch.id())).contains(batch);
    }

    @Test
    void namesThatDifferByCaseOrSpellingAreDifferentUsers() {
        String name = UUID.randomUUID() + "-Ann\u00e9";
        List<DatabaseId> alike = List.of(
                DatabaseId.of(name),
                DatabaseId.of(name.toUpperCase(java.util.Locale.ROOT)),
                DatabaseId.of(name.replace("\u00e9", "e\u0301")),
                DatabaseId.of(name, "Database"),
                new DatabaseId(UserId.of(name + "/database"), "database"));
        BatchId id = newId();
        for (DatabaseId one : alike) {
            tier.store(new ArchiveBatch(id, one, "rule", CREATED, List.of(projects(1))));
        }

        for (DatabaseId one : alike) {
            assertThat(tier.load(one, id).orElseThrow().database()).isEqualTo(one);
            assertThat(tier.list(one, Optional.empty(), 10)).hasSize(1);
        }
    }

    @Test
    void itsNameIsLowerCaseWords() {
        assertThat(tier.name()).matches("[a-z]+(-[a-z]+)*");
    }

    @Test
    void aClosedTierSaysSo() {
        ArchiveTier closed = tier();
        closed.close();
        closed.close();

        assertThatThrownBy(() -> closed.load(database, newId())).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> closed.store(batch(database, projects(1)))).isInstanceOf(ClosedException.class);
    }

    // what they are made of

    private void assertSurvive(Cell... cells) {
        List<List<Cell>> rows = Arrays.stream(cells).map(List::of).toList();
        assertSurvives(new ArchivedTable("cells", columns("value"), rows));
    }

    private void assertSurvives(ArchivedTable... tables) {
        ArchiveBatch batch = batch(database, tables);

        tier.store(batch);

        ArchiveBatch loaded = tier.load(database, batch.id()).orElseThrow();
        assertThat(loaded.tables()).isEqualTo(batch.tables());
        assertThat(loaded.digest()).isEqualTo(batch.digest());
    }

    private void assertRefused(ArchivedTable table) {
        ArchiveBatch batch = batch(database, table);

        assertThatThrownBy(() -> tier.store(batch))
                .isInstanceOfSatisfying(
                        ArchiveException.class, e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.TOO_LARGE));
        assertThat(tier.load(database, batch.id())).isEmpty();
        assertThat(tier.list(database, Optional.empty(), 10)).isEmpty();
    }

    private ArchiveBatch batch(DatabaseId of, ArchivedTable... tables) {
        return new ArchiveBatch(newId(), of, "finished-projects", CREATED, List.of(tables));
    }

    private BatchId newId() {
        return BatchId.create(CREATED.plusMillis(random.nextInt(1000)), 0, random);
    }

    private ArchivedTable projects(int count) {
        List<List<Cell>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(List.of(Cell.of(i + 1), Cell.of("project " + i), Cell.NULL, Cell.blob(randomBytes(60))));
        }
        return new ArchivedTable(
                "projects",
                List.of(
                        new Column("id", "INTEGER"),
                        new Column("name", "TEXT"),
                        new Column("note", ""),
                        new Column("cover", "BLOB")),
                rows);
    }

    private ArchivedTable clips(int count) {
        List<List<Cell>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(List.of(Cell.of(Long.MAX_VALUE - i), Cell.of(1), Cell.of(0.1 * i)));
        }
        return new ArchivedTable("clips", columns("id", "project_id", "begins"), rows);
    }

    private Cell anyCell() {
        return switch (random.nextInt(5)) {
            case 0 -> Cell.NULL;
            case 1 -> Cell.of(random.nextLong());
            case 2 -> anyReal();
            case 3 -> Cell.text(randomBytes(random.nextInt(40)));
            default -> Cell.blob(randomBytes(random.nextInt(300)));
        };
    }

    /** SQLite has no NaN. */
    private Cell anyReal() {
        double value = Double.longBitsToDouble(random.nextLong());
        return Cell.of(Double.isNaN(value) ? 0.5 : value);
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static List<Column> columns(String... names) {
        return Arrays.stream(names).map(name -> new Column(name, "")).toList();
    }

    private static Cell blob(int... values) {
        return Cell.blob(bytes(values));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
