package dev.satchel.cloudflare;

import dev.satchel.ArchiveException;
import dev.satchel.ClosedException;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.SatchelException;
import dev.satchel.StoreRefusedException;
import dev.satchel.UnavailableException;
import dev.satchel.UserId;
import dev.satchel.archive.ArchiveBatch;
import dev.satchel.archive.ArchiveLimits;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.archive.BatchId;
import dev.satchel.archive.BatchInfo;
import dev.satchel.store.Sleeper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The archive in Cloudflare's Durable Objects, one object for each user, behind the Worker of this module. One instance serves all
 * users. Thread-safe; has no thread of its own beyond those of its HTTP client.
 *
 * <p>Each operation is a request or a few; a failed one is attempted again as {@link DurableObjectsConfig#retry} says, since none
 * does harm when it is done twice. If the outcome of a {@link #store} is not known, the Worker is asked before the batch is sent
 * again.
 *
 * <p>What the Worker has confirmed is on disk in Cloudflare's data centres. {@link dev.satchel.StoreRefusedException} means that the
 * key is wrong, clocks are too far apart, the user's archive is full or the Worker is not what this client expects; the message
 * says which.
 */
public final class DurableObjectsArchive implements ArchiveTier {
    private static final ArchiveLimits LIMITS = new ArchiveLimits(8L << 20, 4 << 20);
    private static final int MAX_ROWS = 1_000_000;
    private static final int MAX_PAGE = 1000;
    private static final int MAX_REMOVED = 1000;
    /** A page of the longest rules; and more than any other answer that is no batch. */
    private static final long MAX_JSON = 16L << 20;

    private static final String GET = "GET";
    private static final String PUT = "PUT";
    private static final String POST = "POST";
    private static final String DELETE = "DELETE";
    private static final String TRUE = "true";

    private final DurableObjectsConfig config;
    private final InstantSource clock;
    private final WorkerClient worker;
    private volatile boolean closed;

    DurableObjectsArchive(
            DurableObjectsConfig config,
            InstantSource clock,
            LongSupplier nanoTime,
            Sleeper sleeper,
            DoubleSupplier random) {
        this.config = Objects.requireNonNull(config, "config");
        this.clock = clock;
        this.worker = new WorkerClient(config, clock, nanoTime, sleeper, random);
    }

    /** A client; nothing is asked yet, see {@link #check}. */
    public static DurableObjectsArchive connect(DurableObjectsConfig config) {
        return new DurableObjectsArchive(
                config,
                InstantSource.system(),
                System::nanoTime,
                Sleeper.SYSTEM,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * Asks whether the Worker is there, has this key and speaks this client's protocol. One request, more if it fails.
     *
     * @return how far the Worker's clock is ahead of this machine's; negative if it is behind. Requests are refused from five
     *     minutes on
     * @throws SatchelException as every operation
     */
    public Duration check() {
        Answer answer = repeating(GET, "/v1/health", MAX_JSON);
        if (answer instanceof Answer.Done done) {
            Optional<String> protocol = WorkerJson.member(done.body(), "protocol");
            Optional<String> now = WorkerJson.member(done.body(), "now");
            if (protocol.isEmpty() || now.isEmpty()) {
                throw notTheWorker("the archive");
            }
            if (!protocol.get().equals("1")) {
                throw new StoreRefusedException(
                        "the archive at " + config.url() + " speaks protocol " + protocol.get()
                                + ", and this client 1: deploy the Worker that comes with the client",
                        null);
            }
            return Duration.ofMillis(Long.parseLong(now.get()) - clock.millis());
        }
        throw failure("the archive", answer);
    }

    @Override
    public String name() {
        return "durable-objects";
    }

    @Override
    public ArchiveLimits limits() {
        return LIMITS;
    }

    @Override
    public void store(ArchiveBatch batch) {
        checkOpen();
        LIMITS.check(batch);
        String what = what(batch.database(), batch.id());
        if (batch.rows() > MAX_ROWS) {
            throw new ArchiveException(
                    ArchiveException.Kind.TOO_LARGE,
                    what + " has " + batch.rows() + " rows, and at most " + MAX_ROWS + " are taken; nothing was stored",
                    null);
        }
        byte[] encoded = batch.encoded();
        String path = path(batch.database(), batch.id());
        Answer answer = worker.repeating(before -> {
            // The batch may be there already, and to ask is cheaper than to send it once more.
            if (before instanceof Answer.Unclear) {
                Answer there = worker.send(GET, path + "/info", null, MAX_JSON);
                if (!(there instanceof Answer.Refused refused) || refused.code() != ErrorCode.NO_BATCH) {
                    return there;
                }
            }
            return worker.send(PUT, path, encoded, MAX_JSON);
        });
        if (!(answer instanceof Answer.Done done)) {
            throw failure(what, answer);
        }
        String digest = WorkerJson.member(done.body(), "digest").orElseThrow(() -> notTheWorker(what));
        if (!digest.equals(batch.digest())) {
            throw otherContent(what, digest);
        }
    }

    @Override
    public Optional<ArchiveBatch> load(DatabaseId database, BatchId id) {
        checkOpen();
        String what = what(database, id);
        Answer answer = repeating(GET, path(database, id), LIMITS.maxBatchBytes());
        if (answer instanceof Answer.Refused refused && refused.code() == ErrorCode.NO_BATCH) {
            return Optional.empty();
        }
        if (!(answer instanceof Answer.Done done)) {
            throw failure(what, answer);
        }
        if (done.digest() == null) {
            throw notTheWorker(what);
        }
        ArchiveBatch batch = ArchiveBatch.decode(done.body());
        if (!batch.database().equals(database) || !batch.id().equals(id)) {
            throw new CorruptException(
                    CorruptException.Kind.ARCHIVE, what + ": the archive answered with " + batch, null);
        }
        return Optional.of(batch);
    }

    @Override
    public List<BatchInfo> list(DatabaseId database, Optional<BatchId> after, int limit) {
        checkOpen();
        if (limit < 1 || limit > MAX_PAGE) {
            throw new IllegalArgumentException("limit must be from 1 to " + MAX_PAGE + ": " + limit);
        }
        String what = "database " + database;
        String query =
                "/batches?limit=" + limit + after.map(id -> "&after=" + id).orElse("");
        Answer answer = repeating(GET, path(database) + query, MAX_JSON);
        if (answer instanceof Answer.Done done) {
            return WorkerJson.batches(done.body()).orElseThrow(() -> notTheWorker(what));
        }
        throw failure(what, answer);
    }

    /** As {@link ArchiveTier} says; true as well if an attempt without an answer may have removed it. */
    @Override
    public boolean remove(DatabaseId database, BatchId id) {
        checkOpen();
        String what = what(database, id);
        AtomicBoolean unclear = new AtomicBoolean();
        Answer answer = worker.repeating(before -> {
            unclear.compareAndSet(false, before instanceof Answer.Unclear);
            return worker.send(DELETE, path(database, id), null, MAX_JSON);
        });
        if (answer instanceof Answer.Done done) {
            String removed = WorkerJson.member(done.body(), "removed").orElseThrow(() -> notTheWorker(what));
            return removed.equals(TRUE) || unclear.get();
        }
        throw failure(what, answer);
    }

    /** One request for each {@value #MAX_REMOVED}, more if they are large. */
    @Override
    public void removeAll(DatabaseId database, Collection<BatchId> ids) {
        checkOpen();
        List<BatchId> all = ids.stream().distinct().toList();
        for (int from = 0; from < all.size(); from += MAX_REMOVED) {
            List<BatchId> some = all.subList(from, Math.min(all.size(), from + MAX_REMOVED));
            byte[] body = some.stream()
                    .map(id -> '"' + id.value() + '"')
                    .collect(Collectors.joining(",", "{\"batches\":[", "]}"))
                    .getBytes(StandardCharsets.US_ASCII);
            untilDone("database " + database, POST, path(database) + "/batches/remove", body);
        }
    }

    @Override
    public void erase(DatabaseId database) {
        checkOpen();
        untilDone("database " + database, DELETE, path(database), null);
    }

    /** Removes everything of a user, of all databases, for good; goes on where it was broken off when it is called again. */
    public void erase(UserId user) {
        checkOpen();
        untilDone("user " + user.encoded(), DELETE, path(user), null);
    }

    /** The Worker removes a part with each request. */
    private void untilDone(String what, String method, String path, byte @Nullable [] body) {
        boolean done = false;
        while (!done) {
            Answer answer = worker.repeating(before -> worker.send(method, path, body, MAX_JSON));
            if (!(answer instanceof Answer.Done one)) {
                throw failure(what, answer);
            }
            done = WorkerJson.member(one.body(), "done")
                    .orElseThrow(() -> notTheWorker(what))
                    .equals(TRUE);
        }
    }

    /** Later calls fail; the ones under way end as they would have. */
    @Override
    public void close() {
        closed = true;
    }

    @Override
    public String toString() {
        return "archive at " + config.url();
    }

    private Answer repeating(String method, String path, long most) {
        return worker.repeating(before -> worker.send(method, path, null, most));
    }

    private void checkOpen() {
        if (closed) {
            throw new ClosedException("the archive at " + config.url() + " has been closed", null);
        }
    }

    private SatchelException failure(String what, Answer answer) {
        if (answer instanceof Answer.Refused refused) {
            return refusal(what, refused);
        }
        Answer.Unclear unclear = (Answer.Unclear) answer;
        String message = what + ": the archive at " + config.url() + " gave no answer: " + unclear.what();
        boolean interrupted = unclear.cause() instanceof InterruptedException;
        return unclear.retryable() || interrupted
                ? new UnavailableException(message + "; what was asked may have been done, ask again", unclear.cause())
                : new StoreRefusedException(message + "; check its URL", unclear.cause());
    }

    private SatchelException refusal(String what, Answer.Refused refused) {
        String message = what + ": the archive at " + config.url() + " refused: ";
        return switch (refused.code()) {
            case OTHER_CONTENT ->
                new ArchiveException(ArchiveException.Kind.OTHER_CONTENT, message + refused.message(), null);
            case TOO_LARGE -> new ArchiveException(ArchiveException.Kind.TOO_LARGE, message + refused.message(), null);
            case CLOCK_SKEW -> new StoreRefusedException(message + skew(refused), null);
            case UNAUTHORIZED ->
                new StoreRefusedException(
                        message + "the key is not the Worker's ARCHIVE_KEY (" + refused.message() + ")", null);
            case SUPERSEDED, OVERLOADED, INTERNAL -> new UnavailableException(message + refused.message(), null);
            default -> new StoreRefusedException(message + refused.message(), null);
        };
    }

    private static String skew(Answer.Refused refused) {
        Duration behind = Duration.ofMillis(refused.now() - refused.time());
        return "the clock of this machine is " + behind.abs().toSeconds() + " s "
                + (behind.isNegative() ? "ahead of" : "behind") + " the Worker's; synchronise it (NTP)";
    }

    private ArchiveException otherContent(String what, String digest) {
        return new ArchiveException(
                ArchiveException.Kind.OTHER_CONTENT,
                what + " is in the archive at " + config.url() + " with other content, digest " + digest,
                null);
    }

    private StoreRefusedException notTheWorker(String what) {
        return new StoreRefusedException(
                what + ": what answers at " + config.url() + " is not Satchel's Worker, or of another version", null);
    }

    private static String what(DatabaseId database, BatchId id) {
        return "database " + database + ": batch " + id;
    }

    private static String path(DatabaseId database, BatchId id) {
        return path(database) + "/batches/" + id;
    }

    private static String path(DatabaseId database) {
        return path(database.user()) + "/databases/" + segment(database.encodedName());
    }

    private static String path(UserId user) {
        return "/v1/users/" + segment(user.encoded());
    }

    /** Of characters that nothing on the way rewrites; {@code pathName} of the Worker does the same. */
    private static String segment(String encoded) {
        return encoded.replace("%", "~").replace("@", "~40").replace("+", "~2b");
    }
}
