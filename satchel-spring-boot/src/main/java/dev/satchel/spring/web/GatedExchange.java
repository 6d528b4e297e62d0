package dev.satchel.spring.web;

import dev.satchel.ConflictException;
import dev.satchel.SatchelException;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.internal.Problem;
import dev.satchel.spring.internal.Refusal;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request with its unit of work and its answer, from the first dispatch to the last. Ends once: by the dispatch after which
 * nothing asynchronous is going on, by {@code AsyncContext.complete()}, or by the container's notice that the request is over.
 * Work on another thread, such as a streaming body, may not have noticed by then that its client is gone or its time is up: its
 * unit then ends when the work does, and what is answered instead has a unit of its own.
 */
final class GatedExchange implements GatedResponse.Gate {
    private static final Logger log = LoggerFactory.getLogger(GatedExchange.class);
    /** How an exchange of the same request ended that the container answers with an error page. */
    private static final String FAILED_ATTRIBUTE = GatedExchange.class.getName() + ".failed";

    private final Supplier<UnitOfWork> units;
    private final HttpServletRequest request;
    private final GatedResponse response;
    private final SyncObserver observer;
    private final Function<UnitOfWork, Optional<Version>> known;
    private final Bookmarks bookmarks;
    private final String logName;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<Work> work = new AtomicReference<>(Work.NONE);
    private final AtomicBoolean leftEarly = new AtomicBoolean();
    private volatile UnitOfWork unit;
    private volatile boolean over;
    private volatile @Nullable Thread worker;
    private volatile @Nullable Exception broken;

    /** Whether the application works for the request on a thread of its own. */
    private enum Work {
        /** No. */
        NONE,
        /** Yes, and the request waits for it. */
        AWAITED,
        /** Yes, and the request is over. */
        OUTLIVING
    }

    /**
     * Begins an exchange.
     *
     * @param units makes a unit of the request; the first is made now
     * @param limit how many bytes of the answer are held at most
     * @param known what this machine knows of a unit's version without asking anybody
     * @param bookmarks told what the answer shows
     * @param logName how logs call the database
     */
    GatedExchange(
            HttpServletRequest request,
            HttpServletResponse response,
            Supplier<UnitOfWork> units,
            int limit,
            SyncObserver observer,
            Function<UnitOfWork, Optional<Version>> known,
            Bookmarks bookmarks,
            String logName) {
        this.units = units;
        this.unit = units.get();
        this.request = request;
        this.response = new GatedResponse(request, response, limit, this);
        this.observer = observer;
        this.known = known;
        this.bookmarks = bookmarks;
        this.logName = logName;
    }

    GatedResponse response() {
        return response;
    }

    /** Work on another thread begins, for the unit. */
    UnitOfWork workBegins() {
        worker = Thread.currentThread();
        work.compareAndSet(Work.NONE, Work.AWAITED);
        return unit;
    }

