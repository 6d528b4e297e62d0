package dev.satchel.testkit;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.store.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fails, delays or holds chosen requests to another store, as networks and stores do. Thread-safe.
 *
 * <pre>{@code
 * faulty.on(".*[.]ltx", Operation.PUT).nth(2).inject(Fault.FAIL_AFTER); // the second commit lands, its answer is lost
 * Pause pause = faulty.on("alice/.*", Operation.GET).pauseBefore();     // the next get waits for release()
 * }</pre>
 *
 * <p>Rules are tried in the order they were made; the first that has a fault for a request decides, and every rule counts the
 * requests it matches. Without rules everything goes through.
 */
public final class FaultyObjectStore extends InterceptingObjectStore {

    /** What goes wrong. */
    public enum Fault {
        /** No effect, and no answer: unknown outcome. */
        FAIL_BEFORE,
        /** It takes effect, and the answer is lost: unknown outcome. */
        FAIL_AFTER,
        /** Unknown outcome now; it takes effect, if its condition holds then, at {@link #releaseLate()}. */
        LATE,
        /** Certainly never reached the store. */
        NOT_SENT,
        /** 429, without effect. */
        THROTTLED,
        /** 403, without effect. */
        DENIED,
        /** A get's body ends in the middle, without an error. Other operations are not affected. */
        TRUNCATED_BODY,
        /** A get's body has one bit flipped in the middle. Other operations are not affected. */
        CORRUPTED_BODY,
        /** A get's body breaks off in the middle with an {@link IOException}. Other operations are not affected. */
        BROKEN_BODY
    }

    /** A request held until the test lets it go. */
    public static final class Pause {
        private static final long TIMEOUT_SECONDS = 30;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Pause() {}

        /**
         * Waits until a request has come to this pause.
         *
         * @throws AssertionError if none comes within 30 seconds
         */
        public void awaitReached() {
            await(reached, "no request came to the pause");
        }

        /** Whether a request has come to this pause. */
        public boolean isReached() {
            return reached.getCount() == 0;
        }

        /** Lets the request go on, now or when it comes. */
        public void release() {
            released.countDown();
        }

        private void hold() {
            reached.countDown();
            await(released, "nobody released the pause");
        }

        private static void await(CountDownLatch latch, String failure) {
            try {
                if (!latch.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError(failure);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(failure, e);
            }
        }
    }

    /** Which requests a fault is for: by default the first that matches. Ends with what is to happen to them. */
    public final class Target {
        private final Pattern key;
        private final Set<Operation> operations;
        private int nth = 1;
        private boolean always;

        private Target(String keyRegex, Set<Operation> operations) {
            this.key = Pattern.compile(keyRegex);
            this.operations = operations;
        }

        /** Only the nth matching request from now on, from 1. */
        public Target nth(int n) {
            nth = n;
            return this;
        }

        /** Every matching request from now on. */
        public Target always() {
            always = true;
            return this;
        }

        /** Makes the request go wrong. */
        public void inject(Fault fault) {
            add(new Rule(this, fault, null, null));
        }

        /** Holds the request before it takes effect. */
        public Pause pauseBefore() {
            Pause pause = new Pause();
            add(new Rule(this, null, pause, null));
            return pause;
        }

        /** Holds the request after it took effect, before its answer arrives. */
        public Pause pauseAfter() {
            Pause pause = new Pause();
            add(new Rule(this, null, null, pause));
            return pause;
        }
    }

    private static final class Rule {
        private final Target target;
        private final @Nullable Fault fault;
        private final @Nullable Pause before;
        private final @Nullable Pause after;
        private int seen;

        Rule(Target target, @Nullable Fault fault, @Nullable Pause before, @Nullable Pause after) {
            this.target = target;
            this.fault = fault;
            this.before = before;
            this.after = after;
        }

        boolean countAndTest(Operation operation, String key) {
            if (!target.operations.contains(operation)
                    || !target.key.matcher(key).matches()) {
                return false;
            }
            seen++;
            return target.always || seen == target.nth;
        }
    }

