package dev.satchel.spring.web;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How new the local copy must be for the requests that a controller's method answers; on a class, for all its methods. Goes before
 * {@code satchel.web.endpoints} and {@code satchel.freshness}, and a {@link FreshnessResolver} that answers goes before it. A
 * client's bookmark is heeded besides, and never makes it weaker. A value that cannot be one stops the start.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface RequestFreshness {
    /** As {@code satchel.freshness}: {@code latest}, {@code local} or a duration such as {@code 5s}. */
    String value();
}
