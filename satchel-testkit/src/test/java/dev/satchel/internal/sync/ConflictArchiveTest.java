package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.ConflictRecord;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.NotFoundException;
import dev.satchel.SatchelConfig;
import dev.satchel.Version;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.PutCondition;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of the side that did not win, seen with nothing but the store. */
class ConflictArchiveTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final SatchelConfig REJECT = SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT);

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private Bucket bucket() {
        return Bucket.of(nodes.store());
    }

    private List<String> keptNotes(Bucket bucket, ConflictRecord record) throws SQLException {
        try (DatabaseAt kept = bucket.openConflict(ALICE, record.id());
                Connection connection = kept.connection()) {
            return Sql.query(connection, "SELECT text FROM note ORDER BY id");
        }
    }

    /** Node b commits on version 1, while node a has made version 2 and 3. */
    private TestNode loser(SatchelConfig config) {
        TestNode a = nodes.start("a");
        TestNode b = nodes.start("b", config);
        a.run(ALICE, Sql.CREATE, Sql.note("common"));
        b.notes(ALICE);
        a.run(ALICE, Sql.note("a1"));
        a.run(ALICE, Sql.note("a2"));
        return b;
    }

    @Test
    void nothingIsKeptWhereNothingCollided() {
        nodes.start("a").run(ALICE, Sql.CREATE);

        assertThat(bucket().conflicts(ALICE)).isEmpty();
        assertThat(bucket().conflicts(DatabaseId.of("bob"))).isEmpty();
    }

    @Test
    void overwrittenChangesAreListedAndCanBeOpened() throws SQLException {
        TestNode b = loser(SatchelConfig.defaults());
        b.runLocal(ALICE, Sql.note("b1"));

        Bucket bucket = bucket();
        ConflictRecord record = single(bucket);

        assertThat(record.policy()).isEqualTo(ConflictPolicy.LAST_WRITE_WINS);
        assertThat(record.base()).isEqualTo(Version.of(1));
        assertThat(record.head()).isEqualTo(Version.of(3));
        assertThat(record.writer()).startsWith("a-");
        assertThat(record.winner()).startsWith("b-");
        assertThat(record.commitId()).isEqualTo(bucket.log(ALICE, 2).get(1).commitId());
        assertThat(record.bytes()).isPositive();
        assertThat(record.database()).isEqualTo(ALICE);
        assertThat(nodes.keys()).contains(record.key());
        assertThat(bucket.conflict(ALICE, record.id())).isEqualTo(record);
        assertThat(keptNotes(bucket, record)).containsExactly("common", "a1", "a2");
        assertThat(nodes.storedNotes(ALICE)).containsExactly("common", "b1");
    }

    @Test
    void refusedChangesAreListedAndCanBeOpened() throws SQLException {
        TestNode b = loser(REJECT);
        assertThatThrownBy(() -> b.runLocal(ALICE, Sql.note("b1"))).isInstanceOf(ConflictException.class);

        Bucket bucket = bucket();
        ConflictRecord record = single(bucket);

        assertThat(record.policy()).isEqualTo(ConflictPolicy.REJECT);
        assertThat(record.base()).isEqualTo(Version.of(1));
        assertThat(record.head()).isEqualTo(Version.of(3));
        assertThat(record.writer()).startsWith("b-");
        assertThat(record.winner()).startsWith("a-");
        assertThat(record.winnerCommitId()).isEqualTo(bucket.head(ALICE).commitId());
        assertThat(keptNotes(bucket, record)).containsExactly("common", "b1");
        assertThat(nodes.storedNotes(ALICE)).containsExactly("common", "a1", "a2");
    }

    @Test
    void pendingCommitsThatLoseTogetherOpenOneOnTopOfTheOther() throws SQLException {
        TestNode b = nodes.start("b", REJECT);
        b.run(ALICE, Sql.CREATE, Sql.note("common"));
        b.faults().on(".*[.]ltx", Operation.PUT).always().inject(Fault.FAIL_BEFORE);
        b.runDeferred(ALICE, Sql.note("b1"));
        b.runDeferred(ALICE, Sql.note("b2"));
        Path left = b.crash();
        nodes.start("a").run(ALICE, Sql.note("a1"));

        nodes.node("b").folder(left).config(REJECT).start().notes(ALICE);

        Bucket bucket = bucket();
        List<ConflictRecord> records = bucket.conflicts(ALICE);
        assertThat(records).isNotEmpty();
        assertThat(keptNotes(bucket, records.get(records.size() - 1))).containsExactly("common", "b1", "b2");
        assertThat(nodes.storedNotes(ALICE)).containsExactly("common", "a1");
    }

    @Test
    void refusedChangesCanBeExportedAndPushed() throws SQLException {
        TestNode b = loser(REJECT);
        assertThatThrownBy(() -> b.runLocal(ALICE, Sql.note("b1"))).isInstanceOf(ConflictException.class);
        Bucket bucket = bucket();
        Path file = nodes.folder("kept.sqlite");

        bucket.exportConflict(ALICE, single(bucket).id(), file);

        assertThat(Nodes.queryFile(file, "SELECT text FROM note ORDER BY id")).containsExactly("common", "b1");
        bucket.push(ALICE, file);
        assertThat(nodes.start("c").notes(ALICE)).containsExactly("common", "b1");
    }

    @Test
    void droppedRecordIsGoneAndTheDatabaseStays() {
        TestNode b = loser(SatchelConfig.defaults());
        b.runLocal(ALICE, Sql.note("b1"));
        Bucket bucket = bucket();
        String id = single(bucket).id();

        bucket.dropConflict(ALICE, id);

        assertThat(bucket.conflicts(ALICE)).isEmpty();
        assertThat(nodes.storedNotes(ALICE)).containsExactly("common", "b1");
        assertThatThrownBy(() -> bucket.dropConflict(ALICE, id)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> bucket.openConflict(ALICE, id)).isInstanceOf(NotFoundException.class);
    }

    @Test
    void idsThatAreNoneAreNotFoundAndReachNoOtherObject() {
        nodes.start("a").run(ALICE, Sql.CREATE);
        for (String id : List.of("", "x", "../database.ltx/0000/0000000000000001-0000000000000001", "..")) {
            assertThatThrownBy(() -> bucket().dropConflict(ALICE, id)).isInstanceOf(NotFoundException.class);
        }
        assertThat(nodes.versions(ALICE)).containsExactly(1L);
    }

    @Test
    void foreignObjectAmongTheRecordsHidesNone() {
        TestNode b = loser(SatchelConfig.defaults());
        b.runLocal(ALICE, Sql.note("b1"));
        nodes.store()
                .put(
                        "alice/database.conflicts/0000000000000001-ab.ltx",
                        ObjectBody.of(new byte[] {1}),
                        Map.of(),
                        PutCondition.none());

        assertThat(bucket().conflicts(ALICE)).hasSize(1);
        assertThatThrownBy(() -> bucket().openConflict(ALICE, "0000000000000001-ab"))
                .isInstanceOf(CorruptException.class);
    }

    private static ConflictRecord single(Bucket bucket) {
        List<ConflictRecord> records = bucket.conflicts(ALICE);
        assertThat(records).hasSize(1);
        return records.get(0);
    }
}
