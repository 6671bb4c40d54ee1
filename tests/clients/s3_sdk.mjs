// The AWS SDK for JavaScript 3 with lib-storage, its presigners, and minio's client, as they come. A line of JSON a step on stdout:
// [name, whether it is as it should, what it got]; the address in ENDPOINT.
import { createHash, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";
import { Readable } from "node:stream";
const require = createRequire(path.join(process.env.TARN_NODE_MODULES, "x.js"));
const C = require("@aws-sdk/client-s3");
const { Upload } = require("@aws-sdk/lib-storage");
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");
const { createPresignedPost } = require("@aws-sdk/s3-presigned-post");
const Minio = require("minio");
const endpoint = process.env.ENDPOINT, u = new URL(endpoint);
const s3 = new C.S3Client({
  endpoint,
  region: "us-east-1",
  forcePathStyle: true,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});
const md5 = b => createHash("md5").update(b).digest("hex");
async function step(name, fn) {
  let got;
  try {
    got = await fn();
  } catch (e) {
    got = `${e.name}: ${e.message} ${e.code || ""}`;
  }
  console.log(JSON.stringify([name, got === true, got]));
}
const bytes = async r =>
  Buffer.concat(
    await (async () => {
      const all = [];
      for await (const c of r.Body) all.push(c);
      return all;
    })(),
  );
const big = randomBytes(17 << 20);
await step("CreateBucket", async () => (await s3.send(new C.CreateBucketCommand({ Bucket: "jsb" }))).Location === "/jsb");
await step("PutObject of text, default checksum", async () => {
  await s3.send(new C.PutObjectCommand({ Bucket: "jsb", Key: "a b/ü?#.txt", Body: "hello", Metadata: { a: "1" } }));
  const r = await s3.send(new C.GetObjectCommand({ Bucket: "jsb", Key: "a b/ü?#.txt", ChecksumMode: "ENABLED" }));
  return (await r.Body.transformToString()) === "hello" && r.Metadata.a === "1";
});
await step("PutObject of a stream with a length", async () => {
  await s3.send(
    new C.PutObjectCommand({ Bucket: "jsb", Key: "stream", Body: Readable.from([big.subarray(0, 100000)]), ContentLength: 100000 }),
  );
  return md5(await bytes(await s3.send(new C.GetObjectCommand({ Bucket: "jsb", Key: "stream" })))) === md5(big.subarray(0, 100000));
});
for (const alg of [undefined, "CRC32C", "SHA256", "CRC64NVME", "SHA1"])
  await step(`lib-storage of a stream, ${alg}`, async () => {
    const up = new Upload({
      client: s3,
      params: { Bucket: "jsb", Key: "big", Body: Readable.from([big]), ChecksumAlgorithm: alg, Tagging: "a=b" },
      partSize: 5 << 20,
    });
    const r = await up.done();
    const got = await bytes(await s3.send(new C.GetObjectCommand({ Bucket: "jsb", Key: "big" })));
    return (md5(got) === md5(big) && r.ETag.endsWith('-4"')) || r;
  });
await step(
  "a range",
  async () =>
    md5(await bytes(await s3.send(new C.GetObjectCommand({ Bucket: "jsb", Key: "big", Range: "bytes=5242879-5242900" })))) ===
    md5(big.subarray(5242879, 5242901)),
);
await step("copy, list, versions, delete", async () => {
  await s3.send(new C.CopyObjectCommand({ Bucket: "jsb", Key: "copy", CopySource: "jsb/" + encodeURIComponent("a b/ü?#.txt") }));
  await s3.send(new C.PutBucketVersioningCommand({ Bucket: "jsb", VersioningConfiguration: { Status: "Enabled" } }));
  const keys = [];
  for await (const p of C.paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket: "jsb" })) keys.push(...p.Contents.map(c => c.Key));
  await s3.send(new C.DeleteObjectsCommand({ Bucket: "jsb", Delete: { Objects: [{ Key: "copy" }] } }));
  const v = await s3.send(new C.ListObjectVersionsCommand({ Bucket: "jsb", Prefix: "copy" }));
  return (keys.join() === "a b/ü?#.txt,big,copy,stream" && v.DeleteMarkers?.length === 1) || [keys, v];
});
await step(
  "waiter",
  async () => (await C.waitUntilObjectExists({ client: s3, maxWaitTime: 10 }, { Bucket: "jsb", Key: "big" })).state === "SUCCESS",
);
await step("presigned GET and PUT", async () => {
  const put = await getSignedUrl(s3, new C.PutObjectCommand({ Bucket: "jsb", Key: "pre", ContentType: "text/x" }), { expiresIn: 60 });
  const r = await fetch(put, { method: "PUT", body: "pre", headers: { "content-type": "text/x" } });
  const get = await getSignedUrl(s3, new C.GetObjectCommand({ Bucket: "jsb", Key: "pre", ResponseContentType: "a/b" }));
  const g = await fetch(get);
  return (r.status === 200 && (await g.text()) === "pre" && g.headers.get("content-type") === "a/b") || [r.status, g.status];
});
await step("presigned POST", async () => {
  const { url, fields } = await createPresignedPost(s3, {
    Bucket: "jsb",
    Key: "posted/${filename}",
    Conditions: [
      ["content-length-range", 0, 100],
      ["starts-with", "$Content-Type", "text/"],
    ],
    Fields: { "Content-Type": "text/plain" },
    Expires: 60,
  });
  const f = new FormData();
  for (const k in fields) f.append(k, fields[k]);
  f.append("file", new Blob(["posted"]), "me.txt");
  const r = await fetch(url, { method: "POST", body: f });
  const h = await s3.send(new C.HeadObjectCommand({ Bucket: "jsb", Key: "posted/me.txt" }));
  return (r.status === 204 && h.ContentLength === 6 && h.ContentType === "text/plain") || [r.status, await r.text()];
});
const m = new Minio.Client({
  endPoint: u.hostname,
  port: +u.port,
  useSSL: false,
  accessKey: "test",
  secretKey: "test",
});
const list = (...a) =>
  new Promise((ok, no) => {
    const all = [];
    const s = m.listObjectsV2(...a);
    s.on("data", o => all.push(o.name || o.prefix));
    s.on("error", no);
    s.on("end", () => ok(all));
  });
