package dev.satchel.s3;

import java.util.List;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.spi.scheme.AuthSchemeOption;
import software.amazon.awssdk.services.s3.auth.scheme.S3AuthSchemeParams;
import software.amazon.awssdk.services.s3.auth.scheme.S3AuthSchemeProvider;

/**
 * Signs the SHA-256 of every body and sends the body plain. Over TLS the SDK would send UNSIGNED-PAYLOAD, so that a body
 * damaged on its way would be stored; in chunks it would be stored with their framing by some stores.
 */
final class SignedBodies implements S3AuthSchemeProvider {
    private final S3AuthSchemeProvider delegate = S3AuthSchemeProvider.defaultProvider();

    @Override
    public List<AuthSchemeOption> resolveAuthScheme(S3AuthSchemeParams parameters) {
        return delegate.resolveAuthScheme(parameters).stream()
                .map(option -> option.toBuilder()
                        .putSignerProperty(AwsV4FamilyHttpSigner.PAYLOAD_SIGNING_ENABLED, true)
                        .putSignerProperty(AwsV4FamilyHttpSigner.CHUNK_ENCODING_ENABLED, false)
                        .build())
                .toList();
    }
}
