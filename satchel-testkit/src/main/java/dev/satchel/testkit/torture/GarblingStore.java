package dev.satchel.testkit.torture;

import dev.satchel.internal.ltx.LtxCorruptException;
import dev.satchel.internal.ltx.LtxDecoder;
import dev.satchel.internal.ltx.LtxEncoder;
import dev.satchel.internal.ltx.LtxFile;
import dev.satchel.store.ByteRange;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.ForwardingObjectStore;
import java.io.ByteArrayInputStream;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Some commits arrive with other content than they were put with, in an LTX file that is sound in itself. Thread-safe. */
final class GarblingStore extends ForwardingObjectStore {
    /** Where rows are: SQLite fills pages from their ends. */
    private static final int FROM_THE_END = 5;

    private final Random random;
    private final double rate;

    /**
     * Lets everything through but for so many of the commits.
     *
     * @param rate 0 to 1
     */
    GarblingStore(ObjectStore store, long seed, double rate) {
        super(store);
        this.random = new Random(seed);
        this.rate = rate;
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        Optional<StoredObject> found = super.get(key, range);
        if (found.isEmpty()
                || !range.equals(ByteRange.ALL)
                || !key.contains(".ltx/0000/")
                || random.nextDouble() >= rate) {
            return found;
        }
        try (StoredObject object = found.get()) {
            byte[] bytes = garbled(object.readAll());
            return Optional.of(new StoredObject(object.info(), new ByteArrayInputStream(bytes), bytes.length));
        }
    }

    private static byte[] garbled(byte[] bytes) {
        try {
            LtxFile file = LtxDecoder.decode(bytes);
            SortedMap<Integer, byte[]> pages = new TreeMap<>();
            file.pages().forEach((number, page) -> pages.put(number, number == 1 ? page : garbledPage(page)));
            return LtxEncoder.encode(file.header(), file.header().commit(), pages);
        } catch (LtxCorruptException e) {
            return bytes; // Not a commit of pages.
        }
    }

    private static byte[] garbledPage(byte[] page) {
        byte[] garbled = page.clone();
        garbled[garbled.length - FROM_THE_END] ^= 1;
        return garbled;
    }
}
