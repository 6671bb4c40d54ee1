BEGIN TRANSACTION;
CREATE TABLE mounts(point TEXT PRIMARY KEY, source TEXT NOT NULL) STRICT;
INSERT INTO "mounts" VALUES('/mnt/shop','s3a://bbb');
COMMIT;
PRAGMA user_version = 1;
