package dev.satchel.s3;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;

/**
 * A store's URI, taken apart. An option that is not known is refused by name: one that is silently ignored would be worse. No
 * message repeats a value that may be a secret.
 */
final class S3Uri {
    static final String R2 = "r2";
    static final String S3 = "s3";

    private static final Map<String, List<String>> OPTIONS =
            Map.of(R2, List.of("account", "jurisdiction", "endpoint"), S3, List.of("endpoint", "region", "pathStyle"));

    private static final Pattern SECRET =
            Pattern.compile(".*(key|secret|token|passw|credential|signature).*", Pattern.CASE_INSENSITIVE);

    /** A host label, so that an account or a jurisdiction cannot lead to another host. */
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

    private final URI uri;
    private final Map<String, String> environment;
    private final String scheme;
    private final Map<String, String> options;

    S3Uri(URI uri, Map<String, String> environment) {
        this.uri = uri;
        this.environment = environment;
        this.scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (!OPTIONS.containsKey(scheme)) {
            throw new IllegalArgumentException("not an r2: or s3: URI but one of scheme " + scheme);
        }
        refuseSecrets(uri.getRawAuthority());
        this.options = options(uri.getRawQuery());
    }

    S3StoreConfig config() {
        String bucket = bucket();
        String prefix = prefix();
        @Nullable URI endpoint = endpoint();
        return new S3StoreConfig(
                location(bucket, endpoint),
                bucket,
                prefix,
                endpoint,
                region(endpoint),
                pathStyle(bucket, endpoint),
                S3Timeouts.DEFAULT,
                S3StoreConfig.DEFAULT_MAX_CONNECTIONS);
    }

    private void refuseSecrets(@Nullable String authority) {
        if (authority != null && authority.contains("@")) {
            throw secret("the " + scheme + ": URI has something before an @");
        }
    }

    private IllegalArgumentException secret(String what) {
        String variables = scheme.equals(R2)
                ? S3Credentials.R2_KEY_ID + " and " + S3Credentials.R2_SECRET
                : S3Credentials.AWS_KEY_ID + " and " + S3Credentials.AWS_SECRET
                        + ", or another source that the AWS SDK knows";
        return new IllegalArgumentException(
                what + ". Credentials never belong into a URI, which ends in logs and histories; set " + variables);
    }

