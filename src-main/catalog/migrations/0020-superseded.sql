-- A run that ended before it was done, and the later one that was asked for the same.

ALTER TABLE job ADD COLUMN superseded_by TEXT REFERENCES job (id);
