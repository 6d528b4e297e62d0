package dev.satchel.s3;

import static org.assertj.core.api.Assertions.assertThat;

import com.robothy.s3.rest.LocalS3;
import com.robothy.s3.rest.bootstrap.LocalS3Mode;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ProbeReport;
import dev.satchel.store.StoreProbe;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.cloudflare.LocalR2;
import dev.satchel.testkit.cloudflare.LocalR2Extension;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Certifies every store of the suite, and holds the table of docs/stores.md to what comes of it. With the variable
 * {@code SATCHEL_DOCS_WRITE} it writes the table anew.
 */
@ExtendWith(LocalR2Extension.class)
class StoreCertificationIT {
    /** What a store does at times: it depends on which thread is faster. */
    private static final String VARIES = "varies";

    @Test
    void folder(@TempDir Path folder) throws IOException {
        try (ObjectStore store = new DirectoryObjectStore(folder)) {
            assertThat(certify("folder", store).passed()).isTrue();
            assertThat(store.list("", "", 10).objects()).isEmpty();
        }
    }

    @Test
    void memory() throws IOException {
        assertThat(certify("in memory", new InMemoryObjectStore()).passed()).isTrue();
    }

    @Test
    void localR2(LocalR2 r2) throws IOException {
        try (ObjectStore store = open(r2.uri("certify"), r2.environment())) {
            assertThat(certify("local R2", store).passed()).isTrue();
            assertThat(store.list("", "", 10).objects()).isEmpty();
        }
    }

    @Test
    void s3ProxyThatWritesOneAtATime() throws Exception {
        try (LocalS3Proxy proxy = LocalS3Proxy.startInMemory();
                ObjectStore store = open(proxy.uri(), proxy.environment())) {
            assertThat(certify("S3Proxy, one at a time", store).passed()).isTrue();
        }
    }

    @Test
    void s3ProxyAsItIs(@TempDir Path folder) throws Exception {
        try (LocalS3Proxy proxy = LocalS3Proxy.startRacyIn(folder);
                ObjectStore store = open(proxy.uri(), proxy.environment())) {
            assertThat(certify("S3Proxy", store).passed()).isFalse();
        }
    }

    @Test
    void localS3() throws IOException {
        LocalS3 server = LocalS3.builder().mode(LocalS3Mode.IN_MEMORY).port(-1).build();
        server.start();
        String uri = "s3://satchel-test/app?endpoint=http://127.0.0.1:" + server.getPort();
        try (ObjectStore store = open(uri, S3StoreProbeIT.ANY_CREDENTIALS)) {
            S3StoreProbeIT.createBucket(uri);

            assertThat(certify("LocalS3", store).passed()).isFalse();
        } finally {
            server.shutdown();
        }
    }

    private static ObjectStore open(String uri, Map<String, String> environment) {
        return new S3ObjectStoreProvider().open(URI.create(uri), environment);
    }

    private static ProbeReport certify(String name, ObjectStore store) throws IOException {
        ProbeReport report = StoreProbe.of(store).certify(check -> {});

        StoreTable table = new StoreTable();
        Map<String, String> found = StoreTable.column(report);
        if (System.getenv("SATCHEL_DOCS_WRITE") != null) {
            table.write(name, found);
        } else {
            Map<String, String> told = new LinkedHashMap<>(table.column(name));
            told.replaceAll((check, says) -> says.equals(VARIES) ? found.getOrDefault(check, says) : says);
            assertThat(found).as("%s", report).isEqualTo(told);
        }
        return report;
    }
}
