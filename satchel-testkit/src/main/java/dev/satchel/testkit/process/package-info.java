/** Child processes for tests and for the commands that start nodes. */
@NullMarked
package dev.satchel.testkit.process;

import org.jspecify.annotations.NullMarked;
