/** The protocol without its implementation: a few records, and all states that two nodes can bring each other to. */
@NullMarked
package dev.satchel.testkit.model;

import org.jspecify.annotations.NullMarked;
