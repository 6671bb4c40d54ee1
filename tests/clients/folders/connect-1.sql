BEGIN TRANSACTION;
CREATE TABLE connector (name TEXT PRIMARY KEY, config TEXT NOT NULL, state INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "connector" VALUES('sink','{"connector.class":"io.confluent.connect.s3.S3SinkConnector","tasks.max":"1","topics":"orders","s3.bucket.name":"bbb","s3.region":"us-east-1","flush.size":"2","storage.class":"io.confluent.connect.s3.storage.S3Storage","format.class":"io.confluent.connect.s3.format.json.JsonFormat","key.converter":"org.apache.kafka.connect.storage.StringConverter","value.converter":"org.apache.kafka.connect.json.JsonConverter","value.converter.schemas.enable":"false","name":"sink"}',1);
CREATE TABLE offset (connector TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (connector, topic, partition)) STRICT, WITHOUT ROWID;
INSERT INTO "offset" VALUES('sink','orders',0,2);
CREATE TABLE topic (connector TEXT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (connector, topic)) STRICT, WITHOUT ROWID;
INSERT INTO "topic" VALUES('sink','orders');
COMMIT;
PRAGMA user_version = 1;