    /** Where a connection breaks off. */
    private static final class BrokenStream extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("connection reset");
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            throw new IOException("connection reset");
        }
    }

    /** Faults at random, the same ones for the same seed and order of requests. */
    private record RandomFaults(RandomGenerator random, double probability, List<Fault> faults) {
        @Nullable
        Fault next() {
            return random.nextDouble() < probability ? faults.get(random.nextInt(faults.size())) : null;
        }
    }

    private final List<Rule> rules = new ArrayList<>();
    private final Queue<Runnable> late = new ArrayDeque<>();
    private @Nullable RandomFaults randomFaults;

    /** Lets everything through until told otherwise. The store is closed with this one. */
    public FaultyObjectStore(ObjectStore delegate) {
        super(delegate);
    }

    /**
     * Begins a rule.
     *
     * @param keyRegex matches the whole key, or the prefix of a listing
     * @param operations none means every operation
     */
    public Target on(String keyRegex, Operation... operations) {
        return new Target(
                keyRegex,
                operations.length == 0 ? EnumSet.allOf(Operation.class) : EnumSet.copyOf(Arrays.asList(operations)));
    }

    /**
     * Makes requests that no rule decides go wrong at random, until {@link #clear}.
     *
     * @param random used by this store alone, one request at a time
     * @param probability of each request, 0 to 1
     * @param faults each as likely as the others
     */
    public synchronized void injectRandomly(RandomGenerator random, double probability, Fault... faults) {
        randomFaults = new RandomFaults(random, probability, List.of(faults));
    }

    /** Drops all rules and random faults; pauses already reached stay held, and late requests stay late. */
    public synchronized void clear() {
        rules.clear();
        randomFaults = null;
    }

    /** How many late requests are under way. */
    public synchronized int lateRequests() {
        return late.size();
    }

    /** Lets the late requests arrive, in the order they were sent, on the calling thread; nobody hears their answers. */
    public void releaseLate() {
        for (Runnable next = pollLate(); next != null; next = pollLate()) {
            next.run();
        }
    }

    /** Copies the body, which a late request needs after the put has returned to its caller. */
    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        ObjectBody copy = body;
        try (InputStream in = body.open()) {
            copy = ObjectBody.of(in.readAllBytes());
        } catch (IOException e) {
            // The store behind meets the same failure and reports it.
        }
        return super.put(key, copy, metadata, condition);
    }

    @Override
    <T> T intercept(Operation operation, String key, @Nullable ObjectBody body, Supplier<T> request) {
        Rule rule = null;
        Fault fault = null;
        synchronized (this) {
            for (Rule candidate : rules) {
                if (candidate.countAndTest(operation, key) && rule == null) {
                    rule = candidate;
                }
            }
            if (rule != null) {
                fault = rule.fault;
            } else if (randomFaults != null) {
                fault = randomFaults.next();
            }
        }
        if (rule != null && rule.before != null) {
            rule.before.hold();
        }
        T answer = fault == null ? request.get() : failing(fault, operation + " " + key, request);
        if (rule != null && rule.after != null) {
            rule.after.hold();
        }
        return answer;
    }

    private <T> T failing(Fault fault, String what, Supplier<T> request) {
        switch (fault) {
            case FAIL_BEFORE -> throw new StoreException(Reason.UNKNOWN_OUTCOME, "time-out before " + what, null);
            case NOT_SENT -> throw new StoreException(Reason.NOT_SENT, "connection refused for " + what, null);
            case THROTTLED -> throw new StoreException(Reason.THROTTLED, "429 for " + what, null);
            case DENIED -> throw new StoreException(Reason.DENIED, "403 for " + what, null);
            case FAIL_AFTER -> {
                discard(request.get());
                throw new StoreException(Reason.UNKNOWN_OUTCOME, "answer lost for " + what, null);
            }
            case LATE -> {
                addLate(() -> discard(request.get()));
                throw new StoreException(Reason.UNKNOWN_OUTCOME, "time-out, still under way: " + what, null);
            }
            default -> {
                return damaged(fault, request.get());
            }
        }
    }

    /** A get's answer with its body damaged; any other answer as it is. */
    @SuppressWarnings("unchecked") // only an Optional<StoredObject> is replaced, by the same type
    private static <T> T damaged(Fault fault, T answer) {
        if (answer instanceof Optional<?> found && found.orElse(null) instanceof StoredObject object) {
            byte[] bytes;
            try (object) {
                bytes = object.readAll();
            }
            return (T) Optional.of(new StoredObject(object.info(), damagedBody(fault, bytes), object.expectedBytes()));
        }
        return answer;
    }

    private static InputStream damagedBody(Fault fault, byte[] bytes) {
        int middle = bytes.length / 2;
        InputStream firstHalf = new ByteArrayInputStream(bytes, 0, middle);
        if (fault == Fault.TRUNCATED_BODY) {
            return firstHalf;
        }
        if (fault == Fault.BROKEN_BODY) {
            return new SequenceInputStream(firstHalf, new BrokenStream());
        }
        if (bytes.length > 0) {
            bytes[middle] ^= 1;
        }
        return new ByteArrayInputStream(bytes);
    }

    private static void discard(Object answer) {
        if (answer instanceof Optional<?> found && found.orElse(null) instanceof StoredObject object) {
            object.close();
        }
    }

    private synchronized void add(Rule rule) {
        rules.add(rule);
    }

    private synchronized void addLate(Runnable request) {
        late.add(request);
    }

    private synchronized @Nullable Runnable pollLate() {
        return late.poll();
    }
}
