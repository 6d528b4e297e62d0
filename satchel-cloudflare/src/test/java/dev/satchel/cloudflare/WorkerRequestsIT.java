package dev.satchel.cloudflare;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.StoreRefusedException;
import dev.satchel.UserId;
import dev.satchel.archive.ArchiveBatch;
import dev.satchel.archive.ArchivedTable;
import dev.satchel.archive.BatchId;
import dev.satchel.archive.Cell;
import dev.satchel.store.Sleeper;
import dev.satchel.testkit.cloudflare.LocalDurableObjects;
import dev.satchel.testkit.cloudflare.LocalDurableObjectsExtension;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the Worker refuses, and what only it can show. Requests are made by hand where the client would not make them. */
@ExtendWith(LocalDurableObjectsExtension.class)
class WorkerRequestsIT {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Instant CREATED = Instant.parse("2026-08-01T10:11:12.345Z");
    private static final int WINDOW_MINUTES = 5;

    private final LocalDurableObjects cloudflare;
    private final DatabaseId database = DatabaseId.of("worker-" + UUID.randomUUID());
    private final String path = "/v1/users/" + database.user().encoded() + "/databases/database";
    private Instant now = Instant.now();

    WorkerRequestsIT(LocalDurableObjects cloudflare) {
        this.cloudflare = cloudflare;
    }

