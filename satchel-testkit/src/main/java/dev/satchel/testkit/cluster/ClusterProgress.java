package dev.satchel.testkit.cluster;

import java.time.Duration;

/**
 * How a run goes.
 *
 * @param elapsed since the load began
 * @param writes acknowledged so far
 * @param reads answered so far
 * @param violations so far
 * @param doing what is being done to the nodes
 */
public record ClusterProgress(Duration elapsed, long writes, long reads, int violations, String doing) {}
