/**
 * What Satchel costs, measured beside what it must not exceed and beside what one would use instead. {@link
 * dev.satchel.benchmarks.Benchmarks} is the door.
 *
 * <p>A {@link dev.satchel.benchmarks.Scenario} measures a whole system against a store with injected latency and prints a table;
 * a JMH class measures one step of it. Both compare within one run, because machines differ and ratios do not. Not published;
 * nothing here is a test.
 */
@NullMarked
package dev.satchel.benchmarks;

import org.jspecify.annotations.NullMarked;
