-- When a project was completed; completed ones are archived after a while, with their clips.

ALTER TABLE projects ADD COLUMN completed_at INTEGER;
