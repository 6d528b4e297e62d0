/**
 * A second reader of what Satchel writes, made from the description of the format alone: what it restores, {@code litestream
 * restore} restores.
 *
 * <p>Knows the object store and nothing else of Satchel's.
 */
@NullMarked
package dev.satchel.litestream;

import org.jspecify.annotations.NullMarked;
