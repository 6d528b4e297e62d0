package dev.satchel.s3;

import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Where credentials come from. */
final class S3Credentials {
    static final String R2_KEY_ID = "R2_ACCESS_KEY_ID";
    static final String R2_SECRET = "R2_SECRET_ACCESS_KEY";
    private static final String R2_TOKEN = "R2_SESSION_TOKEN";
    static final String AWS_KEY_ID = "AWS_ACCESS_KEY_ID";
    static final String AWS_SECRET = "AWS_SECRET_ACCESS_KEY";
    private static final String AWS_TOKEN = "AWS_SESSION_TOKEN";

    private S3Credentials() {}

    /**
     * Credentials for a scheme.
     *
     * @throws IllegalArgumentException if the environment has none, or one half only
     */
    static AwsCredentialsProvider resolve(String scheme, Map<String, String> environment) {
        if (scheme.equals(S3Uri.R2) && isSet(environment, R2_KEY_ID, R2_SECRET)) {
            return pair(environment, R2_KEY_ID, R2_SECRET, R2_TOKEN);
        }
        if (isSet(environment, AWS_KEY_ID, AWS_SECRET)) {
            return pair(environment, AWS_KEY_ID, AWS_SECRET, AWS_TOKEN);
        }
        if (scheme.equals(S3Uri.R2)) {
            // Not the SDK's chain: on a machine of AWS it would find credentials that are for something else.
            throw new IllegalArgumentException("no credentials for R2: set " + R2_KEY_ID + " and " + R2_SECRET
                    + " (Cloudflare dashboard, R2, Manage API tokens: Object Read & Write)");
        }
        return new Chain(DefaultCredentialsProvider.builder().build());
    }

    private static boolean isSet(Map<String, String> environment, String id, String secret) {
        return !environment.getOrDefault(id, "").isBlank()
                || !environment.getOrDefault(secret, "").isBlank();
    }

    private static AwsCredentialsProvider pair(
            Map<String, String> environment, String id, String secret, String token) {
        String keyId = required(environment, id, secret);
        String key = required(environment, secret, id);
        String session = environment.getOrDefault(token, "").strip();
        return StaticCredentialsProvider.create(
                session.isEmpty()
                        ? AwsBasicCredentials.create(keyId, key)
                        : AwsSessionCredentials.create(keyId, key, session));
    }

    private static String required(Map<String, String> environment, String name, String other) {
        String value = environment.getOrDefault(name, "").strip();
        if (value.isEmpty()) {
            throw new IllegalArgumentException(other + " is set but " + name + " is not; set both");
        }
        return value;
    }

    /** The SDK's chain, whose failure is told apart from a failure of the request. */
    private record Chain(DefaultCredentialsProvider chain) implements AwsCredentialsProvider, SdkAutoCloseable {
        @Override
        public AwsCredentials resolveCredentials() {
            try {
                return chain.resolveCredentials();
            } catch (SdkException e) {
                throw new StoreException(
                        Reason.DENIED,
                        "no credentials found; set " + AWS_KEY_ID + " and " + AWS_SECRET
                                + ", or give this machine a role or a profile",
                        e);
            }
        }

        @Override
        public void close() {
            chain.close();
        }
    }
}
