-- Times are milliseconds since 1970. AUTOINCREMENT so that the id of something deleted never comes to mean something else.

CREATE TABLE games (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

CREATE TABLE projects (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  game_id INTEGER REFERENCES games (id) ON DELETE SET NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);

CREATE INDEX projects_of_game ON projects (game_id);

-- source: {"width", "height", "durationMs"}; crop: {"x", "y", "width", "height"} in pixels of the source
CREATE TABLE working_clips (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL CHECK (json_valid(source)),
  crop TEXT NOT NULL CHECK (json_valid(crop)),
  in_ms INTEGER NOT NULL,
  out_ms INTEGER NOT NULL CHECK (out_ms > in_ms),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);

CREATE INDEX working_clips_of_project ON working_clips (project_id);
