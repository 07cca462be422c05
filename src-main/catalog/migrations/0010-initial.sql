-- Recordings by reference, what was found in them, what people said of them, and what was made of them.

CREATE TABLE dataset (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE recording (
  id TEXT PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  relative_path TEXT NOT NULL,
  dataset TEXT NOT NULL REFERENCES dataset (name),
  subject TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  format TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  modified_ms INTEGER NOT NULL,
  started_at TEXT,
  duration_s REAL NOT NULL,
  reference TEXT NOT NULL,
  prefilter TEXT NOT NULL,
  refusal TEXT,
  duplicate_of TEXT REFERENCES recording (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX recording_by_content ON recording (sha256);
CREATE INDEX recording_by_dataset ON recording (dataset, subject, relative_path);

CREATE TABLE span (
  recording TEXT NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  start_s REAL NOT NULL,
  end_s REAL NOT NULL,
  PRIMARY KEY (recording, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel (
  recording TEXT NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  label TEXT NOT NULL,
  kind TEXT NOT NULL,
  unit TEXT NOT NULL,
  to_microvolt REAL NOT NULL,
  sfreq_hz REAL NOT NULL,
  samples INTEGER NOT NULL,
  prefilter TEXT NOT NULL,
  transducer TEXT NOT NULL,
  physical_min REAL NOT NULL,
  physical_max REAL NOT NULL,
  digital_min REAL NOT NULL,
  digital_max REAL NOT NULL,
  disabled TEXT,
  PRIMARY KEY (recording, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE bad_channel (
  recording TEXT NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  PRIMARY KEY (recording, position)
) STRICT, WITHOUT ROWID;

-- What each channel means, by version of the lab profile that was applied.
CREATE TABLE channel_map (
  recording TEXT NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  profile INTEGER NOT NULL,
  kind TEXT NOT NULL,
  electrode TEXT,
  reference TEXT,
  bipolar_a TEXT,
  bipolar_b TEXT,
  to_microvolt REAL NOT NULL,
  confidence TEXT NOT NULL CHECK (confidence IN ('certain', 'likely', 'ask', 'none')),
  reason TEXT NOT NULL,
  PRIMARY KEY (recording, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE profile (
  version INTEGER PRIMARY KEY,
  json TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE finding (
  recording TEXT NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  code TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
  place TEXT NOT NULL,
  effect TEXT NOT NULL,
  remedy TEXT NOT NULL,
  PRIMARY KEY (recording, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE annotation (
  recording TEXT NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  onset_s REAL NOT NULL,
  duration_s REAL NOT NULL,
  text TEXT NOT NULL,
  channel TEXT,
  PRIMARY KEY (recording, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE mark (
  id TEXT PRIMARY KEY,
  recording TEXT NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
  source TEXT NOT NULL CHECK (source IN ('human', 'automatic')),
  start_s REAL NOT NULL,
  duration_s REAL NOT NULL,
  text TEXT NOT NULL,
  channel TEXT,
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mark_by_recording ON mark (recording, start_s);

CREATE TABLE label (
  recording TEXT NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('table', 'annotation', 'events')),
  start_s REAL NOT NULL,
  end_s REAL,
  label TEXT NOT NULL,
  session TEXT NOT NULL,
  trial TEXT NOT NULL,
  PRIMARY KEY (recording, source, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE artifact (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  hash TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  manifest TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX artifact_by_kind ON artifact (kind, created_at);

CREATE TABLE artifact_input (
  artifact TEXT NOT NULL REFERENCES artifact (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  role TEXT NOT NULL,
  input TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (artifact, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifact_by_input ON artifact_input (input);

-- Which recording gave how many segments to a prepared store, and why others were refused.
CREATE TABLE segment_provenance (
  artifact TEXT NOT NULL REFERENCES artifact (id) ON DELETE CASCADE,
  recording TEXT NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
  segments INTEGER NOT NULL,
  rejected TEXT NOT NULL,
  quality TEXT NOT NULL,
  PRIMARY KEY (artifact, recording)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  position INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'stopped', 'discarded', 'failed', 'interrupted')),
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  input TEXT NOT NULL,
  command TEXT NOT NULL,
  phases TEXT NOT NULL,
  phase INTEGER NOT NULL,
  artifact TEXT,
  engine TEXT NOT NULL,
  error TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE job_event (
  job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  at TEXT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (job, position)
) STRICT, WITHOUT ROWID;

-- Append-only and chained: each row's hash covers the one before it.
CREATE TABLE audit (
  position INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  what TEXT NOT NULL,
  facts TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
