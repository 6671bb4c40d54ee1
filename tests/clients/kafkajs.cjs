// kafkajs against a broker (argv[2]): admin, a group that commits, a transaction that is aborted and one that is committed.
const { Kafka, logLevel } = require("kafkajs");

const kafka = new Kafka({ clientId: "js", brokers: [process.argv[2]], logLevel: logLevel.NOTHING });
const all = async (consumer, n) => {
  const got = [];
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`only ${got.length} of ${n}`)), 20000).unref();
    consumer.run({
      autoCommitInterval: 100,
      eachMessage: async ({ message }) => got.push(message.value.toString()) === n && resolve(),
    }).catch(reject);
  });
  return got;
};

(async () => {
  const admin = kafka.admin();
  await admin.connect();
  console.log("created", await admin.createTopics({ waitForLeaders: true, topics: [{ topic: "js", numPartitions: 2 }, { topic: "jt" }] }));
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({ topic: "js", messages: [...Array(50).keys()].map((n) => ({ key: `${n}`, value: `${n}`, headers: { n: `${n}` } })) });
  const consumer = kafka.consumer({ groupId: "jg", heartbeatInterval: 200 });
  await consumer.connect();
  await consumer.subscribe({ topics: ["js"], fromBeginning: true });
  console.log("consumed", (await all(consumer, 50)).length);
  const { groups: [group] } = await admin.describeGroups(["jg"]);
  console.log("group", group.state, group.protocol, group.members.length);
  await consumer.disconnect();
  const [{ partitions }] = await admin.fetchOffsets({ groupId: "jg", topics: ["js"] });
  console.log("committed", partitions.reduce((sum, p) => sum + Number(p.offset), 0));
  await admin.resetOffsets({ groupId: "jg", topic: "js", earliest: true });
  console.log("reset", (await admin.fetchOffsets({ groupId: "jg", topics: ["js"] }))[0].partitions.map((p) => p.offset).join(" "));
  const t = kafka.producer({ transactionalId: "jtx", idempotent: true, maxInFlightRequests: 1 });
  await t.connect();
  for (const end of ["abort", "commit"]) {
    const txn = await t.transaction();
    await txn.send({ topic: "jt", messages: [{ value: end }] });
    await txn.sendOffsets({ consumerGroupId: "jg", topics: [{ topic: "js", partitions: [{ partition: 0, offset: end === "abort" ? "7" : "9" }] }] });
    await txn[end]();
  }
  const committed = kafka.consumer({ groupId: "jc", readUncommitted: false });
  await committed.connect();
  await committed.subscribe({ topics: ["jt"], fromBeginning: true });
  console.log("transactions", (await all(committed, 1)).join(" "));
  await committed.disconnect();
  console.log("sent offsets", (await admin.fetchOffsets({ groupId: "jg", topics: ["js"] }))[0].partitions.find((p) => p.partition === 0).offset);
  console.log("deleted", (await admin.deleteGroups(["jg"]))[0].errorCode ?? 0);
  await Promise.all([admin, producer, t].map((c) => c.disconnect()));
})().catch((e) => {
  console.error(e.message);
  process.exit(1);
});
