BEGIN TRANSACTION;
CREATE TABLE docs (kind TEXT NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
INSERT INTO "docs" VALUES('job',1,'{"settings":{"name":"nightly","tasks":[{"task_key":"one","notebook_task":{"notebook_path":"/x"}}],"format":"MULTI_TASK","max_concurrent_runs":1,"timeout_seconds":0},"created":1767603600000}');
INSERT INTO "docs" VALUES('last',0,'{"id":1,"statement":0}');
COMMIT;
PRAGMA user_version = 1;
