package dev.satchel.spring.boot;

import dev.satchel.Satchel;

/** A bean that changes how {@link Satchel} is built, after the properties have been applied. Called in bean order. */
@FunctionalInterface
public interface SatchelCustomizer {
    /** Changes the builder. */
    void customize(Satchel.Builder builder);
}
