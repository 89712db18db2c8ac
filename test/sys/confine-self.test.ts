/** A process is confined as a worker is, becomes another program as a worker does, and tries what it may not. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { landlockVersion, NETWORK_VERSION, SCOPE_VERSION } from "../../src/sys/landlock.ts";

const version = landlockVersion();
const folder = realpathSync(mkdtempSync(join(tmpdir(), "saker-confine-")));
const [inside, outside, logs] = ["inside", "outside", "logs"].map((name) => join(folder, name));
const statistics = join(folder, "stats");
let server: Server;

/** What the confined program reports: by the name of what it tried, "ok" or the error's code. */
let tried: Record<string, string> = {};

beforeAll(async () => {
  for (const path of [inside!, outside!, logs!]) mkdirSync(path);
  writeFileSync(join(inside!, "page"), "page");
  writeFileSync(join(outside!, "secret"), "secret");
  writeFileSync(statistics, "0000");
  symlinkSync(join(outside!, "secret"), join(inside!, "link"));
  server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  if (version > 0) tried = await tryAll((server.address() as { port: number }).port);
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function libraryName(): string {
  return readdirSync("/lib").some((name) => name.startsWith("ld-musl")) ? "libc.so" : "libc.so.6";
}

async function tryAll(port: number): Promise<Record<string, string>> {
  const probe = join(inside!, "probe.ts");
  writeFileSync(
    probe,
    `
    import { spawnSync } from "node:child_process";
    import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
    import { connect, createServer } from "node:net";
    import { createSocket } from "node:dgram";
    import { dlopen, ptr } from "bun:ffi";
    const tried = {};
    const attempt = (name, act) => { try { act(); tried[name] = "ok"; } catch (error) { tried[name] = error.code ?? String(error); } };
    const wait = (emitter, good) => new Promise((resolve) => emitter.once(good, () => resolve("ok")).once("error", (error) => resolve(error.code)));
    const status = readFileSync("/proc/self/status", "utf8");
    tried.noNewPrivileges = /^NoNewPrivs:\\s+(\\d)/m.exec(status)[1];
    tried.capabilities = /^CapEff:\\s+(\\w+)/m.exec(status)[1];
    attempt("read inside", () => readFileSync("${inside}/page"));
    attempt("read outside", () => readFileSync("${outside}/secret"));
    attempt("read by a link", () => readFileSync("${inside}/link"));
    attempt("read by /proc", () => readFileSync("/proc/self/root${outside}/secret"));
    attempt("read shadow", () => readFileSync("/etc/shadow"));
    attempt("write inside", () => writeFileSync("${inside}/new", ""));
    attempt("write a log", () => appendFileSync("${logs}/access.log", "line"));
    attempt("write a log again", () => appendFileSync("${logs}/access.log", "line"));
    attempt("read a log", () => readFileSync("${logs}/access.log"));
    attempt("remove a log", () => unlinkSync("${logs}/access.log"));
    attempt("rename a log", () => renameSync("${logs}/access.log", "${logs}/other.log"));
    attempt("make a folder", () => mkdirSync("${logs}/folder"));
    attempt("write the statistics", () => writeFileSync("${statistics}", "1111", { flag: "r+" }));
    attempt("signal the parent", () => process.kill(process.ppid, 0));
    const run = (path) => { const { error, status } = spawnSync(path, ["--version"]); return error?.code ?? (status === 0 ? "ok" : "status " + status); };
    tried["run another program"] = run("/bin/true");
    tried["run itself"] = run(process.execPath);
    tried["connect"] = await wait(connect(${port}, "127.0.0.1"), "connect");
    tried["bind"] = await wait(createServer().listen(0, "127.0.0.1"), "listening");
    tried["UDP"] = await new Promise((resolve) => { try { const socket = createSocket("udp4"); socket.once("error", (error) => resolve(error.code)).bind(0, "127.0.0.1", () => resolve("ok")); } catch (error) { resolve(error.code); } });
    const { socket, ptrace, unshare } = dlopen(${JSON.stringify(libraryName())}, {
      socket: { args: ["i32", "i32", "i32"], returns: "i32" },
      ptrace: { args: ["i64", "i64", "i64", "i64"], returns: "i64" },
      unshare: { args: ["i32"], returns: "i32" },
    }).symbols;
    tried["a unix socket"] = socket(1, 1, 0) >= 0 ? "ok" : "refused";
    tried["an internet socket"] = socket(2, 1, 0) >= 0 ? "ok" : "refused";
    tried["a netlink socket"] = socket(16, 3, 0) >= 0 ? "ok" : "refused";
    tried["ptrace"] = ptrace(0, 0, 0, 0) === 0n ? "ok" : "refused";
    tried["unshare"] = unshare(0) === 0 ? "ok" : "refused";
    console.log(JSON.stringify(tried));
    process.exit(0);
  `,
  );
  const source = (name: string): string => JSON.stringify(join(import.meta.dir, "../../src/sys", name));
  const plan = { confines: true, read: [inside], write: [logs], update: [statistics], cpu: null };
  const stage = `
    import { confineSelf } from ${source("confine-self.ts")};
    import { replaceProcess } from ${source("replace-process.ts")};
    const enforced = confineSelf(${JSON.stringify(plan)});
    if (enforced.landlock !== ${version}) throw new Error(JSON.stringify(enforced));
    replaceProcess({ path: "/proc/self/exe", argv: ["bun", ${JSON.stringify(probe)}], env: process.env }, []);
  `;
  const child = Bun.spawn([process.execPath, "-e", stage], { stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect(errors).toBe("");
  return JSON.parse(output) as Record<string, string>;
}

describe.skipIf(version === 0)("a confined process", () => {
  test.each([
    ["noNewPrivileges", "1"],
    ["read inside", "ok"],
    ["read outside", "EACCES"],
    ["read by a link", "EACCES"],
    ["read by /proc", "EACCES"],
    ["read shadow", "EACCES"],
    ["write inside", "EACCES"],
    ["write a log", "ok"],
    ["write a log again", "ok"],
    ["read a log", "EACCES"],
    ["remove a log", "EACCES"],
    ["rename a log", "EACCES"],
    ["make a folder", "EACCES"],
    ["write the statistics", "ok"],
    ["run another program", "EACCES"],
    ["run itself", "ok"],
  ])("%s: %s", (what, outcome) => {
    expect(tried[what]).toBe(outcome);
  });

  test.skipIf(version < NETWORK_VERSION)("makes no TCP connection and takes no port", () => {
    expect(tried.connect).toMatch(/EACCES|EPERM|ECONNREFUSED|FailedToOpenSocket/);
    expect(tried.bind).not.toBe("ok");
  });

  test.each([
    ["a unix socket", "ok"],
    ["an internet socket", "refused"],
    ["a netlink socket", "refused"],
    ["ptrace", "refused"],
    ["unshare", "refused"],
  ])("%s: %s", (what, outcome) => {
    expect(tried[what]).toBe(outcome);
  });

  test.skipIf(version < SCOPE_VERSION)("can't signal processes outside", () => {
    expect(tried["signal the parent"]).toBe("EPERM");
  });

  test("keeps of root's capabilities those for reading files and becoming another user, or none", () => {
    expect(tried.capabilities).toMatch(/^0+(c6|00)$/);
  });
});
