/**
 * A seeded simulation of several nodes on one store: the real engine on real SQLite files, with time, chance, faults and
 * crashes in the simulation's hands. One thread, so one seed is one run.
 */
@NullMarked
package dev.satchel.testkit.simulation;

import org.jspecify.annotations.NullMarked;
