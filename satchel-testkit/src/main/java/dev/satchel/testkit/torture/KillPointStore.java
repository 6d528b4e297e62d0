package dev.satchel.testkit.torture;

import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.ForwardingObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A node's way to the store, past the points at which it may be killed. Thread-safe. */
final class KillPointStore extends ForwardingObjectStore {
    private final KillPoints points;
    /** What the keys of commits begin with, of databases that owe something from an earlier life. */
    private final Set<String> owing = ConcurrentHashMap.newKeySet();
    /** The same, of databases whose last commit landed with something pending behind it. */
    private final Set<String> rest = ConcurrentHashMap.newKeySet();

    private final Path disk;

    /**
     * A way to {@code store}.
     *
     * @param disk of the node, on which an earlier process may have left pending commits
     */
    KillPointStore(ObjectStore store, KillPoints points, Path disk) throws IOException {
        super(store);
        this.points = points;
        this.disk = disk;
        TortureNode.owing(disk).forEach(id -> owing.add(new DatabaseKeys(id).commits()));
    }

    private enum Kind {
        COMMIT,
        SNAPSHOT,
        CONFLICT,
        IMAGE,
        OTHER;

        static Kind of(String key) {
            if (key.contains(".ltx/0000/")) {
                return COMMIT;
            }
            if (key.contains(".ltx/0009/")) {
                return SNAPSHOT;
            }
            if (key.contains(".conflicts/")) {
                return CONFLICT;
            }
            return key.endsWith(".sqlite") ? IMAGE : OTHER;
        }
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        Optional<StoredObject> found = super.get(key, range);
        Kind kind = Kind.of(key);
        if (kind == Kind.IMAGE) {
            points.reached(KillPoint.IN_COLD_LOAD);
        } else if (kind == Kind.COMMIT && found.isPresent()) {
            points.reached(KillPoint.COMMIT_FETCHED);
            points.reached(KillPoint.WHILE_APPLYING);
        }
        return found;
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        ListPage page = super.list(prefix, startAfter, limit);
        if (Kind.of(prefix) == Kind.COMMIT && !page.objects().isEmpty()) {
            points.reached(KillPoint.IN_COLD_LOAD);
        }
        return page;
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        switch (Kind.of(key)) {
            case COMMIT -> {
                String commits = key.substring(0, key.lastIndexOf('/') + 1);
                boolean recovery = owing.remove(commits);
                if (rest.remove(commits)) {
                    points.reached(KillPoint.BEFORE_REST_PUT);
                }
                points.reached(recovery ? KillPoint.BEFORE_RECOVERY_PUT : KillPoint.BEFORE_COMMIT_PUT);
                points.reached(KillPoint.WHILE_COMMIT_PUT);
                PutResult result = super.put(key, body, metadata, condition);
                if (points.isArmed(KillPoint.BEFORE_REST_PUT) && hasRest(commits)) {
                    rest.add(commits);
                }
                points.reached(recovery ? KillPoint.AFTER_RECOVERY_PUT : KillPoint.AFTER_COMMIT_PUT);
                return result;
            }
            case SNAPSHOT -> {
                return put(
                        KillPoint.BEFORE_SNAPSHOT_PUT,
                        KillPoint.AFTER_SNAPSHOT_PUT,
                        () -> super.put(key, body, metadata, condition));
            }
            case CONFLICT -> {
                return put(
                        KillPoint.BEFORE_CONFLICT_PUT,
                        KillPoint.AFTER_CONFLICT_PUT,
                        () -> super.put(key, body, metadata, condition));
            }
            case IMAGE -> {
                points.reached(KillPoint.WHILE_IMAGE_PUT);
                return put(
                        KillPoint.BEFORE_IMAGE_PUT,
                        KillPoint.AFTER_IMAGE_PUT,
                        () -> super.put(key, body, metadata, condition));
            }
            default -> {
                return super.put(key, body, metadata, condition);
            }
        }
    }

    private boolean hasRest(String commits) {
        try {
            return TortureNode.pending(disk).entrySet().stream()
                    .anyMatch(pending -> pending.getValue() > 1
                            && new DatabaseKeys(pending.getKey()).commits().equals(commits));
        } catch (IOException e) {
            return false; // The folder of another database has just gone.
        }
    }

    private PutResult put(KillPoint before, KillPoint after, java.util.function.Supplier<PutResult> request) {
        points.reached(before);
        PutResult result = request.get();
        points.reached(after);
        return result;
    }
}
