package dev.satchel.testkit.torture;

import dev.satchel.internal.sync.ProtocolRule;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The weather on a node's way to the store: single requests that go wrong, requests that arrive late, and now and then some
 * seconds in which nothing works, longer than a session waits.
 */
final class NodeFaults {
    private static final double RATE = 0.03;
    private static final long MILLIS = 500;
    /** One in so many half seconds begins an outage. */
    private static final int OUTAGE_ODDS = 16;

    private static final List<Fault> OUTAGES =
            List.of(Fault.NOT_SENT, Fault.NOT_SENT, Fault.FAIL_BEFORE, Fault.FAIL_AFTER, Fault.LATE, Fault.DENIED);

    private final FaultyObjectStore store;
    private final Random random;
    private final Fault[] single;
    private final long outageMillis;
    private final List<Fault> outages;
    private final int odds;
    private long outageLeft;
    private volatile @Nullable ScheduledFuture<?> changing;

    /**
     * Fair weather until {@link #begin}.
     *
     * @param damaging whether bodies may arrive damaged
     * @param outageMillis how long an outage lasts, more or less
     * @param broken a rule whose breach is to be seen soon, null for a mixture of everything
     */
    NodeFaults(FaultyObjectStore store, long seed, boolean damaging, long outageMillis, @Nullable ProtocolRule broken) {
        this.store = store;
        this.random = new Random(seed);
        this.outageMillis = outageMillis;
        Set<Fault> wanted = Plant.outages(broken);
        this.outages = wanted.isEmpty() ? OUTAGES : List.copyOf(wanted);
        this.odds = wanted.isEmpty() ? OUTAGE_ODDS : OUTAGE_ODDS / 3;
        List<Fault> faults = new ArrayList<>(
                List.of(Fault.FAIL_BEFORE, Fault.FAIL_AFTER, Fault.LATE, Fault.NOT_SENT, Fault.THROTTLED));
        if (damaging) {
            faults.addAll(List.of(Fault.CORRUPTED_BODY, Fault.TRUNCATED_BODY, Fault.BROKEN_BODY));
        }
        this.single = faults.toArray(Fault[]::new);
    }

    void begin(ScheduledExecutorService scheduler) {
        showers();
        changing = scheduler.scheduleWithFixedDelay(this::change, MILLIS, MILLIS, TimeUnit.MILLISECONDS);
    }

    private void showers() {
        store.injectRandomly(new Random(random.nextLong()), RATE, single);
    }

    private void change() {
        if (outageLeft > 0) {
            outageLeft -= MILLIS;
            if (outageLeft <= 0) {
                showers();
            }
        } else if (random.nextInt(odds) == 0) {
            outageLeft = outageMillis / 4 + random.nextLong(outageMillis);
            store.injectRandomly(new Random(random.nextLong()), 1, outages.get(random.nextInt(outages.size())));
        }
        store.releaseLate();
    }

    /** Fair weather from now on; what was late arrives. */
    void end() {
        ScheduledFuture<?> more = changing;
        if (more != null) {
            more.cancel(false);
        }
        store.clear();
        store.releaseLate();
    }
}
