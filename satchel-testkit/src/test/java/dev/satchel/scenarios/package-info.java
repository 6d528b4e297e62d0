/** The scenarios of docs/scenarios.md that happened below the requests of an application, one class each. */
@NullMarked
package dev.satchel.scenarios;

import org.jspecify.annotations.NullMarked;
