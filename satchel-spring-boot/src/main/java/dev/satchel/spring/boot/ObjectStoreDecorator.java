package dev.satchel.spring.boot;

import dev.satchel.store.ObjectStore;

/** A bean that wraps the object store before {@link dev.satchel.Satchel} gets it, for example to count requests. Applied in bean order. */
@FunctionalInterface
public interface ObjectStoreDecorator {
    /** The store to use instead; closing it closes the given one. */
    ObjectStore decorate(ObjectStore store);
}
