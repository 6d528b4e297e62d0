package dev.satchel.testkit.simulation;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.ForwardingObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;

/** One node's way to the store: faults by chance, and death at a chosen request. Confined to the simulation's thread. */
final class SimulatedNetwork extends ForwardingObjectStore {
    /** The node's process has died in the middle of a request. */
    static final class Died extends Error {
        private static final long serialVersionUID = 1L;

        Died() {
            super("the simulated process died", null, false, false);
        }
    }

    private enum Fault {
        FAILS_BEFORE,
        FAILS_AFTER,
        LATE,
        NOT_SENT,
        THROTTLED,
        DENIED,
        TRUNCATED,
        CORRUPTED
    }

    private final Random random;
    private final List<Runnable> late;
    private final Map<String, Long> figures;
    private double faultRate;
    private int requestsToLive = Integer.MAX_VALUE;
    private boolean dead;

    /**
     * A way to {@code store}.
     *
     * @param late where requests go that take effect later
     * @param figures counts faults by kind
     */
    SimulatedNetwork(ObjectStore store, Random random, List<Runnable> late, Map<String, Long> figures) {
        super(store);
        this.random = random;
        this.late = late;
        this.figures = figures;
    }

    void faultRate(double rate) {
        faultRate = rate;
    }

    /** Dies at the nth request from now. */
    void dieAfter(int requests) {
        requestsToLive = requests;
    }

    boolean isDead() {
        return dead;
    }

    /** Nothing reaches the store any more. */
    void die() {
        dead = true;
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        return request("get " + key, () -> delegate().get(key, range));
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        return request("head " + key, () -> delegate().head(key));
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        ObjectBody copy = copy(body);
        return request("put " + key, () -> delegate().put(key, copy, metadata, condition));
    }

    /** A late request needs its bytes after the put has returned to its caller. */
    private static ObjectBody copy(ObjectBody body) {
        try (InputStream in = body.open()) {
            return ObjectBody.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        return request("list " + prefix, () -> delegate().list(prefix, startAfter, limit));
    }

    @Override
    public void delete(String key) {
        request("delete " + key, () -> {
            delegate().delete(key);
            return Boolean.TRUE;
        });
    }

    private <T> T request(String what, Supplier<T> request) {
        if (dead) {
            throw new StoreException(Reason.DENIED, "dead: " + what, null);
        }
        if (--requestsToLive <= 0) {
            dead = true;
            if (random.nextBoolean()) {
                perform(request);
            }
            throw new Died();
        }
        if (random.nextDouble() >= faultRate) {
            return request.get();
        }
        Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
        figures.merge(SimulationReport.FAULT + fault.name().toLowerCase(java.util.Locale.ROOT), 1L, Long::sum);
        return failing(fault, what, request);
    }

    /** For its effect alone: the answer reaches nobody. */
    private static <T> void perform(Supplier<T> request) {
        T unread = request.get();
        if (unread instanceof Optional<?> found && found.orElse(null) instanceof StoredObject object) {
            object.close();
        }
    }

    private <T> T failing(Fault fault, String what, Supplier<T> request) {
        switch (fault) {
            case FAILS_BEFORE -> throw new StoreException(Reason.UNKNOWN_OUTCOME, "time-out before " + what, null);
            case FAILS_AFTER -> {
                perform(request);
                throw new StoreException(Reason.UNKNOWN_OUTCOME, "answer lost for " + what, null);
            }
            case LATE -> {
                late.add(() -> perform(request));
                throw new StoreException(Reason.UNKNOWN_OUTCOME, "still under way: " + what, null);
            }
            case NOT_SENT -> throw new StoreException(Reason.NOT_SENT, "connection refused for " + what, null);
            case THROTTLED -> throw new StoreException(Reason.THROTTLED, "429 for " + what, null);
            case DENIED -> throw new StoreException(Reason.DENIED, "403 for " + what, null);
            default -> {
                return damaged(fault, request.get());
            }
        }
    }

    @SuppressWarnings("unchecked") // only an Optional<StoredObject> is replaced, by the same type
    private static <T> T damaged(Fault fault, T answer) {
        if (!(answer instanceof Optional<?> found) || !(found.orElse(null) instanceof StoredObject object)) {
            return answer;
        }
        byte[] bytes = object.readAll();
        if (fault == Fault.TRUNCATED) {
            bytes = Arrays.copyOf(bytes, bytes.length / 2);
        } else if (bytes.length > 0) {
            bytes[bytes.length / 2] ^= 1;
        }
        return (T)
                Optional.of(new StoredObject(object.info(), new ByteArrayInputStream(bytes), object.expectedBytes()));
    }

    /** Lets requests take effect that were thought lost. */
    static void releaseLate(List<Runnable> late) {
        List<Runnable> released = new ArrayList<>(late);
        late.clear();
        released.forEach(Runnable::run);
    }

    /** A fresh count. */
    static Map<String, Long> figures() {
        return new TreeMap<>();
    }
}
