package dev.satchel.testkit.cluster;

/**
 * How long something took, in microseconds; each figure is exact to one in a hundred.
 *
 * @param count how often
 * @param p50 half of them took no longer
 * @param p99 of a hundred, one took longer
 * @param most the longest
 */
public record Latency(long count, long p50, long p99, long most) {}
