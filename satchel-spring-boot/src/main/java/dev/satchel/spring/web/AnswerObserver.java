package dev.satchel.spring.web;

/** Told of answers at the output gate, for metrics. Thread-safe, quick, never throws. */
public interface AnswerObserver {
    /** Tells nobody. */
    AnswerObserver NONE = new AnswerObserver() {};

    /** An answer outgrew the response buffer, or was streamed: its headers tell of the state when it began to leave. */
    default void answerLeftEarly() {}

    /** The end of an answer that had begun to leave could not be made durable; the connection was broken off. */
    default void answerBrokenOff() {}
}
