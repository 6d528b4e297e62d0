package dev.satchel.testkit.simulation;

import dev.satchel.internal.ltx.LtxCorruptException;
import dev.satchel.internal.ltx.LtxDecoder;
import dev.satchel.internal.ltx.LtxEncoder;
import dev.satchel.internal.ltx.LtxFile;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One process's way to the store: slow, with faults by chance, and fatal at a chosen step. Confined to the simulation's thread. */
final class SimulatedNetwork extends ForwardingObjectStore {
    private static final int MAX_LATENCY_MILLIS = 40;
    private static final Fault[] FAULTS = Fault.values();

    private final Life life;
    private final Random random;
    private final List<Runnable> late;
    private final Consumer<Fault> count;
    private final LongConsumer takesNanos;
    private double faultRate;
    private @Nullable Fault always;

    /**
     * A way to {@code store}.
     *
     * @param late where requests go that take effect later
     * @param count told of each fault
     * @param takesNanos told how long each request takes
     */
    SimulatedNetwork(
            ObjectStore store,
            Life life,
            Random random,
            List<Runnable> late,
            Consumer<Fault> count,
            LongConsumer takesNanos) {
        super(store);
        this.life = life;
        this.random = random;
        this.late = late;
        this.count = count;
        this.takesNanos = takesNanos;
    }

    void faultRate(double rate) {
        faultRate = rate;
    }

    /** From now on every request meets this fault; null ends it. */
    void always(@Nullable Fault fault) {
        always = fault;
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

    @Override
    public void close() {}

    private <T> T request(String what, Supplier<T> request) {
        if (life.isLastStep()) {
            if (random.nextBoolean()) {
                perform(request);
            }
            throw new Life.Died();
        }
        takesNanos.accept(1_000_000L * random.nextInt(MAX_LATENCY_MILLIS));
        if (always != null) {
            count.accept(always);
            return failing(always, what, request);
        }
        if (faultRate == 0 || random.nextDouble() >= faultRate) {
            return request.get();
        }
        Fault fault = FAULTS[random.nextInt(FAULTS.length)];
        if (!fault.isOfTheNetwork()) {
            return request.get();
        }
        count.accept(fault);
        return failing(fault, what, request);
    }

    /** For its effect alone: the answer reaches nobody. */
    static <T> void perform(Supplier<T> request) {
        try {
            T unread = request.get();
            if (unread instanceof Optional<?> found && found.orElse(null) instanceof StoredObject object) {
                object.close();
            }
        } catch (StoreException e) {
            // The store itself refuses: nobody hears of it either.
        }
    }

    private <T> T failing(Fault fault, String what, Supplier<T> request) {
        switch (fault) {
            case LOST_ON_THE_WAY, PARTITION ->
                throw new StoreException(Reason.UNKNOWN_OUTCOME, "time-out before " + what, null);
            case ANSWER_LOST -> {
                perform(request);
                throw new StoreException(Reason.UNKNOWN_OUTCOME, "answer lost for " + what, null);
            }
            case LATE -> {
                late.add(() -> perform(request));
                throw new StoreException(Reason.UNKNOWN_OUTCOME, "still under way: " + what, null);
            }
            case DUPLICATED -> {
                late.add(() -> perform(request));
                return request.get();
            }
            case SERVER_ERROR -> {
                if (random.nextInt(3) == 0) {
                    perform(request);
                }
                throw new StoreException(Reason.UNKNOWN_OUTCOME, "500 for " + what, null);
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
    private <T> T damaged(Fault fault, T answer) {
        if (!(answer instanceof Optional<?> found) || !(found.orElse(null) instanceof StoredObject object)) {
            return answer;
        }
        byte[] bytes = object.readAll();
        if (fault == Fault.TRUNCATED) {
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
        } else if (fault == Fault.GARBLED) {
            bytes = garbled(bytes);
        } else if (bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return (T)
                Optional.of(new StoredObject(object.info(), new ByteArrayInputStream(bytes), object.expectedBytes()));
    }

    /** A commit with a row that nobody wrote, in an LTX file that is sound in itself. */
    private static byte[] garbled(byte[] bytes) {
        LtxFile file;
        try {
            file = LtxDecoder.decode(bytes);
        } catch (LtxCorruptException e) {
            return Rows.garbled(bytes); // an image
        }
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        file.pages().forEach((number, page) -> pages.put(number, Rows.garbled(page)));
        return LtxEncoder.encode(file.header(), file.header().commit(), pages);
    }
}
