/** Workers of the real server are confined, say so, and serve what is deployed while they run. */
import { describe, expect, test } from "bun:test";
import { readFileSync, renameSync, symlinkSync } from "node:fs";
import { landlockVersion } from "../../src/sys/landlock.ts";
import { libc } from "../../src/sys/libc.ts";
import { until } from "../support/deadline.ts";
import { runSaker, startSaker } from "../support/saker.ts";

const status = (pid: number): string => readFileSync(`/proc/${pid}/status`, "utf8");

describe.skipIf(libc === null)("a worker", () => {
  test("has no privileges to gain, keeps to its CPU, and says what is enforced", async () => {
    await using saker = await startSaker({ config: "cpu_affinity = true\nnum_workers = 2" });
    for (const pid of await saker.workersSettled(2)) {
      expect(status(pid)).toMatch(/^NoNewPrivs:\s+1$/m);
      expect(status(pid)).toMatch(/^Cpus_allowed_list:\s+\d+$/m);
    }
    expect(status(saker.pid)).toMatch(/^NoNewPrivs:\s+0$/m);
    await saker.printed(landlockVersion() > 0 ? /no_new_privs; Landlock ABI \d+; read below \// : /no_new_privs/);
  });

  test("follows a document root that is a link to another folder by then", async () => {
    await using saker = await startSaker({
      site: { "one/index.html": "one", "two/index.html": "two" },
      config: (site) => {
        symlinkSync(site.path("one"), site.path("current"));
        return `document_root = ${JSON.stringify(site.path("current"))}`;
      },
    });
    expect((await saker.get("/")).text).toBe("one");
    symlinkSync(saker.site.path("two"), saker.site.path("next"));
    renameSync(saker.site.path("next"), saker.site.path("current"));
    await saker.printed(/current is another folder now: new workers serve it/);
    await until(async () => (await saker.get("/")).text === "two" || null, "the new workers alone serve");
    // A folder in the place of another needs no new workers.
    const pids = saker.workerPids();
    renameSync(saker.site.path("two"), saker.site.path("old"));
    renameSync(saker.site.path("one"), saker.site.path("two"));
    await until(async () => (await saker.get("/")).text === "one" || null, "the folder is served that is there now");
    expect(pids).toContain(saker.workerPids().at(-1)!);
  });
});

test("confine = true gives confinement or no server", async () => {
  const { exitCode, stderr } = await runSaker(["--port=0", "--confine=true"], { env: { SAKER_NO_FFI: "1" } });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/confine = true, but workers are not confined: no FFI/);
});
