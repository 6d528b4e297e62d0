-- Stretches of a clip with a speed each, see SegmentCodec. NULL is one stretch at normal speed.

ALTER TABLE working_clips ADD COLUMN segments BLOB;
