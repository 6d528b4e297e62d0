/**
 * Real node processes on one bucket, under load, really killed: at random and at named points. What they had acknowledged is
 * held against what the bucket has afterwards.
 */
@NullMarked
package dev.satchel.testkit.torture;

import org.jspecify.annotations.NullMarked;
