package dev.satchel.examples.reels.library;

import dev.satchel.examples.reels.web.InvalidInputException;
import dev.satchel.examples.reels.web.NoSuchThingException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** Projects in the current user's database. Thread-safe. */
@Repository
class ProjectRepository {
    private static final String SELECT = """
        SELECT id, name, game_id, created_at, updated_at, completed_at,
               (SELECT count(*) FROM working_clips WHERE project_id = projects.id) AS clips
        FROM projects\
        """;

    private final JdbcClient jdbc;
    private final InstantSource clock;

    ProjectRepository(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    List<Project> all() {
        return jdbc.sql(SELECT + " ORDER BY id")
                .query(ProjectRepository::project)
                .list();
    }

    Project get(long id) {
        return jdbc.sql(SELECT + " WHERE id = ?")
                .param(id)
                .query(ProjectRepository::project)
                .optional()
                .orElseThrow(() -> missing(id));
    }

    Project add(String name, @Nullable Long game) {
        return jdbc.sql("""
            INSERT INTO projects (name, game_id, created_at, updated_at)
            SELECT :name, :game, :now, :now
            WHERE :game IS NULL OR EXISTS (SELECT 1 FROM games WHERE id = :game)
            RETURNING id, name, game_id, created_at, updated_at, completed_at, 0 AS clips\
            """)
                .param("name", name)
                .param("game", game)
                .param("now", clock.millis())
                .query(ProjectRepository::project)
                .optional()
                .orElseThrow(ProjectRepository::noSuchGame);
    }

    /** Renames it; a name that is the same changes nothing, and so costs no upload. */
    Project change(long id, String name) {
        jdbc.sql("UPDATE projects SET name = :name, updated_at = :now WHERE id = :id AND name <> :name")
                .param("name", name)
                .param("now", clock.millis())
                .param("id", id)
                .update();
        return get(id);
    }

    /** Renames it and says which game it belongs to. */
    Project change(long id, String name, @Nullable Long game) {
        int changed = jdbc.sql("""
            UPDATE projects SET name = :name, game_id = :game, updated_at = :now
            WHERE id = :id AND (name, game_id) IS NOT (:name, :game)
              AND (:game IS NULL OR EXISTS (SELECT 1 FROM games WHERE id = :game))\
            """)
                .param("name", name)
                .param("game", game)
                .param("now", clock.millis())
                .param("id", id)
                .update();
        Project project = get(id);
        if (changed == 0 && game != null && !game.equals(project.gameId())) {
            throw noSuchGame();
        }
        return project;
    }

    /** Says that it is completed, or that it is not; what is so already changes nothing. */
    Project complete(long id, boolean completed) {
        jdbc.sql("""
            UPDATE projects SET completed_at = iif(:completed, :now, NULL)
            WHERE id = :id AND (completed_at IS NOT NULL) <> :completed\
            """)
                .param("completed", completed)
                .param("now", clock.millis())
                .param("id", id)
                .update();
        return get(id);
    }

    /** Removes a project and its clips. */
    @Transactional
    void remove(long id) {
        jdbc.sql("DELETE FROM working_clips WHERE project_id = ?").param(id).update();
        if (jdbc.sql("DELETE FROM projects WHERE id = ?").param(id).update() == 0) {
            throw missing(id);
        }
    }

    static NoSuchThingException missing(long id) {
        return new NoSuchThingException("project", id);
    }

    private static InvalidInputException noSuchGame() {
        return new InvalidInputException("gameId", "There is no such game.");
    }

    private static Project project(ResultSet row, int number) throws SQLException {
        long gameId = row.getLong("game_id");
        @Nullable Long game = row.wasNull() ? null : gameId;
        long completedAt = row.getLong("completed_at");
        @Nullable Instant completed = row.wasNull() ? null : Instant.ofEpochMilli(completedAt);
        return new Project(
                row.getLong("id"),
                row.getString("name"),
                game,
                row.getInt("clips"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                Instant.ofEpochMilli(row.getLong("updated_at")),
                completed);
    }
}
