/**
 * What applications import: {@link dev.satchel.Satchel} opens {@link dev.satchel.Session}s on databases named by
 * {@link dev.satchel.DatabaseId}; everything else here is a value, a choice or an error of those two.
 *
 * <p>Stable under semantic versioning. Rooms below {@code internal} are not.
 */
@NullMarked
package dev.satchel;

import org.jspecify.annotations.NullMarked;
