/**
 * What tests of Satchel, and of anything built on it, need: object stores that are stricter, slower or less reliable than real
 * ones, and the contract every object store passes.
 *
 * <p>Start with {@link dev.satchel.testkit.InMemoryObjectStore}; wrap it in {@link dev.satchel.testkit.FaultyObjectStore} to
 * fail, delay or hold single requests. Whoever writes a store extends {@link dev.satchel.testkit.ObjectStoreContract}.
 * Everything here is thread-safe and for tests only.
 */
@NullMarked
package dev.satchel.testkit;

import org.jspecify.annotations.NullMarked;
