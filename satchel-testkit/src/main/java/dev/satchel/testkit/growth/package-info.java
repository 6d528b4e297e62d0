/**
 * What a database costs as it grows: a change of one row, and the first use on a machine without a copy, measured at one size
 * after the other beside a bare request of the same bytes.
 */
@NullMarked
package dev.satchel.testkit.growth;

import org.jspecify.annotations.NullMarked;
