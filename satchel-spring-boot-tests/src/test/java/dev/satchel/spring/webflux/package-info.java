/** The starter in a WebFlux application on Netty. */
@NullMarked
package dev.satchel.spring.webflux;

import org.jspecify.annotations.NullMarked;
