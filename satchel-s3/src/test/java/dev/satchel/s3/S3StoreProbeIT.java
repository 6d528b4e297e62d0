package dev.satchel.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.robothy.s3.rest.LocalS3;
import com.robothy.s3.rest.bootstrap.LocalS3Mode;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ProbeReport;
import dev.satchel.store.ProbeReport.Check;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.store.StoreProbe;
import dev.satchel.testkit.cloudflare.LocalR2;
import dev.satchel.testkit.cloudflare.LocalR2Extension;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

/** The probe on real stores: those that are what they say, and one that is not. */
@ExtendWith(LocalR2Extension.class)
class S3StoreProbeIT {
    static final Map<String, String> ANY_CREDENTIALS =
            Map.of("AWS_ACCESS_KEY_ID", "any", "AWS_SECRET_ACCESS_KEY", "any");

    @Test
    void localR2Passes(LocalR2 r2) {
        try (ObjectStore store = open(r2.uri("probe"), r2.environment())) {
            ProbeReport report = StoreProbe.of(store).run();

            assertThat(report.checks())
                    .allSatisfy(
                            check -> assertThat(check.passed()).as("%s", check).isTrue());
            assertThatCode(() -> StoreProbe.of(store).requireConditionalWrites())
                    .doesNotThrowAnyException();
            assertThat(store.list("", "", 10).objects()).isEmpty();
        }
    }

    @Test
    void s3ProxyThatWritesOneAtATimePasses() throws Exception {
        try (LocalS3Proxy proxy = LocalS3Proxy.startInMemory();
                ObjectStore store = open(proxy.uri(), proxy.environment())) {
            ProbeReport report = StoreProbe.of(store).run();

            assertThat(report.checks())
                    .allSatisfy(
                            check -> assertThat(check.passed()).as("%s", check).isTrue());
            assertThatCode(() -> StoreProbe.of(store).requireConditionalWrites())
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void storeThatHonoursConditionsOneAtATimeOnlyIsRefused(@TempDir Path folder) throws Exception {
        try (LocalS3Proxy proxy = LocalS3Proxy.startRacyIn(folder);
                ObjectStore store = open(proxy.uri(), proxy.environment())) {
            Check failure = StoreProbe.of(store).run().firstFailure().orElseThrow();

            assertThat(failure.name()).isEqualTo("one winner of concurrent puts if unchanged");
            assertThat(failure.advice()).contains("Use one that passes");
        }
    }

    @Test
    void storeThatIgnoresConditionsIsRefusedByName() {
        LocalS3 server = LocalS3.builder().mode(LocalS3Mode.IN_MEMORY).port(-1).build();
        server.start();
        String uri = "s3://satchel-test/app?endpoint=http://127.0.0.1:" + server.getPort();
        try (ObjectStore store = open(uri, ANY_CREDENTIALS)) {
            createBucket(uri);

            ProbeReport report = StoreProbe.of(store).run();

            assertThat(report.checks().stream().filter(check -> !check.passed()).map(Check::name))
                    .contains(
                            "refuse a put if absent",
                            "refuse a put if changed",
                            "one winner of concurrent puts if absent",
                            "one winner of concurrent puts if unchanged");
            assertThatThrownBy(() -> StoreProbe.of(store).requireConditionalWrites())
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REJECTED))
                    .hasMessageContaining(uri)
                    .hasMessageContaining("If-None-Match");
        } finally {
            server.shutdown();
        }
    }

    @Test
    void missingBucketIsReportedWithWhatToDo(LocalR2 r2) {
        String uri = "r2://no-such-bucket?endpoint=" + r2.endpoint();
        try (ObjectStore store = open(uri, r2.environment())) {
            ProbeReport report = StoreProbe.of(store).run();

            assertThat(report.checks()).hasSize(1);
            assertThat(report.firstFailure().orElseThrow().advice()).isNotEmpty();
            assertThatThrownBy(() -> store.head("a")).isInstanceOf(StoreException.class);
        }
    }

    @Test
    void wrongSecretIsDenied(LocalR2 r2) {
        Map<String, String> wrong = new HashMap<>(r2.environment());
        wrong.put("R2_SECRET_ACCESS_KEY", "wrong");
        try (ObjectStore store = open(r2.uri(), wrong)) {
            assertThatThrownBy(() -> StoreProbe.of(store).requireConditionalWrites())
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DENIED))
                    .hasMessageContaining("secret");
        }
    }

    private static ObjectStore open(String uri, Map<String, String> environment) {
        return new S3ObjectStoreProvider().open(URI.create(uri), environment);
    }

    static void createBucket(String uri) {
        S3StoreConfig config = S3StoreConfig.parse(URI.create(uri), ANY_CREDENTIALS);
        try (S3Client client = S3ObjectStore.clientBuilder(
                        config, StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
                .build()) {
            client.createBucket(request -> request.bucket(config.bucket()));
        }
    }
}
