/** Ahead-of-time processing of applications with the starter, as for native images. */
@NullMarked
package dev.satchel.spring.aot;

import org.jspecify.annotations.NullMarked;
