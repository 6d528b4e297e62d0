/**
 * A WebFlux request's walk: {@link dev.satchel.spring.webflux.UserContextWebFilter} finds who asks,
 * {@link dev.satchel.spring.webflux.DatabaseSyncWebFilter} gives the request a unit of work, which Reactor's context carries to the
 * threads of the pipeline, and holds its answer at the output gate ({@link dev.satchel.spring.webflux.GatedServerResponse}) until what
 * it reveals is in the store. The counterpart of {@code dev.satchel.spring.web}, of which it uses nothing that needs the servlet API.
 *
 * <p>Nothing here blocks the thread that calls it: what asks the store runs on a {@link dev.satchel.spring.webflux.BlockingWork}.
 */
@NullMarked
package dev.satchel.spring.webflux;

import org.jspecify.annotations.NullMarked;
