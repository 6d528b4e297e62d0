/**
 * The real engine under every schedule of a small scope: two nodes with short scripts, one store, and a choice at every request
 * of who goes on and what becomes of the request.
 */
@NullMarked
package dev.satchel.testkit.exploration;

import org.jspecify.annotations.NullMarked;
