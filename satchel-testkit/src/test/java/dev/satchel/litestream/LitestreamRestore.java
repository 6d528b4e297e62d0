package dev.satchel.litestream;

import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Restores a database as {@code litestream restore} 0.5.16 does: it plans with the names of objects, takes the newest snapshot
 * and then whichever file reaches farthest, and merges what they hold. Looks at nothing but the folder of LTX files.
 */
public final class LitestreamRestore {
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})\\.ltx");
    private static final int SNAPSHOTS = 9;

    private final ObjectStore store;
    private final String path;

    /**
     * Restores from a replica.
     *
     * @param path what comes before the folders of the levels, without a slash at the end
     */
    public LitestreamRestore(ObjectStore store, String path) {
        this.store = store;
        this.path = path;
    }

    private record File(int level, long min, long max, String key, ObjectInfo info) {}

    /** What {@code -txid} and {@code -timestamp} leave of the files; both may be open. */
    private record Limit(OptionalLong txid, Optional<Instant> before) {}

    /** Restores the latest state; gives the number of files it took. */
    public int latest(Path target) throws IOException {
        return restore(new Limit(OptionalLong.empty(), Optional.empty()), target);
    }

    /** Restores the state after a transaction ({@code -txid}); gives the number of files it took. */
    public int transaction(long txid, Path target) throws IOException {
        return restore(new Limit(OptionalLong.of(txid), Optional.empty()), target);
    }

    /** Restores the state before an instant ({@code -timestamp}); gives the number of files it took. */
    public int before(Instant instant, Path target) throws IOException {
        return restore(new Limit(OptionalLong.empty(), Optional.of(instant)), target);
    }

    private int restore(Limit limit, Path target) throws IOException {
        List<File> plan = plan(limit);
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        LtxReader last = null;
        for (File file : plan) {
            LtxReader read = new LtxReader(store.get(file.key).orElseThrow().readAll());
            LtxReader.require(read.minTxid == file.min && read.maxTxid == file.max, "name and header differ");
            LtxReader.require(
                    last == null ? read.minTxid == 1 : read.minTxid <= last.maxTxid + 1 && read.maxTxid > last.maxTxid,
                    "transactions are not contiguous");
            LtxReader.require(last == null || last.pageSize == read.pageSize, "mismatched page sizes");
            pages.putAll(read.pages);
            last = read;
        }
        LtxReader.require(last != null, "no matching backup files available");
        write(pages, last, target);
        return plan.size();
    }

    /** Pages beyond the end are dropped once, at the end: what a shrunk database grew over must have come again. */
    private static void write(SortedMap<Integer, byte[]> pages, LtxReader last, Path target) throws IOException {
        byte[] file = new byte[Math.multiplyExact(last.commit, last.pageSize)];
        for (int page = 1; page <= last.commit; page++) {
            if (page != last.lockPage()) {
                byte[] content = pages.get(page);
                LtxReader.require(content != null, "nonsequential page numbers in snapshot transaction");
                System.arraycopy(content, 0, file, (page - 1) * last.pageSize, last.pageSize);
            }
        }
        Files.write(target, file);
    }

    private List<File> plan(Limit limit) {
        List<File> all = new ArrayList<>();
        for (int level = SNAPSHOTS; level >= 0; level--) {
            all.addAll(list(level));
        }
        limit.before.ifPresent(instant -> requireCovered(instant, all));
        List<File> files = all.stream().filter(file -> isWithin(limit, file)).toList();
        List<File> plan = new ArrayList<>();
        long reached = 0;
        for (File file : files) {
            if (file.level == SNAPSHOTS) {
                plan.clear();
                plan.add(file);
                reached = file.max;
            }
        }
        while (true) {
            File best = null;
            for (File file : files) {
                boolean usable = file.level < SNAPSHOTS && file.min <= reached + 1 && file.max > reached;
                if (usable && (best == null || isBetter(file, best))) {
                    best = file;
                }
            }
            if (best == null) {
                break;
            }
            plan.add(best);
            reached = best.max;
        }
        long end = reached;
        LtxReader.require(limit.txid.isEmpty() || end == limit.txid.getAsLong(), "transaction not available");
        boolean latest = limit.txid.isEmpty() && limit.before.isEmpty();
        LtxReader.require(!latest || files.stream().noneMatch(file -> file.min > end + 1), "non-contiguous ltx files");
        return plan;
    }

    private boolean isWithin(Limit limit, File file) {
        return file.max <= limit.txid.orElse(Long.MAX_VALUE)
                && limit.before.map(instant -> time(file).isBefore(instant)).orElse(true);
    }

    /** Whichever reaches farthest; of those the one that begins first, then the one of the higher level. */
    private static boolean isBetter(File file, File best) {
        if (file.max != best.max) {
            return file.max > best.max;
        }
        return file.min != best.min ? file.min < best.min : file.level > best.level;
    }

    /** From the first to the last object, by the clock of the store. */
    private static void requireCovered(Instant instant, List<File> files) {
        List<Instant> times =
                files.stream().map(file -> file.info.lastModified()).sorted().toList();
        LtxReader.require(
                !times.isEmpty() && !instant.isBefore(times.get(0)) && !instant.isAfter(times.get(times.size() - 1)),
                "timestamp does not exist");
    }

    /** What the metadata says; where it says nothing, the store's own time. */
    private Instant time(File file) {
        String stated = store.head(file.key).orElseThrow().metadata().get("litestream-timestamp");
        return stated == null ? file.info.lastModified() : Instant.parse(stated);
    }

    private List<File> list(int level) {
        List<File> files = new ArrayList<>();
        String prefix = "%s/%04x/".formatted(path, level);
        String after = "";
        ListPage page;
        do {
            page = store.list(prefix, after, ObjectStore.MAX_LIST_LIMIT);
            for (ObjectInfo object : page.objects()) {
                after = object.key();
                Matcher name = NAME.matcher(after.substring(after.lastIndexOf('/') + 1));
                if (name.matches()) {
                    files.add(new File(
                            level,
                            Long.parseLong(name.group(1), 16),
                            Long.parseLong(name.group(2), 16),
                            after,
                            object));
                }
            }
        } while (page.more());
        return files;
    }
}