    @Test
    void healthTellsTheLimits() throws Exception {
        HttpResponse<String> health = send("GET", "/v1/health", new byte[0]);

        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body())
                .contains("\"protocol\":1")
                .contains("\"batchBytes\":" + archive().limits().maxBatchBytes())
                .contains("\"cellBytes\":" + archive().limits().maxCellBytes());
        assertThat(archive().check().abs()).isLessThan(Duration.ofMinutes(WINDOW_MINUTES));
    }

    @Test
    void requestsWithoutASignatureOrWithAnothersAreRefused() throws Exception {
        HttpRequest unsigned = HttpRequest.newBuilder(cloudflare.url().resolve(path + "/batches"))
                .build();
        assertRefused(HTTP.send(unsigned, BodyHandlers.ofString()), 401, "unauthorized");

        HttpRequest others = HttpRequest.newBuilder(cloudflare.url().resolve(path + "/batches"))
                .header(
                        "Authorization",
                        signature("GET", "/v1/users/somebody-else/databases/database/batches", new byte[0]))
                .build();
        assertRefused(HTTP.send(others, BodyHandlers.ofString()), 401, "unauthorized");
    }

    @Test
    void anotherBodyThanTheSignedOneIsRefused() throws Exception {
        ArchiveBatch batch = batch(1);
        String target = path + "/batches/" + batch.id();
        HttpRequest request = HttpRequest.newBuilder(cloudflare.url().resolve(target))
                .PUT(BodyPublishers.ofByteArray(batch.encoded()))
                .header("Authorization", signature("PUT", target, batch(2).encoded()))
                .build();

        assertRefused(HTTP.send(request, BodyHandlers.ofString()), 400, "bad_request");
        assertThat(archive().load(database, batch.id())).isEmpty();
    }

    @Test
    void aBatchOfAnotherUserOrIdThanThePathSaysIsRefused() throws Exception {
        ArchiveBatch batch = batch(1);

        assertRefused(send("PUT", path + "/batches/" + batch(1).id(), batch.encoded()), 400, "bad_batch");
        String other = "/v1/users/somebody-else/databases/database/batches/" + batch.id();
        assertRefused(send("PUT", other, batch.encoded()), 400, "bad_batch");
    }

    @Test
    void tooLongABodyIsRefused() throws Exception {
        byte[] body = new byte[(int) archive().limits().maxBatchBytes() + 1];

        assertRefused(send("PUT", path + "/batches/" + batch(1).id(), body), 413, "too_large");
    }

    @Test
    void aClockThatIsWrongIsToldAndByHowMuch() {
        now = now.minus(Duration.ofMinutes(2 * WINDOW_MINUTES));

        assertThatThrownBy(() -> archive().check())
                .isInstanceOf(StoreRefusedException.class)
                .hasMessageMatching(".*the clock of this machine is [0-9]+ s behind the Worker's.*");
    }

    @Test
    void aWrongKeyIsToldEvenToWhoSendsMuch() {
        DurableObjectsConfig config = DurableObjectsConfig.of(cloudflare.url(), "x".repeat(32));

        assertThatThrownBy(() -> DurableObjectsArchive.connect(config).store(batch(800_000)))
                .isInstanceOf(StoreRefusedException.class)
                .hasMessageContaining("the key is not the Worker's ARCHIVE_KEY");
    }

    @Test
    void aRecordedPutDoesNotBringBackWhatWasRemoved() throws Exception {
        ArchiveBatch batch = batch(1);
        String target = path + "/batches/" + batch.id();
        String recorded = signature("PUT", target, batch.encoded());
        assertThat(send("PUT", target, batch.encoded(), recorded).statusCode()).isEqualTo(200);
        now = now.plusMillis(10);
        archive().remove(database, batch.id());

        assertRefused(send("PUT", target, batch.encoded(), recorded), 409, "superseded");

        assertThat(archive().load(database, batch.id())).isEmpty();
    }

    @Test
    void aRecordedPutDoesNotBringBackWhatWasErased() throws Exception {
        ArchiveBatch batch = batch(1);
        String target = path + "/batches/" + batch.id();
        String recorded = signature("PUT", target, batch.encoded());
        now = now.plusMillis(10);
        archive().erase(database);
        assertRefused(send("PUT", target, batch.encoded(), recorded), 409, "superseded");

        String second = signature("PUT", target, batch.encoded());
        now = now.plusMillis(10);
        archive().erase(database.user());
        assertRefused(send("PUT", target, batch.encoded(), second), 409, "superseded");
    }

    @Test
    void aRecordedRemovalDoesNotTakeWhatWasStoredSince() throws Exception {
        ArchiveBatch batch = batch(1);
        String target = path + "/batches/" + batch.id();
        archive().store(batch);
        now = now.plusMillis(10);
        String recorded = signature("DELETE", target, new byte[0]);
        assertThat(send("DELETE", target, new byte[0], recorded).statusCode()).isEqualTo(200);
        now = now.plusMillis(10);
        archive().store(batch);

        assertRefused(send("DELETE", target, new byte[0], recorded), 409, "superseded");

        assertThat(archive().load(database, batch.id())).contains(batch);
    }

    @Test
    void erasingAUserTakesAllDatabasesInAsManyRequestsAsItNeeds() {
        DatabaseId second = new DatabaseId(database.user(), "second");
        DatabaseId neighbour = DatabaseId.of("neighbour-" + UUID.randomUUID());
        for (int i = 0; i < 20; i++) {
            archive().store(batch(database, 1));
            archive().store(batch(second, 1));
        }
        archive().store(batch(neighbour, 1));
        now = now.plusMillis(10);

        archive().erase(database.user());
        archive().erase(UserId.of("nobody"));

        assertThat(archive().list(database, Optional.empty(), 100)).isEmpty();
        assertThat(archive().list(second, Optional.empty(), 100)).isEmpty();
        assertThat(archive().list(neighbour, Optional.empty(), 100)).hasSize(1);
    }

    @Test
    void severalAreRemovedTogetherAndOthersStay() throws Exception {
        ArchiveBatch one = batch(1);
        ArchiveBatch two = batch(2);
        ArchiveBatch kept = batch(3);
        DatabaseId second = new DatabaseId(database.user(), "second");
        ArchiveBatch elsewhere = batch(second, 1);
        for (ArchiveBatch each : List.of(one, two, kept, elsewhere)) {
            archive().store(each);
        }
        now = now.plusMillis(10);
        byte[] body = removal(one.id(), two.id(), batch(1).id(), elsewhere.id());

        HttpResponse<String> first = send("POST", path + "/batches/remove", body);
        HttpResponse<String> again = send("POST", path + "/batches/remove", body);

        assertThat(first.body()).isEqualTo("{\"done\":true,\"removed\":2}");
        assertThat(again.body()).isEqualTo("{\"done\":true,\"removed\":0}");
        assertThat(archive().ids(database)).containsExactly(kept.id());
        assertThat(archive().ids(second)).containsExactly(elsewhere.id());
    }

    @Test
    void aThousandLargeAndSmallAreRemovedInAsManyRequestsAsItNeeds() throws Exception {
        List<BatchId> ids = new ArrayList<>();
        byte[] large = new byte[4 << 20];
        for (int i = 0; i < 5; i++) {
            ArchiveBatch batch = batch(database, List.of(List.of(Cell.blob(large))));
            archive().store(batch);
            ids.add(batch.id());
        }
        while (ids.size() < 1000) {
            ids.add(batch(1).id());
        }
        now = now.plusMillis(10);

        HttpResponse<String> first = send("POST", path + "/batches/remove", removal(ids.toArray(BatchId[]::new)));
        assertThat(first.body()).isEqualTo("{\"done\":false,\"removed\":4}");
        archive().removeAll(database, ids);

        assertThat(archive().ids(database)).isEmpty();
    }

    @Test
    void removalsThatAreNoneOrTooManyAreRefused() throws Exception {
        String target = path + "/batches/remove";
        BatchId[] tooMany = new BatchId[1001];
        Arrays.fill(tooMany, batch(1).id());

        assertRefused(send("POST", target, new byte[0]), 400, "bad_request");
        assertRefused(send("POST", target, "{\"batches\":[\"x\"]}".getBytes(US_ASCII)), 400, "bad_request");
        assertRefused(send("POST", target, removal(tooMany)), 413, "too_large");
        byte[] body = removal(batch(1).id());
        String ofAnother = signature("POST", target, removal(batch(1).id()));
        assertRefused(send("POST", target, body, ofAnother), 400, "bad_request");
    }

    @Test
    void aRecordedRemovalOfSeveralDoesNotTakeWhatWasStoredSinceNorIsItUndone() throws Exception {
        ArchiveBatch one = batch(1);
        ArchiveBatch two = batch(2);
        String stored = signature("PUT", path + "/batches/" + two.id(), two.encoded());
        archive().store(one);
        now = now.plusMillis(10);
        byte[] body = removal(one.id(), two.id());
        String recorded = signature("POST", path + "/batches/remove", body);
        assertThat(send("POST", path + "/batches/remove", body, recorded).statusCode())
                .isEqualTo(200);
        assertRefused(send("PUT", path + "/batches/" + two.id(), two.encoded(), stored), 409, "superseded");
        now = now.plusMillis(10);
        archive().store(one);

        assertRefused(send("POST", path + "/batches/remove", body, recorded), 409, "superseded");

        assertThat(archive().ids(database)).containsExactly(one.id());
    }

    private static byte[] removal(BatchId... ids) {
        return Stream.of(ids)
                .map(id -> '"' + id.value() + '"')
                .collect(Collectors.joining(",", "{\"batches\":[", "]}"))
                .getBytes(US_ASCII);
    }

    private DurableObjectsArchive archive() {
        return new DurableObjectsArchive(
                DurableObjectsConfig.of(cloudflare.url(), cloudflare.key()),
                () -> now,
                System::nanoTime,
                Sleeper.SYSTEM,
                () -> 0);
    }

    private String signature(String method, String target, byte[] body) {
        return new RequestSigner(cloudflare.key(), () -> now).authorization(method, target, body);
    }

    private HttpResponse<String> send(String method, String target, byte[] body) throws Exception {
        return send(method, target, body, signature(method, target, body));
    }

    private HttpResponse<String> send(String method, String target, byte[] body, String signature)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(cloudflare.url().resolve(target))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                .header("Authorization", signature)
                .build();
        return HTTP.send(request, BodyHandlers.ofString());
    }

    private static void assertRefused(HttpResponse<String> response, int status, String code) {
        assertThat(response.body()).contains("\"code\":\"" + code + "\"");
        assertThat(response.statusCode()).isEqualTo(status);
    }

    private ArchiveBatch batch(int rows) {
        return batch(database, rows);
    }

    private static ArchiveBatch batch(DatabaseId of, int rows) {
        List<List<Cell>> all = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            all.add(List.of(Cell.of(i)));
        }
        return batch(of, all);
    }

    private static ArchiveBatch batch(DatabaseId of, List<List<Cell>> all) {
        ArchivedTable table = new ArchivedTable("t", List.of(new ArchivedTable.Column("id", "INTEGER")), all);
        return new ArchiveBatch(BatchId.create(CREATED, new Random()), of, "rule", CREATED, List.of(table));
    }
}
