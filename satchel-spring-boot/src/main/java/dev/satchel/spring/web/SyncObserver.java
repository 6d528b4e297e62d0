package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.SessionResult;
import jakarta.servlet.http.HttpServletRequest;

/** Told of answers of servlet applications: for metrics, and for the user's other pages. Thread-safe, quick, never throws. */
public interface SyncObserver extends AnswerObserver {
    /** Tells nobody. */
    SyncObserver NONE = new SyncObserver() {};

    /** A request's session ended well; its answer leaves next. */
    default void saved(HttpServletRequest request, DatabaseId database, SessionResult result) {}
}
