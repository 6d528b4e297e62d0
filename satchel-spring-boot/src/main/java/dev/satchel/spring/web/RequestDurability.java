package dev.satchel.spring.web;

import dev.satchel.Durability;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * When the requests that a controller's method answers are answered; on a class, for all its methods. Goes before
 * {@code satchel.durability}.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface RequestDurability {
    /** When a request that wrote is answered. */
    Durability value();
}
