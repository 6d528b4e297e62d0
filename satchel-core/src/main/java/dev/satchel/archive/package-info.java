/**
 * Rows that an application keeps and seldom looks at, moved out of the database that every save pays for: what is archived, and
 * the SPI {@link dev.satchel.archive.ArchiveTier} of where it goes.
 *
 * <p>Anyone may implement the SPI; {@code ArchiveTierContract} in satchel-testkit is the test suite every implementation passes.
 * Built on the public API of sessions alone: nothing here knows of replicas, logs or object stores.
 */
@NullMarked
package dev.satchel.archive;

import org.jspecify.annotations.NullMarked;
