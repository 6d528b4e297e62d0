package dev.satchel.benchmarks;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the benchmark of the same class that this one is compared with. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Beside {
    /** The peer's method. */
    String value();

    /** How many times the peer's time it may take; no limit by default. */
    double atMost() default Double.POSITIVE_INFINITY;
}
