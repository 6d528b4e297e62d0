package dev.satchel.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.Session;
import dev.satchel.StoreRefusedException;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.ForwardingObjectStore;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

@DisplayName("R01 \"Not there\" and \"could not ask\" were the same answer, on the wire")
class R01OnTheWireIT {
    private static final DatabaseId ID = DatabaseId.of("u");
    private static final S3Timeouts SHORT =
            new S3Timeouts(Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofSeconds(2), 64 * 1024);

    @TempDir
    private Path folder;

    /** What meets the first access. */
    enum Failure {
        SILENCE(UnavailableException.class),
        INTERNAL_ERROR(UnavailableException.class),
        FORBIDDEN(StoreRefusedException.class),
        NAME_THAT_DOES_NOT_RESOLVE(UnavailableException.class),
        BODY_CUT_OFF(UnavailableException.class);

        private final Class<? extends SatchelException> type;

        Failure(Class<? extends SatchelException> type) {
            this.type = type;
        }
    }

    /** Reads by way of one store, and later of another. */
    private static final class Switched extends ForwardingObjectStore {
        private volatile ObjectStore current;

        Switched(ObjectStore first, ObjectStore later) {
            super(later);
            this.current = first;
        }

        void later() {
            current = delegate();
        }

        @Override
        public Optional<StoredObject> get(String key, ByteRange range) {
            return current.get(key, range);
        }

        @Override
        public Optional<ObjectInfo> head(String key) {
            return current.head(key);
        }

        @Override
        public ListPage list(String prefix, String startAfter, int limit) {
            return current.list(prefix, startAfter, limit);
        }
    }

    @ParameterizedTest
    @EnumSource
    void firstAccessFailsByTypeAndTheNextLoadsTheNewestVersion(Failure failure) throws Exception {
        try (LocalS3Proxy proxy = LocalS3Proxy.startInMemory();
                RawServer broken = new RawServer();
                CuttingRelay relay = new CuttingRelay(proxy.port(), 3000);
                ObjectStore good = new S3ObjectStoreProvider().open(URI.create(proxy.uri()), proxy.environment())) {
            writeTwelveVersions(good);
            broken.answer(
                    switch (failure) {
                        case INTERNAL_ERROR -> RawServer.error(500, "InternalError");
                        case FORBIDDEN -> RawServer.error(403, "AccessDenied");
                        default -> broken.silence();
                    });
            String endpoint = switch (failure) {
                case NAME_THAT_DOES_NOT_RESOLVE -> "http://bucket.invalid";
                case BODY_CUT_OFF -> "http://127.0.0.1:" + relay.port();
                default -> "http://127.0.0.1:" + broken.port();
            };
            Path cold = folder.resolve("cold");
            SatchelConfig impatient =
                    SatchelConfig.defaults().withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(10));
            try (ObjectStore bad = open(endpoint, proxy);
                    Switched store = new Switched(bad, good);
                    Satchel satchel =
                            Satchel.builder(store, cold).config(impatient).build()) {

                assertThatThrownBy(() -> satchel.open(ID))
                        .isInstanceOfSatisfying(
                                failure.type, e -> assertThat(e.isRetryable()).isEqualTo(failure != Failure.FORBIDDEN))
                        .hasMessageContaining("u/database");

                assertThat(cold.resolve("u/database.sqlite")).doesNotExist();
                assertThat(cold.resolve("u/database.replica")).doesNotExist();
                assertThat(satchel.status(ID)).isEmpty();
                store.later();
                try (Session session = satchel.open(ID)) {
                    assertThat(session.version()).isEqualTo(Version.of(12));
                }
            }
        }
    }

    private static ObjectStore open(String endpoint, LocalS3Proxy proxy) {
        S3StoreConfig config = S3StoreConfig.parse(
                        URI.create("s3://" + LocalS3Proxy.BUCKET + "?region=us-east-1&endpoint=" + endpoint),
                        proxy.environment())
                .withTimeouts(SHORT);
        return S3ObjectStore.open(
                config,
                StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        proxy.environment().get("AWS_ACCESS_KEY_ID"),
                        proxy.environment().get("AWS_SECRET_ACCESS_KEY"))));
    }

    private void writeTwelveVersions(ObjectStore store) throws Exception {
        Path local = Files.createTempDirectory(folder, "writer");
        try (Satchel writer = Satchel.builder(store, local).build()) {
            for (int i = 0; i < 12; i++) {
                String sql = i == 0 ? "CREATE TABLE t(a)" : "INSERT INTO t VALUES (hex(randomblob(2000)))";
                writer.<Boolean, SQLException>write(ID, session -> {
                    try (Connection connection = session.connection();
                            Statement statement = connection.createStatement()) {
                        return statement.execute(sql);
                    }
                });
            }
        }
    }
}
