package dev.satchel.cli;

import java.io.PrintStream;

/** One line on standard error that says what is being done, if somebody watches; gone when it is closed. Confined to one thread. */
final class StatusLine implements AutoCloseable {
    private static final String CLEARED = "\r\u001b[K";

    private final PrintStream terminal = System.err;
    private final boolean wanted;

    StatusLine(boolean wanted) {
        this.wanted = wanted;
    }

    /** Replaces what is shown. */
    void show(String what) {
        if (wanted) {
            terminal.print(CLEARED + what + " ...");
            terminal.flush();
        }
    }

    @Override
    public void close() {
        if (wanted) {
            terminal.print(CLEARED);
            terminal.flush();
        }
    }
}
