-- What a person said of an automatic mark. The mark itself stays, so that the answer can be taken back.
ALTER TABLE mark ADD COLUMN answer TEXT CHECK (answer IN ('accepted', 'rejected'));
CREATE INDEX mark_answered ON mark (recording) WHERE answer IS NOT NULL;
