package dev.satchel.examples.reels.library;

import dev.satchel.examples.reels.library.ClipInput.ClipChange;
import dev.satchel.examples.reels.library.ClipInput.NewClip;
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
import tools.jackson.databind.json.JsonMapper;

/**
 * Clips in the current user's database: source and crop as JSON, in and out as numbers, segments as a BLOB. Thread-safe.
 */
@Repository
class ClipRepository {
    private static final String COLUMNS =
            "id, project_id, position, name, source, crop, in_ms, out_ms, segments, created_at, updated_at";

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final InstantSource clock;

    ClipRepository(JdbcClient jdbc, JsonMapper json, InstantSource clock) {
        this.jdbc = jdbc;
        this.json = json;
        this.clock = clock;
    }

    List<Clip> ofProject(long project) {
        List<Clip> clips = jdbc.sql(
                        "SELECT " + COLUMNS + " FROM working_clips WHERE project_id = ? ORDER BY position, id")
                .param(project)
                .query(this::clip)
                .list();
        if (clips.isEmpty()
                && jdbc.sql("SELECT 1 FROM projects WHERE id = ?")
                        .param(project)
                        .query(Integer.class)
                        .optional()
                        .isEmpty()) {
            throw ProjectRepository.missing(project);
        }
        return clips;
    }

    Clip get(long id) {
        return jdbc.sql("SELECT " + COLUMNS + " FROM working_clips WHERE id = ?")
                .param(id)
                .query(this::clip)
                .optional()
                .orElseThrow(() -> missing(id));
    }

    /** Adds a clip at the end of a project. */
    @Transactional
    Clip add(long project, NewClip clip) {
        long now = clock.millis();
        touch(project, now);
        return jdbc.sql("""
                        INSERT INTO working_clips
                          (project_id, position, name, source, crop, in_ms, out_ms, segments, created_at, updated_at)
                        SELECT :project, coalesce(max(position), 0) + 1, :name, :source, :crop, :in, :out, :segments,
                               :now, :now
                        FROM working_clips WHERE project_id = :project
                        RETURNING
                        """ + COLUMNS)
                .param("project", project)
                .param("name", clip.name())
                .param("source", json.writeValueAsString(clip.source()))
                .param("crop", json.writeValueAsString(clip.crop()))
                .param("in", clip.timing().inMs())
                .param("out", clip.timing().outMs())
                .param("segments", SegmentCodec.encode(clip.timing().segments()))
                .param("now", now)
                .query(this::clip)
                .single();
    }

    /** Changes a clip; a change to what it already is changes nothing, and so costs no upload. */
    @Transactional
    Clip change(long id, ClipChange change) {
        Timing timing = change.timing();
        long now = clock.millis();
        int changed = jdbc.sql("""
                        UPDATE working_clips AS c
                        SET name = n.name, crop = n.crop, in_ms = n.in_ms, out_ms = n.out_ms, segments = n.segments,
                            updated_at = :now
                        FROM (SELECT id, coalesce(:name, name) AS name, coalesce(:crop, crop) AS crop,
                                     coalesce(:in, in_ms) AS in_ms, coalesce(:out, out_ms) AS out_ms,
                                     coalesce(:segments, segments) AS segments
                              FROM working_clips WHERE id = :id) AS n
                        WHERE c.id = n.id AND (c.name, c.crop, c.in_ms, c.out_ms, c.segments)
                                       IS NOT (n.name, n.crop, n.in_ms, n.out_ms, n.segments)""")
                .param("id", id)
                .param("name", change.name())
                .param("crop", change.crop() == null ? null : json.writeValueAsString(change.crop()))
                .param("in", timing == null ? null : timing.inMs())
                .param("out", timing == null ? null : timing.outMs())
                .param("segments", timing == null ? null : SegmentCodec.encode(timing.segments()))
                .param("now", now)
                .update();
        Clip clip = get(id);
        if (changed > 0) {
            touch(clip.projectId(), now);
        }
        return clip;
    }

    /** Removes a clip. */
    @Transactional
    void remove(long id) {
        long project = jdbc.sql("DELETE FROM working_clips WHERE id = ? RETURNING project_id")
                .param(id)
                .query(Long.class)
                .optional()
                .orElseThrow(() -> missing(id));
        touch(project, clock.millis());
    }

    private void touch(long project, long now) {
        if (jdbc.sql("UPDATE projects SET updated_at = ? WHERE id = ?")
                        .params(now, project)
                        .update()
                == 0) {
            throw ProjectRepository.missing(project);
        }
    }

    private static NoSuchThingException missing(long id) {
        return new NoSuchThingException("clip", id);
    }

    private Clip clip(ResultSet row, int number) throws SQLException {
        byte @Nullable [] segments = row.getBytes("segments");
        int in = row.getInt("in_ms");
        int out = row.getInt("out_ms");
        return new Clip(
                row.getLong("id"),
                row.getLong("project_id"),
                row.getInt("position"),
                row.getString("name"),
                json.readValue(row.getString("source"), Source.class),
                json.readValue(row.getString("crop"), Crop.class),
                segments == null ? Timing.plain(in, out) : new Timing(in, out, SegmentCodec.decode(segments)),
                Instant.ofEpochMilli(row.getLong("created_at")),
                Instant.ofEpochMilli(row.getLong("updated_at")));
    }
}
