package dev.satchel.examples.reels.library;

import org.jspecify.annotations.Nullable;

/** A game as a client sends it. */
record GameInput(@Nullable String name) {}
