/**
 * What the servlet filters of {@code dev.satchel.spring.web} and the WebFlux filters of {@code dev.satchel.spring.webflux} have in
 * common: which mode a request has, what it may not be answered with, and what is answered instead. Knows neither API. Not for
 * applications: public only so that both may call it, and changed without notice.
 */
@NullMarked
package dev.satchel.spring.internal;

import org.jspecify.annotations.NullMarked;
