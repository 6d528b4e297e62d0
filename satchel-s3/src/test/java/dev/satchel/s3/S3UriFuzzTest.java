package dev.satchel.s3;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs its seeds; {@code make fuzz} searches. */
class S3UriFuzzTest {
    static Stream<byte[]> uris() {
        return Stream.of(
                        "r2:bucket?account=0123456789abcdef0123456789abcdef",
                        "r2:bucket/prefix?account=a&jurisdiction=eu",
                        "s3:bucket/a/b?region=eu-central-1&pathStyle=true",
                        "s3:bucket?endpoint=http://localhost:9000",
                        "s3://user:secret@bucket",
                        "s3:%")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("uris")
    @FuzzTest(maxDuration = "1m")
    void anyUriIsAConfigurationOrRefused(byte[] bytes) {
        URI uri;
        try {
            uri = new URI(new String(bytes, StandardCharsets.UTF_8));
        } catch (URISyntaxException e) {
            return;
        }
        S3StoreConfig config;
        try {
            config = new S3Uri(uri, Map.of()).config();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
            return;
        }
        assertThat(config.bucket()).isNotBlank();
    }
}
