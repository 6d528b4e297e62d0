package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.SessionResult;
import jakarta.servlet.http.HttpServletRequest;

/** Told of answers: for metrics, and for the user's other pages. Thread-safe, quick, never throws. */
public interface SyncObserver {
    /** Tells nobody. */
    SyncObserver NONE = new SyncObserver() {};

    /** An answer outgrew the response buffer, or was streamed: its headers tell of the state when it began to leave. */
    default void answerLeftEarly() {}

    /** The end of an answer that had begun to leave could not be made durable; the connection was broken off. */
    default void answerBrokenOff() {}

    /** A request's session ended well; its answer leaves next. */
    default void saved(HttpServletRequest request, DatabaseId database, SessionResult result) {}
}
