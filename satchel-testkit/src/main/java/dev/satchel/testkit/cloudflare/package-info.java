/**
 * Cloudflare's own local runtime for tests: {@link dev.satchel.testkit.cloudflare.LocalR2} is an R2 bucket with the S3 API on this
 * machine, {@link dev.satchel.testkit.cloudflare.LocalDurableObjects} the archive of satchel-cloudflare, without an account.
 *
 * <p>Needs Node 20 or newer on the PATH. What it is made of is fetched once with {@code npm ci}; after that nothing leaves the
 * machine.
 */
@NullMarked
package dev.satchel.testkit.cloudflare;

import org.jspecify.annotations.NullMarked;
