package dev.satchel.s3;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

/** S3Proxy in this JVM with one bucket, on a free port: an S3 implementation by others than Cloudflare, with signatures checked. */
final class LocalS3Proxy implements AutoCloseable {
    static final String BUCKET = "satchel-test";
    private static final String ID = "proxy-id";
    private static final String SECRET = "proxy-secret";

    private final S3Proxy proxy;

    private LocalS3Proxy(S3Proxy proxy) {
        this.proxy = proxy;
    }

    static LocalS3Proxy startInMemory() throws Exception {
        return start(new OneAtATimeBlobStore(BlobStores.create("transient-nio2", new Properties())));
    }

    /** As S3Proxy is by itself: it compares an If-Match and writes in two steps. */
    static LocalS3Proxy startRacyIn(Path folder) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("jclouds.filesystem.basedir", folder.toString());
        return start(BlobStores.create("filesystem-nio2", properties));
    }

    private static LocalS3Proxy start(BlobStore backend) throws Exception {
        S3Proxy proxy = S3Proxy.builder()
                .blobStore(backend)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, ID, SECRET)
                .build();
        proxy.start();
        LocalS3Proxy started = new LocalS3Proxy(proxy);
        started.createBucket();
        return started;
    }

    private void createBucket() {
        S3StoreConfig config = S3StoreConfig.parse(URI.create(uri()), environment());
        try (S3Client client = S3ObjectStore.clientBuilder(
                        config, StaticCredentialsProvider.create(AwsBasicCredentials.create(ID, SECRET)))
                .build()) {
            client.createBucket(request -> request.bucket(BUCKET));
        }
    }

    String uri() {
        return "s3://" + BUCKET + "?region=us-east-1&endpoint=http://127.0.0.1:" + port();
    }

    int port() {
        return proxy.getPort();
    }

    Map<String, String> environment() {
        return Map.of("AWS_ACCESS_KEY_ID", ID, "AWS_SECRET_ACCESS_KEY", SECRET);
    }

    @Override
    public void close() throws Exception {
        proxy.stop();
    }
}
