package dev.satchel.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.s3.RawServer.Request;
import dev.satchel.store.ByteRange;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.PutCondition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;

/** What goes over the wire, byte by byte where stores are picky. */
@Timeout(60)
class S3WireTest {
    private static final StaticCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret"));
    private static final byte[] BYTES = "a body of some bytes".getBytes(StandardCharsets.US_ASCII);

    private RawServer server;
    private S3ObjectStore store;

    @BeforeEach
    void start() throws IOException {
        server = new RawServer(RawServer.status(
                200, "ETag: \"e\"", "Last-Modified: Sun, 22 Nov 2026 00:00:00 GMT", "Content-Type: text/plain"));
        URI uri = URI.create("s3://bucket/some/prefix/?endpoint=http://127.0.0.1:" + server.port());
        store = S3ObjectStore.open(S3StoreConfig.parse(uri, Map.of()), CREDENTIALS);
    }

    @AfterEach
    void stop() throws IOException {
        store.close();
        server.close();
    }

    @Test
    void bodyIsSentPlainAndSigned() throws Exception {
        store.put("a", ObjectBody.of(BYTES), Map.of("db-version", "7"), PutCondition.none());

        Request request = server.requests().get(0);
        assertThat(request.body()).isEqualTo(BYTES);
        assertThat(request.header("Content-Length")).contains("20");
        assertThat(request.header("x-amz-content-sha256")).contains(sha256(BYTES));
        assertThat(request.header("Authorization").orElseThrow()).contains("x-amz-content-sha256");
        assertThat(request.header("x-amz-meta-db-version")).contains("7");
        for (String header : List.of(
                "Expect",
                "Transfer-Encoding",
                "Content-Encoding",
                "x-amz-trailer",
                "x-amz-sdk-checksum-algorithm",
                "x-amz-decoded-content-length",
                "x-amz-checksum-crc32",
                "Content-MD5",
                "If-Match",
                "If-None-Match")) {
            assertThat(request.header(header)).as(header).isEmpty();
        }
    }

    @Test
    void bodyIsSignedOverTlsToo() throws Exception {
        AtomicReference<SdkHttpRequest> sent = new AtomicReference<>();
        URI uri = URI.create("r2://bucket/prefix?account=0123456789abcdef&jurisdiction=eu");
        S3StoreConfig config = S3StoreConfig.parse(uri, Map.of());

        try (S3ObjectStore r2 = new S3ObjectStore(
                config,
                S3ObjectStore.clientBuilder(config, CREDENTIALS)
                        .httpClient(recording(sent))
                        .build())) {
            r2.put("a", ObjectBody.of(BYTES), Map.of(), PutCondition.ifAbsent());
        }

        assertThat(sent.get().getUri())
                .isEqualTo(URI.create("https://0123456789abcdef.eu.r2.cloudflarestorage.com/bucket/prefix/a"));
        assertThat(sent.get().firstMatchingHeader("x-amz-content-sha256")).contains(sha256(BYTES));
        assertThat(sent.get().firstMatchingHeader("If-None-Match")).contains("*");
        assertThat(sent.get().firstMatchingHeader("Authorization").orElseThrow())
                .contains("/auto/s3/aws4_request");
        assertThat(sent.get().firstMatchingHeader("Expect")).isEmpty();
        assertThat(sent.get().firstMatchingHeader("Content-Encoding")).isEmpty();
    }

    @Test
    void awsItselfIsAddressedByHostName() {
        AtomicReference<SdkHttpRequest> sent = new AtomicReference<>();
        S3StoreConfig config = S3StoreConfig.parse(URI.create("s3://bucket/prefix?region=eu-central-1"), Map.of());

        try (S3ObjectStore aws = new S3ObjectStore(
                config,
                S3ObjectStore.clientBuilder(config, CREDENTIALS)
                        .httpClient(recording(sent))
                        .build())) {
            aws.put("a", ObjectBody.of(BYTES), Map.of(), PutCondition.none());
        }

        assertThat(sent.get().getUri()).isEqualTo(URI.create("https://bucket.s3.eu-central-1.amazonaws.com/prefix/a"));
    }

    @Test
    void starIsNotQuotedAndEtagsAre() {
        store.put("a", ObjectBody.of(BYTES), Map.of(), PutCondition.ifAbsent());
        store.put("a", ObjectBody.of(BYTES), Map.of(), PutCondition.ifMatch("\"quoted\""));
        store.put("a", ObjectBody.of(BYTES), Map.of(), PutCondition.ifMatch("unquoted"));

        assertThat(server.requests().get(0).header("If-None-Match")).contains("*");
        assertThat(server.requests().get(1).header("If-Match")).contains("\"quoted\"");
        assertThat(server.requests().get(2).header("If-Match")).contains("\"unquoted\"");
    }

    @Test
    void prefixGoesInFrontOfEveryKeyAndPercentSignsAreEncodedOnce() {
        store.put("%41lice/a b+c/é", ObjectBody.of(BYTES), Map.of(), PutCondition.none());
        store.head("a");
        store.delete("a");

        assertThat(server.requests().get(0).line())
                .isEqualTo("PUT /bucket/some/prefix/%2541lice/a%20b%2Bc/%C3%A9 HTTP/1.1");
        assertThat(server.requests().get(1).line()).isEqualTo("HEAD /bucket/some/prefix/a HTTP/1.1");
        assertThat(server.requests().get(2).line()).isEqualTo("DELETE /bucket/some/prefix/a HTTP/1.1");
    }

    @Test
    void listingAsksBelowThePrefixAndHidesIt() {
        server.answer(
                RawServer.xml("<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents>"
                        + "<Key>some/prefix/alice/2</Key><Size>1</Size><ETag>\"e\"</ETag>"
                        + "<LastModified>2026-11-22T00:00:00.000Z</LastModified></Contents></ListBucketResult>"));

        var page = store.list("alice/", "alice/1", 10);

        assertThat(page.objects()).extracting(object -> object.key()).containsExactly("alice/2");
        assertThat(server.requests().get(0).line())
                .startsWith("GET /bucket?")
                .contains("list-type=2", "max-keys=10", "prefix=some%2Fprefix%2Falice%2F")
                .contains("start-after=some%2Fprefix%2Falice%2F1");
    }

    @Test
    void rangesAreAskedForByTheirFirstAndLastByte() {
        server.answer(RawServer.error(404, "NoSuchKey"));
        store.get("a");
        store.get("a", new ByteRange(3, 4));
        store.get("a", ByteRange.from(7));
        store.get("a", new ByteRange(1, Long.MAX_VALUE - 1));

        assertThat(server.requests())
                .extracting(request -> request.header("Range").orElse("none"))
                .containsExactly("none", "bytes=3-6", "bytes=7-", "bytes=1-9223372036854775806");
        assertThat(server.requests())
                .allSatisfy(
                        request -> assertThat(request.header("Accept-Encoding").orElse("identity"))
                                .isEqualTo("identity"));
    }

    private static SdkHttpClient recording(AtomicReference<SdkHttpRequest> sent) {
        return new SdkHttpClient() {
            @Override
            public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
                sent.set(request.httpRequest());
                return new ExecutableHttpRequest() {
                    @Override
                    public HttpExecuteResponse call() {
                        return HttpExecuteResponse.builder()
                                .response(SdkHttpFullResponse.builder()
                                        .statusCode(200)
                                        .putHeader("ETag", "\"e\"")
                                        .build())
                                .responseBody(AbortableInputStream.create(new ByteArrayInputStream(new byte[0])))
                                .build();
                    }

                    @Override
                    public void abort() {}
                };
            }

            @Override
            public void close() {}
        };
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
