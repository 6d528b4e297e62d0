/**
 * The object store as Satchel sees it: the SPI {@link dev.satchel.store.ObjectStore} and the embedded directory store.
 *
 * <p>Anyone may implement the SPI; {@code ObjectStoreContract} in satchel-testkit is the test suite every implementation
 * passes. Nothing here knows about databases, versions or users.
 */
@NullMarked
package dev.satchel.store;

import org.jspecify.annotations.NullMarked;