await step("minio: makeBucket, bucketExists", async () => {
  await m.makeBucket("mini", "us-east-1");
  return (await m.bucketExists("mini")) && !(await m.bucketExists("nonesuch"));
});
await step("minio: putObject of a stream in parts", async () => {
  await m.putObject("mini", "big", Readable.from([big]), undefined, { "x-amz-meta-a": "b" });
  const chunks = [];
  for await (const c of await m.getObject("mini", "big")) chunks.push(c);
  const st = await m.statObject("mini", "big");
  return md5(Buffer.concat(chunks)) === md5(big) && st.metaData.a === "b" && st.size === big.length;
});
await step("minio: partial, list, copy, compose", async () => {
  const c = [];
  for await (const x of await m.getPartialObject("mini", "big", 10, 5)) c.push(x);
  await m.copyObject("mini", "x/copy", "/mini/big");
  await m.composeObject(new Minio.CopyDestinationOptions({ Bucket: "mini", Object: "x/both" }), [
    new Minio.CopySourceOptions({ Bucket: "mini", Object: "big" }),
    new Minio.CopySourceOptions({ Bucket: "mini", Object: "x/copy" }),
  ]);
  const st = await m.statObject("mini", "x/both");
  const l = await list("mini", "", false);
  return (md5(Buffer.concat(c)) === md5(big.subarray(10, 15)) && st.size === 2 * big.length && l.sort().join() === "big,x/") || [st, l];
});
await step("minio: tags", async () => {
  await m.setObjectTagging("mini", "big", { a: "b" });
  const t = await m.getObjectTagging("mini", "big");
  await m.removeObjectTagging("mini", "big");
  return t[0].Key === "a" || t;
});
await step("minio: bucket policy", async () => {
  const p = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: ["*"] }, Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::mini/*"] }],
  });
  await s3.send(new C.DeletePublicAccessBlockCommand({ Bucket: "mini" })); /* on by default, as on AWS */
  await m.setBucketPolicy("mini", p);
  return JSON.parse(await m.getBucketPolicy("mini")).Statement.length === 1;
});
await step("minio: versioning", async () => {
  await m.setBucketVersioning("mini", { Status: "Enabled" });
  return (await m.getBucketVersioning("mini")).Status === "Enabled";
});
await step("minio: lifecycle", async () => {
  await m.setBucketLifecycle("mini", { Rule: [{ ID: "r", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 3 } }] });
  const l = await m.getBucketLifecycle("mini");
  await m.removeBucketLifecycle("mini");
  return JSON.stringify(l).includes("Days") || l;
});
await step("minio: encryption", async () => {
  await m.setBucketEncryption("mini", { Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] });
  return JSON.stringify(await m.getBucketEncryption("mini")).includes("AES256");
});
await step("minio: notification", async () => {
  const q = await m.getBucketNotification("mini");
  await m.removeAllBucketNotification("mini");
  return true;
});
await step("minio: presigned, post policy, remove incomplete, remove all", async () => {
  const g = await fetch(await m.presignedGetObject("mini", "big", 60, { "response-content-type": "x/y" }));
  const pp = m.newPostPolicy();
  pp.setBucket("mini");
  pp.setKey("posted");
  pp.setExpires(new Date(Date.now() + 60000));
  pp.setContentLengthRange(1, 100);
  const d = await m.presignedPostPolicy(pp);
  const f = new FormData();
  for (const k in d.formData) f.append(k, d.formData[k]);
  f.append("file", new Blob(["posted"]));
  const r = await fetch(d.postURL, { method: "POST", body: f });
  await m.initiateNewMultipartUpload("mini", "nothing", {});
  await m.removeIncompleteUpload("mini", "nothing");
  await m.removeObjects("mini", ["big", "x/copy", "x/both", "posted"]);
  const l = await list("mini", "", true);
  return (g.headers.get("content-type") === "x/y" && r.status === 204 && l.length === 0) || [g.status, r.status, await r.text(), l];
});
await step("minio: object lock", async () => {
  await m.makeBucket("locked", "us-east-1", { ObjectLocking: true });
  await m.setObjectLockConfig("locked", { mode: "GOVERNANCE", unit: "Days", validity: 1 });
  const c = await m.getObjectLockConfig("locked");
  await m.putObject("locked", "o", "x");
  await m.setObjectLegalHold("locked", "o", { status: "ON" });
  const h = await m.getObjectLegalHold("locked", "o");
  const ret = await m.getObjectRetention("locked", "o");
  return (c.mode === "GOVERNANCE" && h.Status === "ON" && ret.mode === "GOVERNANCE") || [c, h, ret];
});
