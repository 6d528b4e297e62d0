/** What the tests of several rooms run their applications with. */
@NullMarked
package dev.satchel.spring;

import org.jspecify.annotations.NullMarked;
