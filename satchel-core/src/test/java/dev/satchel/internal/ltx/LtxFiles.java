package dev.satchel.internal.ltx;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Files to test with. */
final class LtxFiles {
    private LtxFiles() {}

    /** A legal file that we would write: any page size, a snapshot or some pages, of mixed compressibility. */
    static LtxFile random(Random random, int maxPages) {
        int pageSize = 512 << random.nextInt(8);
        boolean snapshot = random.nextInt(3) == 0;
        int commit = snapshot ? 1 + random.nextInt(maxPages) : 1 + random.nextInt(1 << random.nextInt(30));
        long txid = 2 + (random.nextLong() >>> (2 + random.nextInt(60)));
        long time = random.nextLong();
        LtxHeader header = snapshot
                ? LtxHeader.ofSnapshot(pageSize, commit, txid, time, random.nextLong())
                : LtxHeader.ofTransaction(pageSize, commit, txid, time, random.nextLong());
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        if (snapshot) {
            for (int number = 1; number <= commit; number++) {
                pages.put(number, page(random, pageSize));
            }
        } else {
            for (int i = random.nextInt(maxPages + 1); i > 0; i--) {
                int number = 1 + random.nextInt(commit);
                if (number != LtxFormat.lockPage(pageSize)) {
                    pages.put(number, page(random, pageSize));
                }
            }
        }
        return new LtxFile(header, pages);
    }

    /** A snapshot of four compressible pages, always the same. */
    static LtxFile compressible() {
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        pages.put(1, new byte[1024]);
        pages.put(
                2,
                Arrays.copyOf(
                        "INSERT INTO clip VALUES (1, 'goal', 12.5);".repeat(20).getBytes(StandardCharsets.UTF_8),
                        1024));
        pages.put(3, page(new Random(99), 1024));
        byte[] counters = new byte[1024];
        for (int i = 0; i < counters.length; i++) {
            counters[i] = (byte) (i * i >> 5);
        }
        pages.put(4, counters);
        return new LtxFile(LtxHeader.ofSnapshot(1024, 4, 17, 1700000000000L, 0x0102030405060708L), pages);
    }

    /** A page of zeros, of noise, of repeated text, or of records between zeros as SQLite fills them. */
    static byte[] page(Random random, int pageSize) {
        byte[] page = new byte[pageSize];
        switch (random.nextInt(4)) {
            case 0 -> {}
            case 1 -> random.nextBytes(page);
            case 2 -> {
                byte[] phrase = noise(random, 1 + random.nextInt(300));
                for (int i = 0; i < pageSize; i++) {
                    page[i] = phrase[i % phrase.length];
                }
            }
            default -> {
                for (int record = random.nextInt(12); record > 0; record--) {
                    byte[] content = noise(random, 1 + random.nextInt(60));
                    System.arraycopy(content, 0, page, random.nextInt(pageSize - content.length), content.length);
                }
            }
        }
        return page;
    }

    static byte[] noise(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static boolean samePages(SortedMap<Integer, byte[]> left, SortedMap<Integer, byte[]> right) {
        return left.keySet().equals(right.keySet())
                && left.keySet().stream().allMatch(number -> Arrays.equals(left.get(number), right.get(number)));
    }
}
