/** The scenarios of docs/scenarios.md that happened in requests and jobs of an application, one class each. */
@NullMarked
package dev.satchel.scenarios;

import org.jspecify.annotations.NullMarked;
