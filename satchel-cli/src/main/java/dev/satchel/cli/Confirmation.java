package dev.satchel.cli;

import java.io.Console;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Asks before something is done that somebody may regret. */
final class Confirmation {
    @Option(names = "--yes", description = "Do not ask. Needed where nobody can be asked, and with --json.")
    private boolean yes;

    /**
     * Asks on the terminal, unless told not to.
     *
     * @param question what is about to happen
     * @param somebodyThere whether there is somebody to ask
     * @throws FailedException if the answer is no, or there is nobody to ask
     */
    void require(String question, boolean somebodyThere) {
        if (yes) {
            return;
        }
        Console console = somebodyThere ? System.console() : null;
        if (console == null) {
            throw new FailedException("nothing was done: " + question + " Say so with --yes");
        }
        String answer = console.readLine("%s [y/N] ", question);
        if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
            throw new FailedException("nothing was done");
        }
    }

    /** Whether nobody is to be asked. */
    boolean given() {
        return yes;
    }

    /** Asks on the terminal whether to go on with what has begun, unless told not to; no if there is nobody to ask. */
    boolean ask(String question, boolean somebodyThere) {
        if (yes) {
            return true;
        }
        Console console = somebodyThere ? System.console() : null;
        String answer = console == null ? null : console.readLine("%s [y/N] ", question);
        return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
    }

    /**
     * Has a word typed on the terminal, unless told not to ask.
     *
     * @param what is about to happen
     * @throws FailedException if it is another word, or there is nobody to ask
     */
    void requireWord(String what, String word, boolean somebodyThere) {
        if (yes) {
            return;
        }
        Console console = somebodyThere ? System.console() : null;
        if (console == null) {
            throw new FailedException("nothing was done: " + what + " Say so with --yes");
        }
        String answer = console.readLine("%s%nType %s to go on: ", what, word);
        if (answer == null || !answer.strip().equals(word)) {
            throw new FailedException("nothing was done");
        }
    }
}
