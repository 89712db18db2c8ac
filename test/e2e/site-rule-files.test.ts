/** `_redirects` and `_headers` that change while the server runs: noticed, and never two truths at a time. */
import { expect, test } from "bun:test";
import { appendFileSync, truncateSync } from "node:fs";
import { until } from "../support/deadline.ts";
import { type Saker, startSaker } from "../support/saker.ts";

const CONFIG = "netlify_files = true\nnum_workers = 2\n";

/** What different connections, and so different workers, are told. */
async function locations(saker: Saker, target: string): Promise<Set<string | null>> {
  const asked = Array.from({ length: 12 }, async () => (await saker.get(target)).field("Location") ?? null);
  return new Set(await Promise.all(asked));
}

const agrees = (saker: Saker, target: string, location: string | null) =>
  until(
    async () => {
      const seen = await locations(saker, target);
      return seen.size === 1 && seen.has(location);
    },
    () => `every worker sends ${target} to ${location}\n${saker.output}`,
  );

test.concurrent("a file that is replaced, rewritten, removed and made is noticed, for virtual hosts too", async () => {
  const config = (site: { beside(name: string): string }) =>
    `${CONFIG}[[virtual_host]]\nnames = ["other.example"]\nroot = ${JSON.stringify(site.beside("other"))}\n`;
  await using saker = await startSaker({
    config,
    site: { _redirects: "/n /one\n", "index.html": "home", "../other/index.html": "other" },
  });
  const { site } = saker;
  await agrees(saker, "/n", "/one");
  await site.replace("_redirects", "/n /two\n");
  await agrees(saker, "/n", "/two");
  await saker.printed(/_redirects changed: all workers obey the new rules/);
  truncateSync(site.path("_redirects"));
  appendFileSync(site.path("_redirects"), "/n /three\n");
  await agrees(saker, "/n", "/three");
  await site.remove("_redirects");
  await agrees(saker, "/n", null);
  await site.place("_headers", "/*\n  Basic-Auth: ann:hunter2\n");
  await until(
    async () => (await saker.get("/")).status === 401,
    () => "a password that was added is asked for",
  );
  await site.place("../other/_redirects", "/n /four\n");
  await agrees(saker, "http://other.example/n", "/four");
});

test.concurrent("a worker that replaces a dead one obeys what the others obey", async () => {
  await using saker = await startSaker({ config: CONFIG, site: { _headers: "/*\n  X-Rules: one\n", "a.txt": "a" } });
  const { site } = saker;
  const rules = async () => {
    const asked = Array.from({ length: 12 }, async () => (await saker.get("/a.txt")).field("X-Rules"));
    return [...new Set(await Promise.all(asked))];
  };
  // One that can't be obeyed: the rules of before stay, whichever worker is asked, and whenever it was started.
  await site.remove("_headers");
  await site.place("_headers", { link: "/etc/hostname" });
  await saker.printed(/_headers changed, but the old rules stay: .*_headers is a link/);
  expect(saker.output.match(/_headers is a link/g)).toHaveLength(1);
  expect(await rules()).toEqual(["one"]);
  const [victim] = saker.workerPids();
  process.kill(victim!, "SIGKILL");
  await saker.workersSettled(2, [victim!]);
  await saker.printed(/is started again/);
  expect(await rules()).toEqual(["one"]);
  await site.remove("_headers");
  await site.place("_headers", "/*\n  X-Rules: two\n");
  await until(
    async () => (await rules()).join() === "two",
    () => `the file that was put right is obeyed\n${saker.output}`,
  );
});

test("a server doesn't start without a password file that it can't read", async () => {
  const site = { _headers: { link: "/etc/hostname" }, "a.txt": "a" };
  const started = startSaker({ config: CONFIG, site });
  await expect(started).rejects.toThrow(/_headers is a link that leads nowhere.*may ask for passwords/);
});
