package dev.satchel.s3;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.store.StoreRules;
import dev.satchel.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.apache5.ProxyConfiguration;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * An object store over the S3 API. One call is one request, sent once, with two exceptions: a head that finds nothing is
 * confirmed by a get, since an answer without a body cannot say whether it is the object or the bucket that is missing; and a
 * listing that the store cuts short is continued.
 *
 * <p>Bodies are sent plain, in one piece of at most 5 GB, with their SHA-256 signed. Thread-safe; blocks on the calling thread
 * within the time-outs of its configuration. An interrupt need not end a call early; it stays set.
 */
public final class S3ObjectStore implements ObjectStore {
    private static final long MAX_PUT_BYTES = 5_000_000_000L;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})");

    private final S3Client client;
    private final List<SdkAutoCloseable> owned;
    private final S3StoreConfig config;
    private final S3Failures failures;
    private final String keyPrefix;
    private final LongSupplier nanoTime;

    /**
     * A store over a client of the caller's, who answers for its settings: plain bodies ({@code
     * chunkedEncodingEnabled(false)}), no retries, checksums only when required, time-outs.
     *
     * @param client is closed with the store
     */
    public S3ObjectStore(S3StoreConfig config, S3Client client) {
        this(config, client, List.of(client), System::nanoTime);
    }

    private S3ObjectStore(S3StoreConfig config, S3Client client, List<SdkAutoCloseable> owned, LongSupplier nanoTime) {
        this.config = Objects.requireNonNull(config, "config");
        this.client = Objects.requireNonNull(client, "client");
        this.owned = List.copyOf(owned);
        this.nanoTime = nanoTime;
        this.failures = new S3Failures(config);
        this.keyPrefix = config.prefix().isEmpty() ? "" : config.prefix() + "/";
    }

    /**
     * Opens a store. Makes no request.
     *
     * @param credentials is closed with the store if it can be
     */
    public static S3ObjectStore open(S3StoreConfig config, AwsCredentialsProvider credentials) {
        return open(config, credentials, System::nanoTime);
    }

    static S3ObjectStore open(S3StoreConfig config, AwsCredentialsProvider credentials, LongSupplier nanoTime) {
        SdkHttpClient http = httpClient(config);
        S3Client client = clientBuilder(config, credentials).httpClient(http).build();
        List<SdkAutoCloseable> owned = new ArrayList<>(List.of(client, http));
        if (credentials instanceof SdkAutoCloseable closeable) {
            owned.add(closeable);
        }
        return new S3ObjectStore(config, client, owned, nanoTime);
    }

    /** Everything but the HTTP client. */
    static S3ClientBuilder clientBuilder(S3StoreConfig config, AwsCredentialsProvider credentials) {
        S3ClientBuilder builder = S3Client.builder()
                .credentialsProvider(credentials)
                .region(Region.of(config.region()))
                .forcePathStyle(config.pathStyle())
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .authSchemeProvider(new SignedBodies())
                .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false).expectContinueEnabled(false))
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry())
                        // What somebody has in ~/.aws/config must not change how bodies are sent.
                        .defaultProfileFile(ProfileFile.aggregator().build()));
        if (config.endpoint() != null) {
            builder.endpointOverride(config.endpoint());
        }
        return builder;
    }

    private static SdkHttpClient httpClient(S3StoreConfig config) {
        S3Timeouts timeouts = config.timeouts();
        Apache5HttpClient.Builder builder = Apache5HttpClient.builder()
                .connectionTimeout(timeouts.connect())
                .connectionAcquisitionTimeout(timeouts.connect())
                .socketTimeout(timeouts.silence())
                // Below what stores and load balancers close at, so that a put does not meet a dead connection.
                .connectionMaxIdleTime(Duration.ofSeconds(15))
                .maxConnections(config.maxConnections())
                .expectContinueEnabled(false)
                .tcpKeepAlive(true);
        if (isLoopback(config.endpoint())) {
            builder.proxyConfiguration(ProxyConfiguration.builder()
                    .useSystemPropertyValues(false)
                    .useEnvironmentVariableValues(false)
                    .build());
        }
        return new DeadlineHttpClient(builder.build(), timeouts);
    }

    private static boolean isLoopback(@Nullable URI endpoint) {
        String host = endpoint == null ? "" : endpoint.getHost();
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        String name = name(key);
        GetObjectRequest request = GetObjectRequest.builder()
                .bucket(config.bucket())
                .key(name)
                .range(header(range))
                .build();
        ResponseInputStream<GetObjectResponse> response;
        try {
            response = client.getObject(request);
        } catch (AwsServiceException e) {
            if (isAbsent(e)) {
                return Optional.empty();
            }
            throw failures.translate("get " + key, e);
        } catch (SdkException e) {
            throw failures.translate("get " + key, e);
        }
        try {
            return Optional.of(opened(key, range, response));
        } catch (RuntimeException e) {
            response.abort();
            throw e;
        }
    }

    private StoredObject opened(String key, ByteRange range, ResponseInputStream<GetObjectResponse> response) {
        GetObjectResponse head = response.response();
        long length = required("get " + key, "Content-Length", head.contentLength());
        long size = length;
        if (head.contentRange() != null) {
            Matcher matcher = CONTENT_RANGE.matcher(head.contentRange());
            if (!matcher.matches()) {
                throw malformed("get " + key, "Content-Range " + head.contentRange());
            }
            size = Long.parseLong(matcher.group(3));
            if (Long.parseLong(matcher.group(1)) != range.offset()) {
                throw malformed("get " + key, "another range than was asked for, " + head.contentRange());
            }
        }
        if (length != Math.min(range.length(), size - range.offset())) {
            throw malformed("get " + key, length + " bytes of " + size + " for " + range);
        }
        ObjectInfo info = info("get " + key, key, size, head.eTag(), head.lastModified(), head.metadata());
        Duration limit = config.timeouts().callWith(length);
        return new StoredObject(info, new S3Body(response, length, limit, nanoTime), length);
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        HeadObjectRequest request = HeadObjectRequest.builder()
                .bucket(config.bucket())
                .key(name(key))
                .build();
        HeadObjectResponse head;
        try {
            head = client.headObject(request);
        } catch (AwsServiceException e) {
            if (e.statusCode() == 404) {
                return confirmAbsence(key);
            }
            throw failures.translate("head " + key, e);
        } catch (SdkException e) {
            throw failures.translate("head " + key, e);
        }
        long size = required("head " + key, "Content-Length", head.contentLength());
        return Optional.of(info("head " + key, key, size, head.eTag(), head.lastModified(), head.metadata()));
    }

    private Optional<ObjectInfo> confirmAbsence(String key) {
        Optional<StoredObject> object = get(key);
        object.ifPresent(StoredObject::close);
        return object.map(StoredObject::info);
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        String name = name(key);
        Map<String, String> checked = StoreRules.checkMetadata(metadata);
        long size = size(key, body);
        PutObjectRequest.Builder request =
                PutObjectRequest.builder().bucket(config.bucket()).key(name).metadata(checked);
        if (condition instanceof PutCondition.IfAbsent) {
            // Unquoted: a quoted star is an etag, which does not match, and the put would overwrite.
            request.ifNoneMatch("*");
        } else if (condition instanceof PutCondition.IfMatch match) {
            request.ifMatch(quoted(match.etag()));
        }
        try {
            RequestBody content = RequestBody.fromContentProvider(() -> open(body), size, "application/octet-stream");
            return new PutResult.Stored(etag(
                    "put " + key, client.putObject(request.build(), content).eTag()));
        } catch (AwsServiceException e) {
            if (failedCondition(e, condition)) {
                return PutResult.PreconditionFailed.INSTANCE;
            }
            throw failures.translate("put " + key, e);
        } catch (SdkException | UnreadableBodyException e) {
            throw failures.translate("put " + key, e);
        }
    }

    /** AWS answers 404 to an If-Match on an absent key, R2 and others 412. */
    private static boolean failedCondition(AwsServiceException e, PutCondition condition) {
        if (condition instanceof PutCondition.None) {
            return false;
        }
        return e.statusCode() == 412 || (condition instanceof PutCondition.IfMatch && isAbsent(e));
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        StoreRules.checkListLimit(limit);
        if (!isPrefixOfKeys(prefix)) {
            return new ListPage(List.of(), false);
        }
        String what = "list " + prefix;
        List<ObjectInfo> objects = new ArrayList<>();
        String continuation = null;
        boolean more;
        // A store may cut a page short; here a page that is not full is the last one.
        do {
            ListObjectsV2Response page;
            try {
                page = client.listObjectsV2(listing(prefix, startAfter, limit - objects.size(), continuation));
            } catch (SdkException e) {
                throw failures.translate(what, e);
            }
            for (S3Object object : page.contents()) {
                objects.add(listed(what, prefix, startAfter, objects, object));
            }
            continuation = page.nextContinuationToken();
            more = Boolean.TRUE.equals(page.isTruncated());
            if (more && continuation == null) {
                throw malformed(what, "a page that goes on, without saying where");
            }
        } while (more && objects.size() < limit);
        return new ListPage(objects, more);
    }

    /** No key has a segment that is empty, {@code .} or {@code ..}; a server that resolves them would list another folder. */
    private static boolean isPrefixOfKeys(String prefix) {
        int folder = prefix.lastIndexOf('/');
        if (folder < 0) {
            return true;
        }
        for (String segment : prefix.substring(0, folder).split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                return false;
            }
        }
        return true;
    }

    private ListObjectsV2Request listing(String prefix, String startAfter, int limit, @Nullable String continuation) {
        ListObjectsV2Request.Builder request = ListObjectsV2Request.builder()
                .bucket(config.bucket())
                .prefix(keyPrefix + prefix)
                .maxKeys(limit)
                .continuationToken(continuation);
        if (!startAfter.isEmpty() && continuation == null) {
            request.startAfter(keyPrefix + startAfter);
        }
        return request.build();
    }

    /** Checked, because the log of a database is read in this order: a store that lists in another would lose its end. */
    private ObjectInfo listed(String what, String prefix, String startAfter, List<ObjectInfo> before, S3Object object) {
        String name = object.key() == null ? "" : object.key();
        if (!name.startsWith(keyPrefix + prefix) || name.length() <= keyPrefix.length()) {
            throw malformed(what, "a key that does not begin with the prefix");
        }
        String key = name.substring(keyPrefix.length());
        String last =
                before.isEmpty() ? startAfter : before.get(before.size() - 1).key();
        if (StoreRules.KEY_ORDER.compare(last, key) >= 0) {
            throw malformed(what, "keys out of order: " + key + " after " + last);
        }
        return info(what, key, required(what, "Size", object.size()), object.eTag(), object.lastModified(), Map.of());
    }

    @Override
    public void delete(String key) {
        DeleteObjectRequest request = DeleteObjectRequest.builder()
                .bucket(config.bucket())
                .key(name(key))
                .build();
        try {
            client.deleteObject(request);
        } catch (AwsServiceException e) {
            if (!isAbsent(e)) {
                throw failures.translate("delete " + key, e);
            }
        } catch (SdkException e) {
            throw failures.translate("delete " + key, e);
        }
    }

    @Override
    public String location() {
        return config.location();
    }

    @Override
    public void close() {
        owned.forEach(SdkAutoCloseable::close);
    }

    @Override
    public String toString() {
        return "S3ObjectStore[" + config.location() + "]";
    }

    private String name(String key) {
        StoreRules.checkKey(key);
        return keyPrefix.isEmpty() ? key : StoreRules.checkKey(keyPrefix + key);
    }

    /**
     * Only an answer that names the object is an absence. A 404 without a code comes from something that is no object store, and
     * one for the bucket would make every database look new.
     */
    private static boolean isAbsent(AwsServiceException e) {
        return e.statusCode() == 404 && S3Failures.code(e).equals("NoSuchKey");
    }

    private static @Nullable String header(ByteRange range) {
        if (range.isAll()) {
            return null;
        }
        boolean toEnd = range.length() > Long.MAX_VALUE - range.offset();
        return "bytes=" + range.offset() + "-" + (toEnd ? "" : range.offset() + range.length() - 1);
    }

    private static long size(String key, ObjectBody body) {
        long size;
        try {
            size = body.size();
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "put " + key + ": the body could not be read: " + e.getMessage(), e);
        }
        if (size > MAX_PUT_BYTES) {
            throw new StoreException(
                    Reason.REJECTED,
                    "put " + key + ": " + size + " bytes, and at most " + MAX_PUT_BYTES + " fit one put",
                    null);
        }
        return size;
    }

    private static InputStream open(ObjectBody body) {
        try {
            return body.open();
        } catch (IOException e) {
            throw new UnreadableBodyException(e);
        }
    }

    private ObjectInfo info(
            String what,
            String key,
            long size,
            @Nullable String etag,
            @Nullable Instant lastModified,
            Map<String, String> metadata) {
        Map<String, String> lowerCase = new TreeMap<>();
        metadata.forEach((name, value) -> lowerCase.put(name.toLowerCase(Locale.ROOT), value));
        return new ObjectInfo(key, size, etag(what, etag), required(what, "Last-Modified", lastModified), lowerCase);
    }

    private String etag(String what, @Nullable String etag) {
        return quoted(required(what, "ETag", etag));
    }

    /** With quotes everywhere, as some stores leave them out in listings and R2 wants them in If-Match. */
    private static String quoted(String etag) {
        return etag.endsWith("\"") ? etag : "\"" + etag + "\"";
    }

    private <T> T required(String what, String name, @Nullable T value) {
        if (value == null) {
            throw malformed(what, "an answer without " + name);
        }
        return value;
    }

    /** Not to be repeated: what answers so once will do it again. A put has been stored by then, so it is as good as lost. */
    private StoreException malformed(String what, String answer) {
        return new StoreException(
                what.startsWith("put ") ? Reason.UNKNOWN_OUTCOME : Reason.REJECTED,
                what + " in " + config.location() + ": the store sent " + answer
                        + ". Something between here and the store changes answers, or it is no S3 store",
                null);
    }
}
