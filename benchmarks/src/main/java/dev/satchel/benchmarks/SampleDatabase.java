package dev.satchel.benchmarks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;

/**
 * A video editor's library: games with clips, projects with crops, rendered videos with highlights. Rows, indexes and blobs are
 * of the sizes that real ones have, and so compress as those do. The same size gives the same rows.
 */
final class SampleDatabase {
    static final String SELECT_PROJECT =
            "SELECT id, name, aspect_ratio, current_mode, last_opened_at FROM projects WHERE id = ?";
    static final String SELECT_CLIPS =
            "SELECT id, filename, name, rating, start_time, end_time FROM raw_clips WHERE game_id = ? ORDER BY end_time";
    static final String UPDATE_PROJECT = "UPDATE projects SET name = ?, last_opened_at = ? WHERE id = ?";
    static final String INSERT_CLIP = "INSERT INTO raw_clips"
            + " (game_id, filename, rating, tags, name, notes, start_time, end_time, created_at)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    static final String UPDATE_CROP = "UPDATE working_clips SET crop_data = ?, version = version + 1 WHERE id = ?";

    static final int CLIPS_PER_GAME = 15;

    private static final int PROJECTS_PER_GAME = 4;
    private static final int WORKING_CLIPS_PER_PROJECT = 2;
    private static final int MEDIAN_HIGHLIGHTS = 6 * 1024;
    private static final int MOST_HIGHLIGHTS = 25 * 1024;

    private static final String[] SCHEMA = {
        "CREATE TABLE games (id INTEGER PRIMARY KEY, name TEXT NOT NULL, opponent TEXT, game_date TEXT, blake3 TEXT UNIQUE,"
                + " duration REAL, width INTEGER, height INTEGER, clip_count INTEGER, status TEXT, created_at TEXT)",
        "CREATE TABLE raw_clips (id INTEGER PRIMARY KEY, game_id INTEGER REFERENCES games(id) ON DELETE CASCADE,"
                + " filename TEXT NOT NULL, rating INTEGER, tags TEXT, name TEXT, notes TEXT, start_time REAL, end_time REAL,"
                + " created_at TEXT)",
        "CREATE INDEX raw_clips_by_time ON raw_clips (game_id, end_time)",
        "CREATE INDEX raw_clips_by_rating ON raw_clips (rating, created_at)",
        "CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT NOT NULL, aspect_ratio TEXT, current_mode TEXT,"
                + " working_video_id INTEGER, final_video_id INTEGER, last_opened_at TEXT, archived_at TEXT)",
        "CREATE TABLE working_clips (id INTEGER PRIMARY KEY, project_id INTEGER REFERENCES projects(id) ON DELETE CASCADE,"
                + " raw_clip_id INTEGER, sort_order INTEGER, crop_data BLOB, timing_data BLOB, segments_data BLOB,"
                + " version INTEGER, exported_at TEXT)",
        "CREATE INDEX working_clips_by_project ON working_clips (project_id, version)",
        "CREATE TABLE working_videos (id INTEGER PRIMARY KEY, project_id INTEGER REFERENCES projects(id) ON DELETE CASCADE,"
                + " filename TEXT, version INTEGER, duration REAL, highlights_data BLOB, created_at TEXT)",
        "CREATE TABLE export_jobs (id TEXT PRIMARY KEY, project_id INTEGER, type TEXT, status TEXT, input_data BLOB,"
                + " created_at TEXT)",
        "CREATE TABLE user_settings (id INTEGER PRIMARY KEY CHECK (id = 1), settings_json TEXT, updated_at TEXT)",
    };

    private final Connection connection;
    private final Random random = new Random(20_260_801);

    private SampleDatabase(Connection connection) {
        this.connection = connection;
    }

