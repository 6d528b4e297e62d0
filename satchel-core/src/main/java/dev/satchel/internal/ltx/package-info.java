/**
 * The LTX file format, version 3, byte for byte as {@code docs/formats/ltx.md} describes it: what a commit object and a
 * snapshot hold, and what {@code litestream restore} can read.
 *
 * <p>Pure bytes in, pure bytes out: nothing here knows about stores, databases or files on disk, and nothing of ours is
 * called. Encoders and decoders are forward-only, confined to one thread and hold one page plus the index; everything else
 * is immutable. Bad bytes always end in {@link dev.satchel.internal.ltx.LtxCorruptException}.
 */
@NullMarked
package dev.satchel.internal.ltx;

import org.jspecify.annotations.NullMarked;
