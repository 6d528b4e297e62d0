package dev.satchel.examples.reels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.examples.reels.RunningReels.Answer;
import dev.satchel.store.ObjectStores;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What outlives a server, and what its settings do. */
class ReelsStartTest {
    @TempDir
    Path folder;

    private Path bucket;
    private Path local;

    @BeforeEach
    void places() {
        bucket = folder.resolve("bucket");
        local = folder.resolve("user_data");
    }

    @Test
    void everythingIsThereAgainAfterTheLocalFilesAreGone() throws IOException {
        String before;
        try (RunningReels reels = RunningReels.start(bucket, local)) {
            reels.as("alice").create("/api/projects", "{\"name\":\"Best of\"}");
            reels.as("alice").create("/api/projects/1/clips", "{\"name\":\"Goal\"}");
            before = reels.as("alice").get("/api/projects/1/clips").body();
            assertThat(local.resolve("alice/database.sqlite")).exists();
        }
        try (Stream<Path> files = Files.walk(local)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }

        try (RunningReels reels = RunningReels.start(bucket, local)) {
            Answer after = reels.as("alice").get("/api/projects/1/clips");

            assertThat(after.body()).isEqualTo(before);
            assertThat(after.version()).isEqualTo(2);
        }
    }

    @Test
    void twoServersOnOneBucketSeeEachOthersChangesAtOnce() {
        try (RunningReels one = RunningReels.start(bucket, local);
                RunningReels other = RunningReels.start(bucket, folder.resolve("other"))) {
            one.as("alice").create("/api/projects", "{\"name\":\"From one\"}");
            Answer seen = other.as("alice").get("/api/projects");
            assertThat(seen.body()).contains("From one");
            other.as("alice").create("/api/projects", "{\"name\":\"From the other\"}");

            Answer back = one.as("alice").get("/api/projects");
            assertThat(back.body()).contains("From one", "From the other");
            assertThat(back.version()).isEqualTo(2);
        }
    }

    @Test
    void databaseOfAnOlderReleaseIsUpgradedWhenItsUserComes() throws SQLException {
        DatabaseId alice = DatabaseId.of("alice");
        try (var store = ObjectStores.open(bucket.toString(), Map.of());
                Satchel satchel = Satchel.builder(store, folder.resolve("older"))
                        .schema(new ReelsSchema(1))
                        .build()) {
            satchel.write(alice, session -> {
                try (Connection connection = session.connection();
                        Statement statement = connection.createStatement()) {
                    return statement.executeUpdate(
                            "INSERT INTO projects (name, created_at, updated_at) VALUES ('From before', 1, 1)");
                }
            });
        }

        try (RunningReels reels = RunningReels.start(bucket, local)) {
            assertThat(reels.as("alice")
                            .get("/api/projects/1")
                            .json()
                            .get("name")
                            .stringValue())
                    .isEqualTo("From before");
            Answer clip = reels.as("alice")
                    .post(
                            "/api/projects/1/clips",
                            "{\"name\":\"Slow\",\"timing\":{\"inMs\":0,\"outMs\":900,\"segments\":"
                                    + "[{\"startMs\":0,\"endMs\":900,\"speed\":0.5}]}}");
            assertThat(clip.status()).isEqualTo(201);
            assertThat(clip.body()).contains("\"speed\":0.5");
        }
    }

    @Test
    void headerIsNotBelievedOutsideTheDemo() {
        try (RunningReels reels = RunningReels.start(bucket, local, "--reels.demo=false")) {
            assertThat(reels.as("alice").get("/api/projects").status()).isEqualTo(401);
            assertThat(reels.send(reels.request("/api/session")).body()).isEqualTo("{\"user\":null,\"demo\":false}");
        }
    }

    @Test
    void configuredSecretKeepsPeopleSignedInOverARestart() {
        String secret = "--reels.session-secret=a secret for this test";
        String cookie;
        try (RunningReels reels = RunningReels.start(bucket, local, secret)) {
            cookie = reels.send(reels.request("/api/session")
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString("{\"user\":\"alice\"}")))
                    .header("Set-Cookie")
                    .replaceAll(";.*", "");
        }

        try (RunningReels reels = RunningReels.start(bucket, local, secret)) {
            assertThat(reels.send(reels.request("/api/projects").header("Cookie", cookie))
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void healthNeedsNoUser() {
        try (RunningReels reels = RunningReels.start(bucket, local)) {
            assertThat(reels.send(reels.request("/actuator/health")).status()).isEqualTo(200);
        }
    }
}
