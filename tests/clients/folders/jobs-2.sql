BEGIN TRANSACTION;
CREATE TABLE doc (kind TEXT NOT NULL, parent TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, seq INTEGER PRIMARY KEY, UNIQUE (kind, parent, id)) STRICT;
INSERT INTO "doc" VALUES('job','','1','{"settings":{"name":"nightly","tasks":[{"task_key":"one","notebook_task":{"notebook_path":"/x"}}],"format":"MULTI_TASK","max_concurrent_runs":1,"timeout_seconds":0},"created":1767603600000}',1);
INSERT INTO "doc" VALUES('last','','0','{"id":1,"statement":0}',2);
COMMIT;
PRAGMA user_version = 2;
