/** The server's own files in a folder that it serves: never sent, whatever leads to them. */
import { describe, expect, test } from "bun:test";
import { linkSync, symlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { runSaker, startSaker } from "../support/saker.ts";
import { createSite } from "../support/site.ts";

const OWN = [
  "/conf/saker.toml",
  "/conf/saker.toml~",
  "/conf/SAKER.TOML.bak",
  "/conf/%73aker.toml",
  "/logs/access.log",
  "/logs/access.log.1",
  "/logs/access-20260101.log",
  "/logs/error.log",
  "/site.pid",
  "/site.stats",
  "/_headers",
  "/_redirects",
  "/_headers.gz",
  "/saker.toml",
  "/inner/_headers",
  "/linked.txt",
  "/linked-rotated.txt",
  "/hard.txt",
  "/linked-folder/access.log.1",
  "/app/rewritten",
  "/fixed",
];

async function siteWithOwnFiles() {
  const site = await createSite({
    "index.html": "home",
    _headers: "/*\n  Basic-Auth: ann:hunter2\n",
    "_headers.gz": "gz",
    _redirects: "/a /b\n",
    "saker.toml": "another server's",
    "inner/_headers": "inner",
    "inner/index.html": "inner home",
    "logs/access.log.1": "rotated",
    "logs/access-20260101.log": "rotated",
    "logs/readme.txt": "readme",
    "conf/saker.toml~": "backup",
    "conf/SAKER.TOML.bak": "backup",
  });
  const config = `
document_root = ${JSON.stringify(site.root)}
host = "127.0.0.1"
port = 0
num_workers = 1
directory_listing = true
access_log = "../logs/access.log"
error_log = "../logs/error.log"
pid_file = "../site.pid"
stats_file = "../site.stats"
[error_pages]
404 = "/logs/access.log.1"
[[rewrite]]
from = "/app/*"
to = "/conf/saker.toml"
[[rewrite]]
from = "/fixed"
to = "/logs/access.log"
when = "missing"
[[virtual_host]]
names = ["inner.example"]
root = "../inner"
[[virtual_host]]
names = ["logs.example"]
root = "../logs"
`;
  await mkdir(site.path("conf"), { recursive: true });
  await site.place("conf/saker.toml", config);
  symlinkSync("conf/saker.toml", site.path("linked.txt"));
  symlinkSync("logs/access.log.1", site.path("linked-rotated.txt"));
  symlinkSync("logs", site.path("linked-folder"));
  linkSync(site.path("conf/saker.toml"), site.path("hard.txt"));
  return site;
}

describe.each<[string, Record<string, string>]>([
  ["inside", {}],
  ["always", {}],
  ["inside", { SAKER_NO_FFI: "1" }],
])("follow_symlinks = %s, %j", (policy, env) => {
  test("own files are answered with 404 and not listed", async () => {
    await using site = await siteWithOwnFiles();
    const args = ["--config", site.path("conf/saker.toml"), "--follow-symlinks", policy];
    await using saker = await startSaker({ site, args, env, omit: ["access_log"] });
    for (let round = 0; round < 2; round++) {
      for (const target of OWN) {
        const { status, text } = await saker.get(target);
        expect([target, status, text.includes("rotated")]).toEqual([target, 404, false]);
      }
    }
    const listed = async (target: string): Promise<string[]> => {
      const { text } = await saker.get(target, ["Accept: application/json"]);
      return (JSON.parse(text) as { name: string }[]).map(({ name }) => name).sort();
    };
    expect(await listed("/logs/")).toEqual(["readme.txt"]);
    expect(await listed("/linked-folder/")).toEqual(["readme.txt"]);
    expect(await listed("/conf/")).toEqual([]);
    expect(await saker.get("/inner/")).toMatchObject({ status: 200, text: "inner home" });
    expect((await saker.get("http://inner.example/_headers")).status).toBe(404);
    expect((await saker.get("http://logs.example/access.log")).status).toBe(404);
    expect((await saker.get("http://logs.example/readme.txt")).status).toBe(200);
    expect((await saker.get("/logs/readme.txt")).status).toBe(200);
  });
});

test("the start and check say which they are, explain says why", async () => {
  await using site = await siteWithOwnFiles();
  const config = ["--config", site.path("conf/saker.toml")];
  const said = `in a folder that is served, but never sent: ${site.path("conf/saker.toml")} (configuration), ${site.path("logs/access.log")} (access_log)`;
  const checked = await runSaker(["check", ...config]);
  expect(checked.stdout).toContain(`warning: ${said}`);
  const { stdout } = await runSaker(["explain", "/linked.txt", ...config]);
  expect(stdout).toContain("is never sent: configuration");
  await using saker = await startSaker({ site, args: [...config, "--error-log", "-"] });
  await saker.printed(/in a folder that is served, but never sent: \S+saker\.toml \(configuration\)/);
});
