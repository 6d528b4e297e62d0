/**
 * An archive tier in Cloudflare's Durable Objects: {@link dev.satchel.cloudflare.DurableObjectsArchive}. Each user has an object
 * with a SQLite database of its own, behind a Worker whose source is in this module's folder {@code worker}.
 */
@NullMarked
package dev.satchel.cloudflare;

import org.jspecify.annotations.NullMarked;
