/** Pieces that the documentation shows, compiled and run. */
@NullMarked
package dev.satchel.docs;

import org.jspecify.annotations.NullMarked;
