package dev.satchel.testkit.torture;

import dev.satchel.internal.sync.ProtocolRule;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A rule of the protocol that all nodes break, and whether that was noticed.
 *
 * @param rule which
 * @param elapsed until it was, or until the time was up
 * @param kills of processes in that time
 * @param seed of the run that noticed it, or of the last one
 * @param violation by which it was noticed, null if it was not
 */
public record Plant(
        ProtocolRule rule,
        Duration elapsed,
        long kills,
        long seed,
        @Nullable String violation) {
    /** Fewer than otherwise, so that they meet more often. */
    public static final int NODES = 2;
    /** One for each conflict policy. */
    public static final int USERS = 2;

    private static final Duration ROUND = Duration.ofSeconds(20);

    /** Whether it was noticed. */
    public boolean isCaught() {
        return violation != null;
    }

    /** Why a broken rule shows in no run of real processes; empty if it does. The simulation notices it all the same. */
    public static Optional<String> whyNotHere(ProtocolRule rule) {
        return switch (rule) {
            case FULL_REFRESH_AFTER_WINDOW, LANDED_IN_A_FRESH_SLOT, IMAGE_ONLY_OVER_THE_SEEN_ONE ->
                Optional.of("it matters when commits have been removed, and a retention is a day at least");
            default -> Optional.empty();
        };
    }

    /** Where the nodes that break a rule are best killed. */
    static Set<KillPoint> weakPoints(@Nullable ProtocolRule rule) {
        if (rule == null) {
            return Set.of();
        }
        return switch (rule) {
            case GATE_WAITS_FOR_OWN_COMMITS, GATE_WAITS_FOR_WHAT_WAS_READ -> EnumSet.of(KillPoint.BEFORE_COMMIT_PUT);
            case SPOOLED_BEFORE_PENDING, PENDING_FIRST_AT_START -> EnumSet.of(KillPoint.BEFORE_PENDING_ANSWER);
            case SENT_WITH_PENDING_IS_SPOOLED -> EnumSet.of(KillPoint.AFTER_COMMIT_PUT);
            case SPOOL_KEEPS_WHAT_HAS_NOT_LANDED -> EnumSet.of(KillPoint.BEFORE_REST_PUT);
            default -> Set.of();
        };
    }

    /** Whether a breach shows in nodes that live, so that most deaths would only take time. */
    static boolean showsInLife(@Nullable ProtocolRule rule) {
        return rule != null
                && rule != ProtocolRule.LOCAL_COPY_FITS_ITS_SIDECAR
                && weakPoints(rule).isEmpty();
    }

    /** What the outages are of which a breach is best seen; empty for all kinds. */
    static Set<Fault> outages(@Nullable ProtocolRule rule) {
        if (rule == null) {
            return Set.of();
        }
        return switch (rule) {
            case NOTHING_TAKEN_BACK_WHILE_UNKNOWN, SAME_BYTES_WHILE_UNKNOWN, NEXT_SLOT_ONLY_WHEN_KNOWN ->
                EnumSet.of(Fault.FAIL_AFTER, Fault.LATE);
            case TAKEN_BACK_IS_GONE, SPOOL_KEEPS_WHAT_HAS_NOT_LANDED -> EnumSet.of(Fault.NOT_SENT);
            default -> Set.of();
        };
    }

    /**
     * Runs rounds with the rule broken, each on a bucket of its own unless the store is elsewhere, until one of them ends with a
     * violation. Blocks.
     *
     * @param settings of each round, but for its duration, folder and seed
     * @param atMost no round begins after this
     * @param progress told how the rounds go
     */
    public static Plant sow(
            ProtocolRule rule, TortureSettings settings, Duration atMost, Consumer<TortureProgress> progress)
            throws IOException, InterruptedException {
        long began = System.nanoTime();
        long kills = 0;
        long seed = settings.seed();
        while (true) {
            Path folder = settings.folder().resolve("round-" + seed);
            TortureReport report = Torture.run(round(settings, folder, seed).breaking(rule), progress);
            Disks.delete(folder);
            kills += report.kills();
            Duration elapsed = Duration.ofNanos(System.nanoTime() - began);
            if (!report.violations().isEmpty()) {
                return new Plant(rule, elapsed, kills, seed, report.violations().get(0));
            }
            if (elapsed.compareTo(atMost) >= 0) {
                return new Plant(rule, elapsed, kills, seed, null);
            }
            seed++;
        }
    }

    private static TortureSettings round(TortureSettings settings, Path folder, long seed) {
        boolean own = settings.store().equals(TortureSettings.bucketIn(settings.folder()));
        return new TortureSettings(
                folder,
                own ? TortureSettings.bucketIn(folder) : settings.store(),
                settings.environment(),
                ROUND,
                settings.nodes(),
                settings.users(),
                settings.clients(),
                seed,
                null);
    }
}
