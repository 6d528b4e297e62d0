-- Clips are listed in their order.

DROP INDEX working_clips_of_project;

CREATE INDEX working_clips_in_order ON working_clips (project_id, position);