    /**
     * It has ended, and so does its unit if the request has not waited. If it has, what was committed is published already: a
     * container whose client is gone may take its time to say so. Spring interrupts work that is not wanted any more, which is no
     * reason not to publish what it has committed.
     */
    void workEnds(UnitOfWork worked) {
        boolean interrupted = Thread.interrupted();
        try {
            if (work.getAndSet(Work.NONE) == Work.OUTLIVING) {
                completeUnanswered(worked);
            } else {
                pause();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A dispatch begins. If there is still work on another thread, it is the answer that its time is up, or that it is not wanted. */
    UnitOfWork dispatchBegins() {
        if (work.compareAndSet(Work.AWAITED, Work.OUTLIVING)) {
            unit = units.get();
        }
        return unit;
    }

    /** To work that the request waits for no more it is over, although something else is being answered. */
    @Override
    public boolean isOver() {
        return over || (work.get() == Work.OUTLIVING && Thread.currentThread().equals(worker));
    }

    /** The answer has an end that cannot be sent: the next dispatch fails, and so the container breaks the connection off. */
    void breakOff(Exception reason) {
        broken = reason;
    }

    /** Throws if the answer is to be broken off. */
    void requireUnbroken() throws ServletException {
        Exception reason = broken;
        if (reason != null) {
            throw new ServletException("the end of an answer could not be sent", reason);
        }
    }

    @Override
    public void beforeBytesLeave() {
        Optional<SessionResult> result = makeDurable();
        if (result.isPresent() && !response.isOpen()) {
            setHeaders(result.get());
        }
        if (unit.isUsed() && leftEarly.compareAndSet(false, true)) {
            observer.answerLeftEarly();
            log.debug("answer leaves before its end database={}", logName);
        }
    }

    /**
     * Publishes what has been committed so far and lets go of the database, while the request waits for something else. A failure
     * is kept and told at the end.
     */
    void pause() {
        try {
            unit.pauseIfIdle();
        } catch (SatchelException e) {
            log.debug("publish failed while the request goes on asynchronously database={}", logName, e);
        }
    }

    /**
     * Ends the request normally: completes the unit, then lets the answer go or puts a problem in its place.
     *
     * @throws ServletException if the answer has begun to leave and its rest cannot: the container breaks the connection off
     */
    void finish() throws IOException, ServletException {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        Optional<SessionResult> result;
        try {
            result = unit.complete();
        } catch (SatchelException e) {
            refuse(e);
            return;
        } catch (RuntimeException e) {
            response.discard();
            throw e;
        }
        Optional<SatchelException> earlier = unit.failure();
        if (earlier.isPresent()) {
            refuse(earlier.get());
            return;
        }
        result.ifPresent(saved -> observer.saved(request, unit.database(), saved));
        if (!response.isOpen()) {
            result.ifPresent(this::setHeaders);
        }
        response.release();
    }

    /**
     * Ends a request whose handler failed. What it had committed is published all the same. A failure of the engine becomes a
     * problem; of any other, the answer is left to the container.
     *
     * @return whether the failure has been answered; otherwise the caller throws it on
     */
    boolean finishFailed(Throwable failure) throws IOException {
        if (!ended.compareAndSet(false, true)) {
            return false;
        }
        Optional<SessionResult> result;
        RuntimeException own;
        try {
            result = unit.complete();
            own = unit.failure().orElse(null);
        } catch (RuntimeException e) {
            own = e;
            result = unit.complete(); // What its sessions before the one that failed came to.
        }
        if (response.isOpen()) {
            observer.answerBrokenOff();
        } else {
            Optional<SatchelException> cause = Problem.causeOf(failure, unit.isUsed());
            Optional<SatchelException> engine = Problem.causeOf(own, false).or(() -> cause);
            if (engine.isPresent() && cause.isPresent()) {
                answer(engine.get(), result);
                return true;
            }
            if (engine.isPresent()) {
                Refusal.headersOf(engine.get(), this::knownVersion).forEach(response::setHeader);
                request.setAttribute(FAILED_ATTRIBUTE, engine.get().status());
            } else {
                result.ifPresent(this::setHeaders);
            }
        }
        response.discard();
        if (own != null && !own.equals(failure)) {
            failure.addSuppressed(own);
        }
        return false;
    }

    /** Ends a request of which the container says that it is over; nothing can be answered any more. */
    void abandon() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        over = true;
        if (work.compareAndSet(Work.AWAITED, Work.OUTLIVING)) {
            return;
        }
        response.discard();
        completeUnanswered(unit);
    }

    private void completeUnanswered(UnitOfWork unanswered) {
        RuntimeException failure;
        try {
            unanswered.complete();
            failure = unanswered.failure().orElse(null); // An earlier one, which an answer would have told.
        } catch (RuntimeException e) {
            failure = e;
        }
        if (failure != null) {
            log.warn("publish failed after the answer of a request had ended database={}", logName, failure);
        }
    }

    private Optional<SessionResult> makeDurable() {
        try {
            return unit.pause();
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    "the answer is longer than satchel.response-buffer, or was flushed, while a database connection is in use:"
                            + " what it reveals cannot be made durable first. Read the rows and close the connection or end"
                            + " the transaction before writing the answer, or raise satchel.response-buffer",
                    e);
        }
    }

    private void refuse(SatchelException e) throws IOException, ServletException {
        if (response.isOpen()) {
            observer.answerBrokenOff();
            response.discard();
            throw new ServletException("the end of an answer that had begun to leave could not be made durable", e);
        }
        Optional<SessionResult> earlier = unit.complete(); // What its sessions before the one that failed came to.
        answer(e, earlier);
    }

    /**
     * Answers with a problem.
     *
     * @param result what the sessions came to that ended well: what they committed is saved although another one failed
     */
    private void answer(SatchelException e, Optional<SessionResult> result) throws IOException {
        Refusal refusal = Refusal.of(e, result, this::knownVersion);
        int status = refusal.problem().status();
        response.replace(refusal);
        if (e instanceof ConflictException) {
            log.debug("answered with a problem database={} status={}", logName, status, e);
        } else {
            log.warn("answered with a problem database={} status={} cause={}", logName, status, e.toString());
        }
    }

    /** Empty if the failure must be that of another user's database, which the handler used by itself. */
    private Optional<Version> knownVersion() {
        return unit.isUsed() ? known.apply(unit) : Optional.empty();
    }

    private void setHeaders(SessionResult result) {
        // An error page may use the database, and its own success changes nothing.
        SyncStatus status =
                request.getAttribute(FAILED_ATTRIBUTE) instanceof SyncStatus failed ? failed : result.status();
        response.setHeader(SyncHeaders.STATUS, status.token());
        response.setHeader(SyncHeaders.VERSION, result.version().toString());
        response.setHeader(
                SyncHeaders.SHOWN,
                result.version().isAfter(result.shown()) ? result.shown().toString() : null);
        bookmarks.write(request, response, unit.database(), result);
    }
}
