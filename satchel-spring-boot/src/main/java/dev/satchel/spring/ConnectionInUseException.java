package dev.satchel.spring;

/** A unit of work cannot pause since one of its connections is in use. */
public final class ConnectionInUseException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ConnectionInUseException() {
        super("a connection of the session is in use: close it first");
    }
}
