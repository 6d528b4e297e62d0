/**
 * The object store over the S3 API: Cloudflare R2 first, then AWS S3 and whatever else passes {@link
 * dev.satchel.store.StoreProbe}.
 *
 * <p>Usually opened by URI through {@link dev.satchel.store.ObjectStores}; {@link dev.satchel.s3.S3ObjectStore} is for those who
 * bring their own credentials or client. The AWS SDK is used for what it is good at (credentials, signing, parsing); its own
 * retries, checksums in trailers and chunked bodies are off.
 */
@NullMarked
package dev.satchel.s3;

import org.jspecify.annotations.NullMarked;
