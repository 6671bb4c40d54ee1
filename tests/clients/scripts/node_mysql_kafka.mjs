import { createRequire } from "node:module";
const require = createRequire(process.env.NODE_PATH + "/");
const mysql = require("mysql2/promise");
const { Kafka, logLevel } = require("kafkajs");

const db = await mysql.createConnection({ host: "pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com", user: "project_user", password: "pw",
  database: "pinterest_data", ssl: {} });
const [rows] = await db.query("SELECT * FROM pinterest_data LIMIT 7528, 2");
await db.end();
const kafka = new Kafka({ clientId: "emulator", logLevel: logLevel.ERROR, ssl: true,
  brokers: ["b-1.demo.q1w2e3.c5.kafka.us-east-1.amazonaws.com:9094", "b-2.demo.q1w2e3.c5.kafka.us-east-1.amazonaws.com:9094"] });
const producer = kafka.producer();
await producer.connect();
const out = await producer.send({ topic: "0a9b8c7d6e5f.pin", messages: rows.map((r) => ({ value: JSON.stringify(r) })) });
console.log(rows.length, out[0].topicName, out[0].errorCode);
await producer.disconnect();
