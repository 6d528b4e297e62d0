/**
 * Several node processes on one bucket, as an application runs them: a mixed load with bookmarks, one node killed, nodes drained and
 * replaced. What was acknowledged and what was read is held against each other. Called by the command {@code cluster-check}.
 */
@NullMarked
package dev.satchel.testkit.cluster;

import org.jspecify.annotations.NullMarked;
