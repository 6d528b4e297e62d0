/**
 * What all answers share: errors as {@code application/problem+json}, input checks, headers that keep the page to itself.
 */
@NullMarked
package dev.satchel.examples.reels.web;

import org.jspecify.annotations.NullMarked;
