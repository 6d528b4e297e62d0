package dev.satchel.internal.ltx;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * The LZ4 codec of page frames. The pure Java instance, not the native one: its output depends on the input alone, not on the
 * machine, and a retried commit must be the same bytes wherever it is encoded again. Both are thread-safe and stateless.
 */
final class Lz4 {
    static final LZ4Compressor COMPRESSOR = LZ4Factory.safeInstance().fastCompressor();
    static final LZ4SafeDecompressor DECOMPRESSOR = LZ4Factory.safeInstance().safeDecompressor();

    private Lz4() {}
}
