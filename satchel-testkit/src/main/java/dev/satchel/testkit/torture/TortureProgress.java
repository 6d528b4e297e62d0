package dev.satchel.testkit.torture;

import java.time.Duration;

/**
 * How a run goes.
 *
 * @param elapsed since its beginning
 * @param acknowledged changes, saved or pending
 * @param kills of processes
 * @param violations found so far; most are found by the last look only
 */
public record TortureProgress(Duration elapsed, long acknowledged, long kills, int violations) {}