    private Map<String, String> options(@Nullable String query) {
        if (uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "the " + scheme + ": URI has a #; percent-encode it as %23 if it is meant");
        }
        Map<String, String> found = new LinkedHashMap<>();
        for (String pair : query == null || query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            List<String> known = OPTIONS.getOrDefault(scheme, List.of());
            if (!known.contains(name)) {
                if (SECRET.matcher(name).matches()) {
                    throw secret("the " + scheme + ": URI has an option " + name);
                }
                throw new IllegalArgumentException("the " + scheme + ": URI has an unknown option " + name
                        + "; known are " + String.join(", ", known));
            }
            if (value.isEmpty()) {
                throw new IllegalArgumentException("the option " + name + " of the " + scheme + ": URI has no value");
            }
            if (found.put(name, value) != null) {
                throw new IllegalArgumentException("the option " + name + " of the " + scheme + ": URI is there twice");
            }
        }
        return found;
    }

    /** A plus sign is a plus sign here, which it would not be in a form. */
    private static String decode(String value) {
        return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Not {@link URI#getHost()}, which is null for some names that are fine for a bucket. */
    private String bucket() {
        String authority = uri.getRawAuthority();
        if (authority == null || authority.isEmpty()) {
            throw new IllegalArgumentException(
                    "the " + scheme + ": URI names no bucket; write " + scheme + "://bucket/prefix");
        }
        if (authority.contains(":")) {
            throw new IllegalArgumentException(
                    "the " + scheme + ": URI has a : in its bucket; a host and port go into the"
                            + " option endpoint, as in " + scheme + "://bucket/prefix?endpoint=http://localhost:9000");
        }
        return authority;
    }

    private String prefix() {
        String path = uri.getPath() == null ? "" : uri.getPath();
        int begin = path.startsWith("/") ? 1 : 0;
        int end = path.length() > begin && path.endsWith("/") ? path.length() - 1 : path.length();
        return path.substring(begin, Math.max(begin, end));
    }

    private @Nullable URI endpoint() {
        String given = options.get("endpoint");
        if (scheme.equals(R2)) {
            return given == null ? cloudflare() : r2Endpoint(given);
        }
        if (given != null) {
            return endpoint(given, "the option endpoint");
        }
        for (String variable : List.of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")) {
            String value = environment.getOrDefault(variable, "");
            if (!value.isBlank()) {
                return endpoint(value, variable);
            }
        }
        return null;
    }

    private URI cloudflare() {
        String account = options.get("account");
        if (account == null) {
            throw new IllegalArgumentException(
                    "the r2: URI names no account; write r2://bucket/prefix?account=ACCOUNT with the"
                            + " account id of the Cloudflare dashboard");
        }
        String jurisdiction = options.get("jurisdiction");
        label("account", account);
        if (jurisdiction != null) {
            label("jurisdiction", jurisdiction);
        }
        return URI.create(
                "https://" + account + (jurisdiction == null ? "" : "." + jurisdiction) + ".r2.cloudflarestorage.com");
    }

    private URI r2Endpoint(String given) {
        if (options.containsKey("jurisdiction")) {
            throw new IllegalArgumentException(
                    "the options jurisdiction and endpoint exclude each other: the endpoint says it already");
        }
        String account = options.get("account");
        if (account != null) {
            label("account", account);
        }
        return endpoint(given, "the option endpoint");
    }

    private static void label(String name, String value) {
        if (!LABEL.matcher(value).matches()) {
            throw new IllegalArgumentException("the option " + name + " must be letters, digits and hyphens");
        }
    }

    private static URI endpoint(String text, String where) {
        String example = where + " must be a URL such as https://storage.example.com or http://localhost:9000";
        URI endpoint;
        try {
            endpoint = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(example + ": " + e.getReason(), e);
        }
        String endpointScheme = String.valueOf(endpoint.getScheme());
        if (!(endpointScheme.equals("http") || endpointScheme.equals("https"))
                || endpoint.getHost() == null
                || endpoint.getRawUserInfo() != null
                || endpoint.getRawQuery() != null
                || endpoint.getRawFragment() != null) {
            throw new IllegalArgumentException(example + ", without user, query or fragment");
        }
        return endpoint;
    }

    private String region(@Nullable URI endpoint) {
        if (scheme.equals(R2)) {
            return "auto";
        }
        String given = options.get("region");
        if (given != null) {
            return given;
        }
        for (String variable : List.of("AWS_REGION", "AWS_DEFAULT_REGION")) {
            String value = environment.getOrDefault(variable, "");
            if (!value.isBlank()) {
                return value;
            }
        }
        if (endpoint != null) {
            return "us-east-1";
        }
        return profileRegion();
    }

    private static String profileRegion() {
        try {
            Region region = new AwsProfileRegionProvider().getRegion();
            if (region != null) {
                return region.id();
            }
        } catch (SdkException e) {
            throw noRegion(e);
        }
        throw noRegion(null);
    }

    private static IllegalArgumentException noRegion(@Nullable Throwable cause) {
        return new IllegalArgumentException(
                "the s3: URI names no region; add ?region=eu-central-1, or set AWS_REGION", cause);
    }

    private boolean pathStyle(String bucket, @Nullable URI endpoint) {
        String given = options.get("pathStyle");
        if (given == null) {
            // A dot in the bucket's name would be one host label too many for the certificate.
            return endpoint != null || bucket.contains(".");
        }
        if (!given.equals("true") && !given.equals("false")) {
            throw new IllegalArgumentException("the option pathStyle must be true or false");
        }
        return given.equals("true");
    }

    /** As given, since by now it is known to hold no secret, and with an endpoint that came from the environment. */
    private String location(String bucket, @Nullable URI endpoint) {
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        if (scheme.equals(S3) && endpoint != null && !options.containsKey("endpoint")) {
            query = "endpoint=" + endpoint + (query.isEmpty() ? "" : "&" + query);
        }
        return scheme + "://" + bucket + path + (query.isEmpty() ? "" : "?" + query);
    }
}
