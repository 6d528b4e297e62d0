package dev.satchel.examples.reels.library;

import dev.satchel.examples.reels.web.InputCheck;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A project as a client sends it.
 *
 * @param gameId the game it belongs to; {@code null} for none, and left as it is when not sent at all
 */
record ProjectInput(@Nullable String name, @Nullable JsonNode gameId) {

    /** Whether the client said anything about the game. */
    boolean saysGame() {
        return gameId != null;
    }

    /** The game's id, or null for none. */
    @Nullable
    Long game(InputCheck check) {
        if (gameId == null
                || gameId.isNull()
                || !check.require(
                        gameId.isIntegralNumber() && gameId.canConvertToLong(),
                        "gameId",
                        "The game is named by its id, a whole number.")) {
            return null;
        }
        return gameId.longValue();
    }
}
