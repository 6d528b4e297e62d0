package dev.satchel.cli;

/** What the command says to the shell. */
final class ExitCode {
    static final int OK = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;
    static final int NOT_FOUND = 3;
    static final int STORE = 4;
    static final int CONFLICT = 5;
    static final int DAMAGED = 6;

    private ExitCode() {}
}
