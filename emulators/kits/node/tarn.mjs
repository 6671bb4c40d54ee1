// Node's test runner and tarn: a stack for a file of tests, put back to what an empty folder is before each.
//
//   import test from "node:test";
//   import { useTarn } from "./tarn.mjs";            // cp "$(tarn kit node --path)/tarn.mjs" test/
//   const tarn = useTarn();                          // { stack, clock, seed, only, args, data, program }
//   test("posts", async () => {
//     await fetch(tarn.at("apigateway") + "/prod/topics/0affea73130b.pin", { method: "POST", … });
//     await tarn.settle();
//   });
//
// process.env has what `tarn env` prints (AWS_ENDPOINT_URL, …) from the first test on. Nothing but Node is needed.
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach } from "node:test";
import { promisify } from "node:util";

const runFile = promisify(execFile);

export class TarnError extends Error {}

export class Tarn {
  constructor(options = {}) {
    this.options = options;
    this.program = options.program ?? process.env.TARN ?? "tarn";
  }

  // Starts a stack of its own, unless options.data or TARN_DATA names one that runs: that is used, and not stopped.
  async start() {
    const given = this.options.data ?? process.env.TARN_DATA;
    this.data = given;
    if (!given || !existsSync(join(given, "endpoints.json"))) {
      this.folder = mkdtempSync(join(tmpdir(), "tarn-node-"));
      this.data = join(this.folder, "data");
      const words = ["up", ...(this.options.stack ? [this.options.stack] : []), "-d", "--wait", "--ports", "auto", "--data", this.data];
      for (const name of ["clock", "seed", "only"]) if (this.options[name] !== undefined) words.push(`--${name}`, String(this.options[name]));
      await runFile(this.program, [...words, ...(this.options.args ?? [])]);
    }
    this.endpoints = JSON.parse(readFileSync(join(this.data, "endpoints.json"), "utf8"));
    this.before = { ...process.env };
    Object.assign(process.env, JSON.parse(await this.run("env", "--shell", "json")));
    return this;
  }

  async stop() {
    for (const name of Object.keys(process.env)) if (!(name in this.before)) delete process.env[name];
    Object.assign(process.env, this.before);
    if (!this.folder) return;
    execFileSync(this.program, ["down", "--data", this.data], { stdio: "ignore" });
    rmSync(this.folder, { recursive: true, force: true });
  }

  // The address of a service: rds, kafka, rest, connect, aws, apigateway, airflow, lake, control.
  at(name) {
    return this.endpoints[name];
  }

  // A command of tarn on this stack; its standard output.
  async run(word, ...words) {
    const { stdout } = await runFile(this.program, [word, "--data", this.data, ...words], { maxBuffer: 64 << 20 });
    return stdout;
  }

  // A request to the control port; the body of its answer.
  async call(method, path, body) {
    const answer = await fetch(this.at("control") + path, { method, headers: { "X-Tarn": "1" }, body: typeof body === "object" ? JSON.stringify(body) : body });
    const text = await answer.text();
    if (!answer.ok) throw new TarnError(`${method} ${path}: ${answer.status} ${text.trim()}`);
    return text;
  }

  async reset(...services) {
    await this.call("POST", "/_tarn/reset" + (services.length ? `?services=${services.join(",")}` : ""));
  }

  // Waits until nothing is in flight.
  async settle() {
    const end = Date.now() + 60000;
    for (let quiet = 0; quiet < 3; ) {
      quiet = JSON.parse(await this.call("GET", "/health")).busy ? 0 : quiet + 1;
      if (Date.now() > end) throw new TarnError("the stack doesn't come to rest");
      await new Promise((go) => setTimeout(go, 2));
    }
  }

  clock(words) {
    return this.call("POST", "/_tarn/clock", words).then(JSON.parse);
  }

  fault(spec) {
    return this.call("POST", "/_tarn/faults", spec).then(JSON.parse);
  }

  trace(id) {
    return this.call("GET", "/api/journey/" + id.split("/").map(encodeURIComponent).join("/")).then(JSON.parse);
  }

  async sql(statement) {
    return JSON.parse(await this.call("POST", "/api/tarn/sql?as=json", statement)).rows;
  }
}

// For a file of tests: starts before the first, resets before each, stops after the last.
export function useTarn(options) {
  const tarn = new Tarn(options);
  before(() => tarn.start());
  beforeEach(() => tarn.reset());
  after(() => tarn.stop());
  return tarn;
}