    /** Creates the schema and fills it up to about so many bytes, in one transaction. */
    static void fill(Connection connection, long bytes) throws SQLException {
        connection.setAutoCommit(false);
        new SampleDatabase(connection).fill(bytes);
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** How many rows a table has; their ids begin with 1. */
    static int count(Connection connection, String table) throws SQLException {
        return Math.toIntExact(number(connection, "SELECT count(*) FROM " + table));
    }

    /** Another name for a project: what one click saves. */
    static void renameProject(Connection connection, int project, int change) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(UPDATE_PROJECT)) {
            update.setString(1, projectName(change));
            update.setString(2, instant(change));
            update.setInt(3, project);
            update.executeUpdate();
        }
    }

    /** One more clip of a game: a row and two entries of indexes. */
    static void insertClip(Connection connection, int game, Random random) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT_CLIP)) {
            insertClip(insert, game, random);
        }
    }

    /** Another crop of a clip: what dragging a frame saves. */
    static void moveCrop(Connection connection, int workingClip, Random random) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(UPDATE_CROP)) {
            update.setBytes(1, keyframes(random, 350));
            update.setInt(2, workingClip);
            update.executeUpdate();
        }
    }

    private void fill(long bytes) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : SCHEMA) {
                statement.execute(sql);
            }
            statement.execute(
                    "INSERT INTO user_settings VALUES (1, '{\"theme\":\"dark\",\"language\":\"de\"}', '2026-08-01')");
        }
        long pageSize = number(connection, "PRAGMA page_size");
        for (int game = 1; game == 1 || number(connection, "PRAGMA page_count") * pageSize < bytes; game++) {
            addGame(game);
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM raw_clips WHERE id % 20 = 7");
        }
    }

    private void addGame(int game) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO games VALUES (?, ?, ?, ?, ?, ?, 1920, 1080, ?, 'ready', ?)")) {
            insert.setInt(1, game);
            insert.setString(2, "Vs FC Kaðlín " + game);
            insert.setString(3, "FC Kaðlín");
            insert.setString(4, "2026-08-" + (10 + game % 20));
            insert.setString(5, Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong()));
            insert.setDouble(6, 5400 * random.nextDouble());
            insert.setInt(7, CLIPS_PER_GAME);
            insert.setString(8, instant(game));
            insert.executeUpdate();
        }
        try (PreparedStatement insert = connection.prepareStatement(INSERT_CLIP)) {
            for (int i = 0; i < CLIPS_PER_GAME; i++) {
                insertClip(insert, game, random);
            }
        }
        for (int i = 1; i <= PROJECTS_PER_GAME; i++) {
            addProject((game - 1) * PROJECTS_PER_GAME + i);
        }
    }

    private void addProject(int project) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO projects VALUES (?, ?, '9:16', 'framing', NULL, NULL, ?, NULL)")) {
            insert.setInt(1, project);
            insert.setString(2, projectName(project));
            insert.setString(3, instant(project));
            insert.executeUpdate();
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO working_clips"
                + " (project_id, raw_clip_id, sort_order, crop_data, timing_data, segments_data, version)"
                + " VALUES (?, ?, ?, ?, ?, x'', 2)")) {
            for (int i = 0; i < WORKING_CLIPS_PER_PROJECT; i++) {
                insert.setInt(1, project);
                insert.setInt(2, project * 3 + i);
                insert.setInt(3, i);
                insert.setBytes(4, keyframes(random, 350));
                insert.setBytes(5, keyframes(random, 70));
                insert.executeUpdate();
            }
        }
        if (project % 2 == 0) {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO working_videos"
                            + " (project_id, filename, version, duration, highlights_data, created_at) VALUES (?, ?, 1, ?, ?, ?)")) {
                insert.setInt(1, project);
                insert.setString(2, "working_" + project + "_" + Long.toHexString(random.nextLong()) + ".mp4");
                insert.setDouble(3, 90 * random.nextDouble());
                double size = MEDIAN_HIGHLIGHTS * Math.exp(0.8 * random.nextGaussian());
                insert.setBytes(4, keyframes(random, (int) Math.min(MOST_HIGHLIGHTS, size)));
                insert.setString(5, instant(project));
                insert.executeUpdate();
            }
        }
    }

    private static void insertClip(PreparedStatement insert, int game, Random random) throws SQLException {
        double start = 5400 * random.nextDouble();
        insert.setInt(1, game);
        insert.setString(2, "clip_" + Long.toHexString(random.nextLong()) + ".mp4");
        insert.setInt(3, 1 + random.nextInt(5));
        insert.setString(4, "[\"Goal\",\"Dribble\",\"1v1\"]");
        insert.setString(5, "Dribble past number " + random.nextInt(30));
        insert.setString(
                6, random.nextInt(3) == 0 ? "Look at the first touch, then at the space behind the wing" : null);
        insert.setDouble(7, start);
        insert.setDouble(8, start + 15);
        insert.setString(9, instant(random.nextInt(1_000_000)));
        insert.executeUpdate();
    }

    /** Keyframes as MessagePack has them: the same keys again and again, and doubles that do not compress. */
    private static byte[] keyframes(Random random, int bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes + 64);
        double x = 1920 * random.nextDouble();
        double y = 1080 * random.nextDouble();
        int frame = 0;
        while (buffer.position() < bytes) {
            frame += 1 + random.nextInt(60);
            x += random.nextGaussian();
            y += random.nextGaussian();
            buffer.put((byte) 0x83).put((byte) 0xa5).put("frame".getBytes(StandardCharsets.US_ASCII));
            buffer.put((byte) 0xcd).putShort((short) frame);
            buffer.put((byte) 0xa1).put((byte) 'x').put((byte) 0xcb).putDouble(x);
            buffer.put((byte) 0xa1).put((byte) 'y').put((byte) 0xcb).putDouble(y);
        }
        byte[] frames = new byte[bytes];
        buffer.flip().get(frames);
        return frames;
    }

    /** Always of the same length, so that a new name does not make a full page overflow. */
    private static String projectName(int n) {
        return String.format("Highlights %07d für Zoë", n);
    }

    private static String instant(int n) {
        return String.format("2026-08-%02dT%02d:%02d:%02d.%03dZ", 1 + n % 28, n % 24, n % 60, n * 7 % 60, n % 1000);
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
