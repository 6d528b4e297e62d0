package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.Version;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One browser that listens. Everything but {@link #gone()} and {@link #isGone()} runs on the dispatcher's thread, so there is nothing
 * to lock; what is sent never blocks, and what cannot be sent at once waits here, up to {@link #WAITING} messages.
 */
abstract class EventConnection {
    /** How many messages wait for a consumer that does not read. Beyond that it is dropped, and may resume. */
    static final int WAITING = 256;

    /** Why a connection is closed by this side. */
    enum Closing {
        /** The consumer does not read what it is sent: try again later. */
        SLOW(1013, "too slow, connect again with the last version"),
        /** All places were taken meanwhile. */
        CROWDED(1013, "too many connections"),
        /** Connections are renewed from time to time, so that a user who has lost their rights loses them here too. */
        LIFETIME(1012, "connect again"),
        /** This node stops. */
        STOPPING(1001, "this node stops, connect again");

        final int code;
        final String text;

        Closing(int code, String text) {
            this.code = code;
            this.text = text;
        }
    }

    private final DatabaseId database;
    private final long openedNanos;
    private final Executor dispatcher;
    private final Deque<EventMessage> waiting = new ArrayDeque<>();
    private boolean greeted;
    private @Nullable Version heardOf;
    private @Nullable Closing closing;
    private volatile boolean gone;

    EventConnection(DatabaseId database, long openedNanos, Executor dispatcher) {
        this.database = database;
        this.openedNanos = openedNanos;
        this.dispatcher = dispatcher;
    }

    final DatabaseId database() {
        return database;
    }

    final long openedNanos() {
        return openedNanos;
    }

    /** Says the first message; what has happened meanwhile follows. */
    final void greet(EventMessage current) {
        if (!greeted) {
            greeted = true;
            heard(current);
            waiting.addFirst(current);
            drain();
        }
    }

    /** Sends a message now or when there is room; returns whether the consumer keeps up. */
    final boolean offer(EventMessage message) {
        if (gone || closing != null) {
            return true;
        }
        if (waiting.size() >= WAITING) {
            return false;
        }
        heard(message);
        waiting.add(message);
        drain();
        return true;
    }

    /** Whether the consumer was sent a version that is at least as new. */
    final boolean hasHeardOf(Version version) {
        return heardOf != null && !version.isAfter(heardOf);
    }

    private void heard(EventMessage message) {
        Version version = message.version();
        if (version != null && !hasHeardOf(version)) {
            heardOf = version;
        }
    }

    /** Forgets what waits, and closes the connection after the message that is on its way. */
    final void close(Closing reason) {
        if (!gone && closing == null) {
            closing = reason;
            waiting.clear();
            drain();
        }
    }

    /** Sends as much as can be sent without waiting. */
    final void drain() {
        if (gone || !(greeted || closing != null)) {
            return;
        }
        while (!waiting.isEmpty() && isReady()) {
            write(waiting.remove());
        }
        if (closing != null && !gone && isReady()) {
            gone();
            shut(closing);
        }
    }

    /** Nothing more can be sent; on any thread. */
    final void gone() {
        gone = true;
    }

    final boolean isGone() {
        return gone;
    }

    /** Runs something on the dispatcher's thread, unless that has ended. */
    final void onDispatcher(Runnable work) {
        try {
            dispatcher.execute(work);
        } catch (RejectedExecutionException e) {
            gone();
        }
    }

    /** Whether a message can be written without waiting. If not, {@link #drain()} is called when it can. */
    abstract boolean isReady();

    /** Begins to send a message. */
    abstract void write(EventMessage message);

    /** Ends the connection, without blocking. */
    abstract void shut(Closing reason);
}
