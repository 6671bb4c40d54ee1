BEGIN TRANSACTION;
CREATE TABLE queries(name TEXT PRIMARY KEY, options TEXT NOT NULL, state INTEGER NOT NULL, exception TEXT, starts INTEGER NOT NULL, polled_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "queries" VALUES('pin','streamName="streaming-0affea73130b-pin" initialPosition="earliest" dataset="pin" table="0affea73130b_pin_table" trigger="500ms" maxRecordsPerBatch="10000" failOnDataLoss="true"',0,NULL,1,1767603600000);
COMMIT;
PRAGMA user_version = 1;
