package dev.satchel.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.satchel.store.ObjectStore;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3StoreConfigTest {
    private static final Map<String, String> NONE = Map.of();

    @Test
    void accountLeadsToItsEndpoint() {
        S3StoreConfig config = parse("r2://my-bucket/app/prod?account=0123abcd");

        assertThat(config.bucket()).isEqualTo("my-bucket");
        assertThat(config.prefix()).isEqualTo("app/prod");
        assertThat(config.endpoint()).isEqualTo(URI.create("https://0123abcd.r2.cloudflarestorage.com"));
        assertThat(config.region()).isEqualTo("auto");
        assertThat(config.pathStyle()).isTrue();
        assertThat(config.location()).isEqualTo("r2://my-bucket/app/prod?account=0123abcd");
    }

    @Test
    void jurisdictionHasAnEndpointOfItsOwn() {
        assertThat(parse("r2://my-bucket?account=0123abcd&jurisdiction=eu").endpoint())
                .isEqualTo(URI.create("https://0123abcd.eu.r2.cloudflarestorage.com"));
    }

    @Test
    void localR2IsAnEndpointWithOrWithoutAnAccount() {
        String endpoint = "http://127.0.0.1:9000/cdn-cgi/local/r2/s3";

        assertThat(parse("r2://my-bucket?endpoint=" + endpoint).endpoint()).isEqualTo(URI.create(endpoint));
        assertThat(parse("r2://my-bucket?account=any&endpoint=http%3A%2F%2F127.0.0.1%3A9000")
                        .endpoint())
                .isEqualTo(URI.create("http://127.0.0.1:9000"));
    }

    @ParameterizedTest
    @CsvSource({
        "r2://bucket?account=a, ''",
        "r2://bucket/?account=a, ''",
        "r2://bucket/p/?account=a, p",
        "r2://bucket/p/q?account=a, p/q",
        "r2://bucket/my%20app?account=a, my app",
        "r2://bucket/100%25?account=a, 100%",
        "R2://bucket/p?account=a, p"
    })
    void pathIsThePrefix(String uri, String prefix) {
        assertThat(parse(uri).prefix()).isEqualTo(prefix);
    }

    @Test
    void awsNeedsARegionOnly() {
        S3StoreConfig config = parse("s3://my-bucket/p?region=eu-central-1");

        assertThat(config.endpoint()).isNull();
        assertThat(config.region()).isEqualTo("eu-central-1");
        assertThat(config.pathStyle()).isFalse();
        assertThat(parse("s3://my.bucket?region=eu-central-1").pathStyle()).isTrue();
        assertThat(parse("s3://my-bucket?region=eu-central-1&pathStyle=true").pathStyle())
                .isTrue();
    }

    @Test
    void otherStoresAreAnEndpoint() {
        S3StoreConfig config = parse("s3://my-bucket?endpoint=http://localhost:9000");

        assertThat(config.endpoint()).isEqualTo(URI.create("http://localhost:9000"));
        assertThat(config.region()).isEqualTo("us-east-1");
        assertThat(config.pathStyle()).isTrue();
        assertThat(parse("s3://my-bucket?endpoint=http://localhost:9000&pathStyle=false&region=x")
                        .pathStyle())
                .isFalse();
    }

    @Test
    void environmentFillsInWhatTheUriLeavesOut() {
        Map<String, String> environment =
                Map.of("AWS_DEFAULT_REGION", "r1", "AWS_REGION", "r2", "AWS_ENDPOINT_URL", "http://localhost:1");

        S3StoreConfig config = S3StoreConfig.parse(URI.create("s3://my-bucket/p"), environment);

        assertThat(config.region()).isEqualTo("r2");
        assertThat(config.endpoint()).isEqualTo(URI.create("http://localhost:1"));
        assertThat(config.location()).isEqualTo("s3://my-bucket/p?endpoint=http://localhost:1");
        assertThat(S3StoreConfig.parse(URI.create("s3://my-bucket?region=r3&endpoint=http://localhost:2"), environment))
                .satisfies(given -> {
                    assertThat(given.region()).isEqualTo("r3");
                    assertThat(given.endpoint()).isEqualTo(URI.create("http://localhost:2"));
                });
    }

    @ParameterizedTest
    @CsvSource({
        "r2://bucket?acount=a, unknown option acount",
        "r2://bucket?account=a&region=auto, unknown option region",
        "s3://bucket?account=a, unknown option account",
        "s3://bucket?PathStyle=true, unknown option PathStyle",
        "s3://bucket?region=a&pathStyle=yes, true or false",
        "s3://bucket?region=a&region=b, there twice",
        "s3://bucket?region, no value",
        "s3://bucket?region=, no value",
        "s3://bucket?region=a/b, region",
        "r2://bucket, account",
        "r2://bucket?account=evil.example/, letters",
        "r2://bucket?account=a&jurisdiction=x.evil, letters",
        "r2://bucket?jurisdiction=eu&endpoint=http://localhost:1, exclude",
        "r2://bucket?endpoint=localhost:9000, URL",
        "r2://bucket?endpoint=ftp://localhost, URL",
        "r2://bucket?endpoint=http://localhost:9000?x=y, URL",
        "r2://localhost:9000/bucket?account=a, endpoint",
        "r2:///bucket?account=a, names no bucket",
        "r2://b?account=a, bucket's name",
        "r2://bucket/a//b?account=a, empty segment",
        "r2://bucket/a/../b?account=a, '..'",
        "r2://bucket/a?account=a#b, #",
        "http://bucket/a, scheme http"
    })
    void whatIsWrongIsNamed(String uri, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> parse(uri)).withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r2://AKIA:hunter2@bucket?account=a",
                "s3://hunter2@bucket?region=a",
                "r2://bucket?account=a&secretAccessKey=hunter2",
                "s3://bucket?region=a&access_key=hunter2",
                "s3://bucket?region=a&token=hunter2",
                "s3://bucket?region=a&password=hunter2"
            })
    void secretsInTheUriAreRefusedWithoutBeingRepeated(String uri) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(uri))
                .withMessageContaining("Credentials never belong into a URI")
                .withMessageContaining(uri.startsWith("r2") ? "R2_ACCESS_KEY_ID" : "AWS_ACCESS_KEY_ID")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("r2://bucket?account=a&endpoint=http://u:hunter2@localhost"))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
    }

    @Test
    void credentialsOfR2ComeFromItsVariablesOrThoseOfAws() {
        URI uri = URI.create("r2://bucket?account=a");
        S3ObjectStoreProvider provider = new S3ObjectStoreProvider();

        try (ObjectStore own = provider.open(uri, Map.of("R2_ACCESS_KEY_ID", "i", "R2_SECRET_ACCESS_KEY", "s"));
                ObjectStore aws = provider.open(uri, Map.of("AWS_ACCESS_KEY_ID", "i", "AWS_SECRET_ACCESS_KEY", "s"))) {
            assertThat(own.location()).isEqualTo("r2://bucket?account=a");
            assertThat(aws.location()).isEqualTo("r2://bucket?account=a");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> provider.open(uri, NONE))
                .withMessageContaining("R2_ACCESS_KEY_ID");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> provider.open(uri, Map.of("R2_ACCESS_KEY_ID", "i")))
                .withMessageContaining("R2_SECRET_ACCESS_KEY is not");
    }

    @Test
    void credentialsAreTheOnesOfTheEnvironmentGiven() {
        Map<String, String> environment = Map.of(
                "R2_ACCESS_KEY_ID",
                "r2",
                "R2_SECRET_ACCESS_KEY",
                "s",
                "AWS_ACCESS_KEY_ID",
                "aws",
                "AWS_SECRET_ACCESS_KEY",
                "s",
                "AWS_SESSION_TOKEN",
                "t");

        assertThat(S3Credentials.resolve("r2", environment).resolveCredentials().accessKeyId())
                .isEqualTo("r2");
        assertThat(S3Credentials.resolve("s3", environment).resolveCredentials().accessKeyId())
                .isEqualTo("aws");
        assertThat(S3Credentials.resolve("s3", environment).resolveCredentials())
                .isInstanceOf(software.amazon.awssdk.auth.credentials.AwsSessionCredentials.class);
    }

    private static S3StoreConfig parse(String uri) {
        return S3StoreConfig.parse(URI.create(uri), NONE);
    }
}
