package dev.satchel.testkit.exploration;

import dev.satchel.testkit.Operation;
import org.jspecify.annotations.Nullable;

/**
 * One step of a schedule: a request, by whom, and what becomes of it; or the beginning of a unit of work.
 *
 * @param actor the node, or the late request, that moves
 * @param operation what is asked; null if a unit of work begins
 * @param key of what; of a listing the prefix
 * @param outcome what becomes of it
 */
record Move(String actor, @Nullable Operation operation, String key, Outcome outcome) {

    boolean begins() {
        return operation == null;
    }

    /** Whether what one of two moves, one directly after the other, does to the store can make a difference to the other. */
    boolean meets(Move other) {
        return actor.equals(other.actor) || disturbs(other) || other.disturbs(this);
    }

    private boolean disturbs(Move other) {
        return changes() && other.outcome.isEffective() && isIn(other);
    }

    private boolean changes() {
        return outcome.isEffective() && (operation == Operation.PUT || operation == Operation.DELETE);
    }

    private boolean isIn(Move other) {
        return other.operation == Operation.LIST ? key.startsWith(other.key) : key.equals(other.key);
    }

    @Override
    public String toString() {
        return actor + (begins() ? " begins" : " " + operation + " " + key) + (outcome.isFault() ? " " + outcome : "");
    }
}
