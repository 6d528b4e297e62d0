package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.satchel.Bucket;
import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Digest;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.ltx.LtxEncoder;
import dev.satchel.internal.ltx.LtxHeader;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.PutCondition;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every kind of object and of local file, with every damage: nothing wrong is served or published, the error names what is damaged,
 * what can be healed is healed, each finding is counted once, and the database works afterwards.
 */
@Tag("protocol-rules")
class CorruptionMatrixTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final DatabaseId OTHER = DatabaseId.of("bob");
    private static final DatabaseKeys KEYS = new DatabaseKeys(ID);
    private static final String PLAN = "CREATE TABLE plan(text TEXT)";
    private static final DatabaseKeys OTHER_KEYS = new DatabaseKeys(OTHER);

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode node;

    @BeforeEach
    void threeVersionsAndAnotherDatabase() {
        node = nodes.start("a");
        // A page that later changes leave alone, and that differs from the other user's.
        node.run(ID, Sql.CREATE, Sql.note("1"), PLAN, "INSERT INTO plan VALUES ('of alice')");
        node.run(ID, Sql.note("2"));
        node.run(ID, Sql.note("3"));
        node.run(OTHER, Sql.CREATE, Sql.note("of bob 1"), PLAN, "INSERT INTO plan VALUES ('of bob')");
        node.run(OTHER, Sql.note("of bob 2"));
        node.run(OTHER, Sql.note("of bob 3"));
    }

    // ---- objects ----------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void commitWithoutAnotherCopyIsRefusedAndNamedUntilItIsRepaired(StoreDamage damage) {
        nodes.storeIsDamaged();
        byte[] good = nodes.bytes(KEYS.commit(2));
        Map<String, String> metadata =
                nodes.store().head(KEYS.commit(2)).orElseThrow().metadata();
        damage.apply(nodes.store(), KEYS.commit(2), KEYS.commit(3), OTHER_KEYS.commit(2));
        TestNode cold = nodes.start("cold");

        assertThatThrownBy(() -> cold.open(ID))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining(KEYS.commit(2))
                .hasMessageContaining("restore")
                .extracting(e -> ((CorruptException) e).kind())
                .isEqualTo(CorruptException.Kind.COMMIT);

        assertThat(cold.figures().damaged).containsExactly(CorruptException.Kind.COMMIT);
        assertThat(cold.engine().status(ID)).isEmpty();
        assertThat(cold.puts()).isZero();
        assertThat(cold.notes(OTHER)).hasSize(3);
        nodes.store().put(KEYS.commit(2), ObjectBody.of(good), metadata, PutCondition.none());
        assertThat(cold.notes(ID)).containsExactly("1", "2", "3");
        worksAfterwards(cold);
    }

    @ParameterizedTest
    @EnumSource
    void commitThatAnImageCoversIsNotNeeded(StoreDamage damage) {
        nodes.storeIsDamaged();
        node.close();
        damage.apply(nodes.store(), KEYS.commit(2), KEYS.commit(3), OTHER_KEYS.commit(2));
        TestNode cold = nodes.start("cold");

        assertThat(cold.notes(ID)).containsExactly("1", "2", "3");

        assertThat(cold.figures().damaged).isEmpty();
        worksAfterwards(cold);
    }

    @ParameterizedTest
    @EnumSource
    void commitThatASnapshotCoversIsPassedOver(StoreDamage damage) throws IOException {
        nodes.storeIsDamaged();
        writeSnapshot(ID, 3);
        damage.apply(nodes.store(), KEYS.commit(2), KEYS.commit(3), OTHER_KEYS.commit(2));
        TestNode cold = nodes.start("cold");

        assertThat(cold.notes(ID)).containsExactly("1", "2", "3");

        assertThat(cold.figures().damaged).containsExactly(CorruptException.Kind.COMMIT);
        worksAfterwards(cold);
    }

    @ParameterizedTest
    @EnumSource
    void commitThatACopyMeetsIsRefusedAndTheCopyStays(StoreDamage damage) {
        nodes.storeIsDamaged();
        TestNode warm = nodes.start("warm");
        warm.notes(ID);
        node.run(ID, Sql.note("4"));
        node.run(OTHER, Sql.note("of bob 4"));
        byte[] good = nodes.bytes(KEYS.commit(4));
        Map<String, String> metadata =
                nodes.store().head(KEYS.commit(4)).orElseThrow().metadata();
        damage.apply(nodes.store(), KEYS.commit(4), KEYS.commit(3), OTHER_KEYS.commit(4));

        assertThatThrownBy(() -> warm.open(ID))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining(KEYS.commit(4));

        assertThat(warm.figures().damaged).containsExactly(CorruptException.Kind.COMMIT);
        assertThat(warm.localNotes(ID)).containsExactly("1", "2", "3");
        nodes.store().put(KEYS.commit(4), ObjectBody.of(good), metadata, PutCondition.none());
        assertThat(warm.notes(ID)).containsExactly("1", "2", "3", "4");
    }

    @ParameterizedTest
    @EnumSource
    void imageIsPassedOverAndWrittenAgain(StoreDamage damage) {
        nodes.storeIsDamaged();
        Image older = image();
        node.run(ID, Sql.note("4"));
        node.close();
        String copy = "copy";
        nodes.store().put(copy, ObjectBody.of(older.bytes()), older.metadata(), PutCondition.none());
        damage.apply(nodes.store(), KEYS.image(), copy, OTHER_KEYS.image());
        TestNode cold = nodes.start("cold");

        assertThat(cold.notes(ID)).containsExactly("1", "2", "3", "4");

        if (damage == StoreDamage.OF_ANOTHER_VERSION) {
            assertThat(cold.figures().damaged).isEmpty(); // An old image is an image.
        } else {
            assertThat(cold.figures().damaged).containsExactly(CorruptException.Kind.IMAGE);
            cold.awaitBackground("image is written", () -> cold.figures().images.get() == 1);
            assertThat(nodes.log(ID).image().orElseThrow().version()).isEqualTo(4);
        }
        worksAfterwards(cold);
        cold.close();
        TestNode next = nodes.start("next");
        next.notes(ID);
        assertThat(next.figures().damaged).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void imageThatACopyMeetsIsWrittenAgain(StoreDamage damage) {
        nodes.storeIsDamaged();
        image();
        node.close();
        damage.apply(nodes.store(), KEYS.image(), KEYS.image(), OTHER_KEYS.image());
        TestNode warm = nodes.node("again").folder(node.folder()).start();

        assertThat(warm.notes(ID)).containsExactly("1", "2", "3");

        // What a request without a body shows of it. The rest is found by who reads the body.
        boolean visible = switch (damage) {
            case BIT_OF_THE_BODY, BIT_OF_THE_HEADER, CUT, EMPTY, FOREIGN_BYTES, OF_ANOTHER_VERSION -> false;
            default -> true;
        };
        assertThat(warm.figures().loads).hasValue(0);
        if (visible) {
            assertThat(warm.figures().damaged).containsExactly(CorruptException.Kind.IMAGE);
            warm.awaitBackground("image is written", () -> warm.figures().images.get() == 1);
        }
        worksAfterwards(warm);
    }

    @ParameterizedTest
    @EnumSource
    void snapshotIsPassedOver(StoreDamage damage) throws Exception {
        nodes.storeIsDamaged();
        writeSnapshot(ID, 1);
        writeSnapshot(ID, 2);
        writeSnapshot(OTHER, 2);
        damage.apply(nodes.store(), KEYS.snapshot(2), KEYS.snapshot(1), OTHER_KEYS.snapshot(2));

        try (DatabaseAt old = node.engine().openAt(ID, Version.of(3));
                Connection connection = old.connection()) {
            assertThat(Sql.query(connection, "SELECT text FROM note ORDER BY id"))
                    .containsExactly("1", "2", "3");
        }

        // An empty one is as good as none: a deletion leaves such.
        assertThat(node.figures().damaged)
                .isEqualTo(damage == StoreDamage.EMPTY ? List.of() : List.of(CorruptException.Kind.SNAPSHOT));
        worksAfterwards(node);
    }

    @ParameterizedTest
    @EnumSource
    void conflictObjectIsLeftOutAndRefused(StoreDamage damage) throws SQLException {
        nodes.storeIsDamaged();
        String kept = conflict(ID);
        String another = conflict(ID);
        String ofAnother = conflict(OTHER);
        damage.apply(nodes.store(), kept, another, ofAnother);
        DatabaseLog log = nodes.log(ID);
        String id = log.keys().conflictId(kept).orElseThrow();
        ConflictArchive archive =
                new ConflictArchive(new DatabaseLoader(Runnable::run, System::nanoTime), Runnable::run);

        assertThatThrownBy(() -> archive.open(log, id).close())
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining(kept)
                .extracting(e -> ((CorruptException) e).kind())
                .isEqualTo(CorruptException.Kind.CONFLICT);

        boolean visible = switch (damage) {
            case BIT_OF_THE_BODY, BIT_OF_THE_HEADER, CUT, EMPTY, FOREIGN_BYTES -> false;
            default -> true;
        };
        assertThat(archive.list(log)).hasSize(visible ? 1 : 2);
        assertThat(node.notes(ID)).isNotEmpty();
    }

    @Test
    void commitThatIsGoneFromTheMiddleIsNamed() {
        nodes.storeIsDamaged();
        nodes.store().delete(KEYS.commit(2));
        TestNode cold = nodes.start("cold");

        assertThatThrownBy(() -> cold.open(ID))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining(KEYS.commit(2))
                .hasMessageContaining("missing");
        assertThat(cold.figures().damaged).contains(CorruptException.Kind.COMMIT);
    }

    /** All checksums fit, SQLite disagrees: what the writer published was not sound. */
    @Test
    void contentThatSqliteFindsFaultWithIsRefused() throws IOException {
        nodes.storeIsDamaged();
        publishUnsoundContent();
        TestNode cold = nodes.start("cold");

        assertThatThrownBy(() -> cold.open(ID))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("version 4")
                .hasMessageContaining("restore an earlier version");

        assertThat(cold.figures().damaged).containsExactly(CorruptException.Kind.CONTENT);
        assertThat(nodes.query(ID, 3, "SELECT text FROM note ORDER BY id")).containsExactly("1", "2", "3");
    }

    /** Of a head that is to be replaced only the bytes matter, and those are what was published. */
    @Test
    void contentThatSqliteFindsFaultWithIsReplacedByARestore() throws IOException {
        nodes.storeIsDamaged();
        publishUnsoundContent();

        try (Bucket bucket = Bucket.of(nodes.store())) {
            assertThat(bucket.restore(ID, Version.of(3)).head().version()).isEqualTo(Version.of(5));
        }

        assertThat(nodes.start("cold").notes(ID)).containsExactly("1", "2", "3");
    }

    // ---- local files ------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void localFilesAreFoundDamagedAndLoadedAgain(LocalDamage damage) throws IOException {
        Path older = node.folder().resolveSibling("older");
        TestNode behind = nodes.node("behind").folder(older).start();
        behind.notes(ID);
        behind.close();
        node.run(ID, Sql.note("4"));
        node.close();
        TestNode holder = nodes.node("holder").folder(node.folder()).start();
        LocalDamage.At bob = new LocalDamage.At(node.folder(), OTHER, null, null);
        LocalDamage.At old = new LocalDamage.At(older, ID, null, null);
        LocalDamage.At at = new LocalDamage.At(node.folder(), ID, bob, old);
        TestNode used = holder;
        if (damage.isWhileOpen()) {
            holder.run(ID, Sql.note("5"));
            damage.apply(at);
        } else {
            holder.close();
            damage.apply(at);
            used = nodes.node("used").folder(node.folder()).start();
            used.run(ID, Sql.note("5"));
        }

        assertThat(used.localNotes(ID)).containsExactly("1", "2", "3", "4", "5");

        assertThat(used.figures().damaged)
                .isEqualTo(damage.isCounted() ? List.of(CorruptException.Kind.LOCAL_COPY) : List.of());
        worksAfterwards(used);
        assertThat(used.notes(OTHER)).hasSize(3);
        used.close();
        assertThat(nodes.storedNotes(ID)).containsExactly("1", "2", "3", "4", "5", "after");
        assertThat(nodes.start("next").notes(ID)).hasSize(6);
    }

    @ParameterizedTest
    @EnumSource
    void changesInDamagedLocalFilesAreNotPublished(ChangedUnderASession change) throws IOException {
        LocalDamage.At bob = new LocalDamage.At(node.folder(), OTHER, null, null);
        LocalDamage.At at = new LocalDamage.At(node.folder(), ID, bob, null);
        node.close();
        TestNode again = nodes.node("again").folder(node.folder()).start();
        again.notes(ID);

        var session = again.openLocal(ID);
        Sql.run(session, Sql.note("lost"));
        change.damage.apply(at);
        assertThatThrownBy(session::close).isInstanceOf(RuntimeException.class);

        assertThat(again.notes(ID)).containsExactly("1", "2", "3");
        assertThat(nodes.head(ID)).isEqualTo(3);
        assertThat(again.figures().damaged).containsExactly(CorruptException.Kind.LOCAL_COPY);
        worksAfterwards(again);
    }

    @ParameterizedTest
    @EnumSource
    void changesCommittedIntoDamagedLocalFilesAreNotAcknowledged(ChangedUnderASession change) throws IOException {
        node.close();
        TestNode again = nodes.node("again").folder(node.folder()).start();
        again.notes(ID);

        acknowledgesOnlyWhatIsSaved(again, change);
    }

    @ParameterizedTest
    @EnumSource
    void changesCommittedBehindOthersIntoDamagedLocalFilesAreNotAcknowledged(ChangedUnderASession change)
            throws IOException {
        node.run(ID, Sql.note("4"));

        acknowledgesOnlyWhatIsSaved(node, change);
    }

    /** SQLite goes on with the files that it has open, whatever lies in their place by now. */
    private void acknowledgesOnlyWhatIsSaved(TestNode used, ChangedUnderASession change) throws IOException {
        LocalDamage.At bob = new LocalDamage.At(used.folder(), OTHER, null, null);
        var session = used.openLocal(ID);
        try (var connection = session.connection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(Sql.note("new"));
            change.damage.apply(new LocalDamage.At(used.folder(), ID, bob, null));
            connection.commit();
        } catch (SQLException e) {
            assertThat(e.getMessage()).isNotNull(); // Told at once, which is as good.
        }
        boolean acknowledged;
        try {
            session.close();
            acknowledged = true;
        } catch (SatchelException e) {
            acknowledged = false;
        }

        assertThat(nodes.storedNotes(ID).contains("new")).isEqualTo(acknowledged);
        assertThat(used.notes(ID)).isEqualTo(nodes.storedNotes(ID));
        worksAfterwards(used);
    }

    enum ChangedUnderASession {
        FILE_GONE(LocalDamage.FILE_GONE_WHILE_OPEN),
        FILE_REPLACED(LocalDamage.FILE_REPLACED_WHILE_OPEN),
        FILE_OVERWRITTEN(LocalDamage.FILE_OVERWRITTEN_WHILE_OPEN),
        BIT(LocalDamage.BIT_OF_THE_FILE_WHILE_OPEN),
        LOG_CUT(LocalDamage.LOG_CUT_WHILE_OPEN),
        LOG_GONE(LocalDamage.LOG_GONE_WHILE_OPEN),
        FOLDER_GONE(LocalDamage.FOLDER_GONE_WHILE_OPEN);

        private final LocalDamage damage;

        ChangedUnderASession(LocalDamage damage) {
            this.damage = damage;
        }
    }

    /** A disk that fails leaves no trace outside of the file: what is made of it is compared page by page. */
    @Test
    void imageOfADamagedLocalFileIsNotPublished() throws IOException {
        node.close();
        TestNode again = nodes.node("again").folder(node.folder()).start();
        again.run(ID, Sql.note("4"));
        Path main = new LocalDamage.At(node.folder(), ID, null, null).main();
        var modified = Files.getLastModifiedTime(main);
        LocalDamage.BIT_OF_THE_FILE_WHILE_OPEN.apply(new LocalDamage.At(node.folder(), ID, null, null));
        Files.setLastModifiedTime(main, modified);

        again.close();

        assertThat(again.figures().damaged).containsExactly(CorruptException.Kind.LOCAL_COPY);
        assertThat(nodes.log(ID).image().orElseThrow().version()).isEqualTo(3);
        TestNode next = nodes.node("next").folder(node.folder()).start();
        assertThat(next.notes(ID)).containsExactly("1", "2", "3", "4");
        worksAfterwards(next);
    }

    @Test
    void changeOfADamagedPageIsNotPublished() throws IOException {
        node.close();
        TestNode again = nodes.node("again").folder(node.folder()).start();
        Path main = new LocalDamage.At(node.folder(), ID, null, null).main();
        byte[] bytes = Files.readAllBytes(main);
        var modified = Files.getLastModifiedTime(main);
        again.localNotes(ID);
        int notes = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).lastIndexOf("2");
        try (var file = new java.io.RandomAccessFile(main.toFile(), "rw")) {
            for (long page = 0; page < bytes.length; page += 4096) {
                file.seek(page + 4090); // in every page, where a short row's text or nothing is
                file.write(bytes[(int) page + 4090] ^ 1);
            }
        }
        Files.setLastModifiedTime(main, modified);
        assertThat(notes).isPositive();

        assertThatThrownBy(() -> again.runLocal(ID, Sql.note("4"))).isInstanceOf(RuntimeException.class);

        assertThat(nodes.head(ID)).isEqualTo(3);
        assertThat(again.notes(ID)).containsExactly("1", "2", "3");
        assertThat(again.figures().damaged).contains(CorruptException.Kind.LOCAL_COPY);
        worksAfterwards(again);
    }

    // ---- pending commits --------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void pendingCommitIsRefusedAndNamedUntilItIsMovedAway(LocalDamage.Pending damage) throws IOException {
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("pending"));
        node.runDeferred(OTHER, Sql.note("pending"));
        Path folder = node.crash();
        Path file = onlyPending(folder.resolve("alice/database.spool"));
        damage.apply(file, onlyPending(folder.resolve("bob/database.spool")));
        Path damaged = onlyPending(folder.resolve("alice/database.spool"));
        TestNode restarted = nodes.node("restarted").folder(folder).start();

        CorruptException failure = catchThrowableOfType(CorruptException.class, () -> restarted.open(ID));

        assertThat(failure).hasMessageContainingAll(ID.toString(), damaged.toString(), "move it away");
        assertThat(failure.kind()).isEqualTo(CorruptException.Kind.PENDING_COMMIT);
        assertThat(restarted.figures().damaged).contains(CorruptException.Kind.PENDING_COMMIT);
        assertThat(damaged).exists();
        assertThat(nodes.head(ID)).isEqualTo(3);
        restarted.awaitStatus(OTHER, SyncStatus.SYNCED);
        assertThat(nodes.head(OTHER)).isEqualTo(4);
        restarted.close();
        Files.move(damaged, folder.resolve("moved-away"));
        TestNode again = nodes.node("again").folder(folder).start();
        assertThat(again.notes(ID)).containsExactly("1", "2", "3");
        worksAfterwards(again);
        assertThat(again.status(ID)).isEqualTo(SyncStatus.SYNCED);
    }

    private static Path onlyPending(Path spool) throws IOException {
        try (Stream<Path> files = Files.list(spool)) {
            List<Path> pending = files.filter(file -> file.toString().endsWith(".commit"))
                    .sorted()
                    .toList();
            for (Path older : pending.subList(0, pending.size() - 1)) {
                Files.delete(older);
            }
            return pending.get(pending.size() - 1);
        }
    }

    // ---- the document -----------------------------------------------------------------------------------------------

    @Test
    void documentHasARowForEachDamage() throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("satchel-bom"))) {
            folder = folder.getParent();
        }
        List<String> lines = Files.readAllLines(folder.resolve("docs/corruption.md"));

        assertThat(rows(lines, "## Objects in the store"))
                .isEqualTo(
                        Stream.of(StoreDamage.values()).map(StoreDamage::title).toList());
        assertThat(rows(lines, "## Local files"))
                .isEqualTo(
                        Stream.of(LocalDamage.values()).map(LocalDamage::title).toList());
        assertThat(rows(lines, "## Pending commits"))
                .isEqualTo(Stream.of(LocalDamage.Pending.values())
                        .map(LocalDamage.Pending::title)
                        .toList());
        for (LocalDamage damage : LocalDamage.values()) {
            assertThat(lines)
                    .filteredOn(line -> line.startsWith("| " + damage.title() + " | "))
                    .singleElement()
                    .asString()
                    .startsWith("| " + damage.title() + (damage.isCounted() ? " | yes" : " | no"));
        }
    }

    /** The first cells of the first table of a section. */
    private static List<String> rows(List<String> lines, String section) {
        return lines.subList(lines.indexOf(section), lines.size()).stream()
                .dropWhile(line -> !line.startsWith("|"))
                .takeWhile(line -> line.startsWith("|"))
                .skip(2)
                .map(line -> line.split("[|]", -1)[1].strip())
                .toList();
    }

    // ---- what the tests need ----------------------------------------------------------------------------------------

    private void worksAfterwards(TestNode used) {
        List<String> before = used.notes(ID);
        used.run(ID, Sql.note("after"));
        assertThat(used.notes(ID))
                .hasSize(before.size() + 1)
                .startsWith(before.toArray(String[]::new))
                .endsWith("after");
    }

    private record Image(byte[] bytes, Map<String, String> metadata) {}

    /** Has the image written, and returns it. */
    private Image image() {
        nodes.skip(SatchelConfig.defaults().imageIdle());
        node.awaitBackground(
                "image is written",
                () -> nodes.log(ID).image().map(image -> image.version() == 3).orElse(false));
        try (StoredObject object = nodes.store().get(KEYS.image()).orElseThrow()) {
            return new Image(object.readAll(), object.info().metadata());
        }
    }

    private void writeSnapshot(DatabaseId id, long version) throws IOException {
        DatabaseLog log = nodes.log(id);
        Path target = nodes.folder("snapshot-" + nodes.nextSeed());
        Path encoded = nodes.folder("snapshot-" + nodes.nextSeed());
        DatabaseLoader loader = new DatabaseLoader(Runnable::run, System::nanoTime);
        try (DatabaseFile file = loader.loadVersion(log, version, target)) {
            SortedMap<Integer, byte[]> pages = new TreeMap<>();
            for (int page = 1; page <= file.sizeInPages(); page++) {
                pages.put(page, file.page(page));
            }
            Baseline at = file.baseline();
            Files.write(
                    encoded,
                    LtxEncoder.encode(
                            LtxHeader.ofSnapshot(
                                    file.pageSize(),
                                    file.sizeInPages(),
                                    version,
                                    at.timestamp().toEpochMilli(),
                                    0),
                            pages));
            log.putSnapshot(
                    encoded,
                    new Provenance(
                            id.path(),
                            version,
                            at.commitId(),
                            at.writer(),
                            at.checksum(),
                            at.checksum(),
                            at.timestamp(),
                            Digest.sha256(encoded),
                            0));
        }
    }

    /** Two nodes commit on one version; returns the key of what was refused. */
    private String conflict(DatabaseId id) {
        SatchelConfig reject = SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT);
        TestNode slow = nodes.start("slow" + nodes.nextSeed(), reject);
        slow.notes(id);
        node.run(id, Sql.note("faster"));
        List<String> before = nodes.keys(id.path() + ".conflicts/");
        assertThatThrownBy(() -> slow.runLocal(id, Sql.note("slower"))).isInstanceOf(RuntimeException.class);
        return nodes.keys(id.path() + ".conflicts/").stream()
                .filter(key -> !before.contains(key))
                .findFirst()
                .orElseThrow();
    }

    /** Version 4 has a page of the table overwritten, and all checksums right. */
    private void publishUnsoundContent() throws IOException {
        DatabaseLog log = nodes.log(ID);
        DatabaseLoader loader = new DatabaseLoader(Runnable::run, System::nanoTime);
        Path target = nodes.folder("unsound");
        try (DatabaseFile file = loader.loadVersion(log, 3, target)) {
            byte[] page = file.page(file.sizeInPages());
            java.util.Arrays.fill(page, 0, 100, (byte) 0x5a);
            SortedMap<Integer, byte[]> pages = new TreeMap<>(Map.of(file.sizeInPages(), page));
            var sums = file.sums().copy();
            sums.apply(pages, file.sizeInPages());
            Baseline at = file.baseline();
            log.put(dev.satchel.internal.log.Commit.encode(
                    ID.path(),
                    4,
                    "00000000000000000000000000000004",
                    "unsound",
                    at.checksum(),
                    sums.rolling(),
                    at.timestamp().plusMillis(1),
                    file.pageSize(),
                    file.sizeInPages(),
                    file.sizeInPages(),
                    0,
                    pages));
        }
    }
}
