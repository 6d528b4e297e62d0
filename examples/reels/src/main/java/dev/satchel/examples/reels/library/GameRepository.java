package dev.satchel.examples.reels.library;

import dev.satchel.examples.reels.web.NoSuchThingException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** Games in the current user's database. Thread-safe. */
@Repository
class GameRepository {
    private static final String SELECT = """
            SELECT id, name, created_at, (SELECT count(*) FROM projects WHERE game_id = games.id) AS projects
            FROM games""";

    private final JdbcClient jdbc;
    private final InstantSource clock;

    GameRepository(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    List<Game> all() {
        return jdbc.sql(SELECT + " ORDER BY id").query(GameRepository::game).list();
    }

    Game get(long id) {
        return jdbc.sql(SELECT + " WHERE id = ?")
                .param(id)
                .query(GameRepository::game)
                .optional()
                .orElseThrow(() -> missing(id));
    }

    Game add(String name) {
        return jdbc.sql(
                        "INSERT INTO games (name, created_at) VALUES (?, ?) RETURNING id, name, created_at, 0 AS projects")
                .params(name, clock.millis())
                .query(GameRepository::game)
                .single();
    }

    Game rename(long id, String name) {
        jdbc.sql("UPDATE games SET name = :name WHERE id = :id AND name <> :name")
                .param("name", name)
                .param("id", id)
                .update();
        return get(id);
    }

    /** Removes a game; its projects stay, without a game. */
    @Transactional
    void remove(long id) {
        jdbc.sql("UPDATE projects SET game_id = NULL WHERE game_id = ?")
                .param(id)
                .update();
        if (jdbc.sql("DELETE FROM games WHERE id = ?").param(id).update() == 0) {
            throw missing(id);
        }
    }

    private static NoSuchThingException missing(long id) {
        return new NoSuchThingException("game", id);
    }

    private static Game game(ResultSet row, int number) throws SQLException {
        return new Game(
                row.getLong("id"),
                row.getString("name"),
                row.getInt("projects"),
                Instant.ofEpochMilli(row.getLong("created_at")));
    }
}
