/** The cache: what it answers, what it forgets, and that it never answers what is no longer true for longer than told. */
import { describe, expect, test } from "bun:test";
import { truncateSync, writeFileSync } from "node:fs";
import { until } from "../support/deadline.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { requestOctets, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const REVALIDATE_MS = 50;

/** Of "hunter2", quickly checked. */
const HASH = Bun.password.hashSync("hunter2", { algorithm: "bcrypt", cost: 4 });

const server = useSaker({
  config: `cache_revalidate_ms = ${REVALIDATE_MS}\nmax_cached_file_kb = 64`,
  site: {
    "index.html": "home",
    "page.txt": "page",
    "sub/index.html": "sub",
    "limit.bin": randomOctets(64 * 1024, 1),
    "beyond.bin": randomOctets(64 * 1024 + 1, 2),
  },
});

const outcome = async (target: string, lines: string[] = []) =>
  (await server.saker.get(target, lines)).field("X-Cache");

describe("X-Cache", () => {
  test.each(["/page.txt", "/sub/", "/limit.bin"])("%s is a MISS, then a HIT", async (target) => {
    expect(await outcome(target)).toBe("MISS");
    expect(await outcome(target)).toBe("HIT");
    expect(await outcome(target)).toBe("HIT");
  });

  test("other spellings of a path and other queries hit the same entry", async () => {
    await server.saker.get("/index.html");
    for (const target of ["/index.html?a=1", "/./index.html", "/sub/../index.html", "/%69ndex.html", "//index.html"]) {
      expect(await outcome(target)).toBe("HIT");
    }
  });

  test("conditional and partial answers come from the cache as well", async () => {
    const tag = (await server.saker.get("/page.txt")).field("ETag")!;
    await until(async () => (await outcome("/page.txt")) === "HIT", "the file is cached");
    expect(await outcome("/page.txt", [`If-None-Match: ${tag}`])).toBe("HIT");
    expect(await outcome("/page.txt", ["Range: bytes=0-1"])).toBe("HIT");
  });

  test("a file larger than max_cached_file_kb is never a HIT, and is right every time", async () => {
    for (let round = 0; round < 3; round++) {
      const response = await server.saker.get("/beyond.bin");
      expect(response.field("X-Cache")).toBe("MISS");
      expect(firstDifference(response.body, randomOctets(64 * 1024 + 1, 2))).toBeNull();
    }
  });
});

/** Sizes that are kept in memory, kept as an open file, and not cached. */
const SIZES = { small: 100, medium: 50_000, large: 200_000 };

describe.each(Object.entries(SIZES))("a %s file of %d octets", (name, size) => {
  const before = randomOctets(size, 10);
  const after = randomOctets(size, 11);
  const longer = randomOctets(size + 77, 12);

  /** Puts `before` there, has it cached, and returns its path. */
  async function cached(purpose: string): Promise<string> {
    const file = `${name}-${purpose}.bin`;
    await server.saker.site.place(file, before);
    const response = await server.saker.get(`/${file}`);
    expect(firstDifference(response.body, before)).toBeNull();
    await server.saker.get(`/${file}`);
    return file;
  }

  /** The new content is noticed; until then it is the old content, whole and under its own tag. */
  async function expectNoticed(file: string, content: Uint8Array): Promise<void> {
    const tags = new Map<string, string>();
    await until(async () => {
      const response = await server.saker.get(`/${file}`);
      expect(response.status).toBe(200);
      const isNew = response.body.length === content.length && firstDifference(response.body, content) === null;
      if (!isNew) expect(firstDifference(response.body, before)).toBeNull();
      tags.set(response.field("ETag")!, isNew ? "new" : "old");
      return isNew;
    }, `the new ${file} is served`);
    const settled = await server.saker.get(`/${file}`);
    expect(firstDifference(settled.body, content)).toBeNull();
    expect(settled.field("Content-Length")).toBe(String(content.length));
  }

  test("replaced by another of the same size: noticed, with another tag", async () => {
    const file = await cached("replaced");
    const oldTag = (await server.saker.get(`/${file}`)).field("ETag");
    await server.saker.site.replace(file, after);
    await expectNoticed(file, after);
    expect((await server.saker.get(`/${file}`)).field("ETag")).not.toBe(oldTag);
  });

  test("replaced by a longer one: noticed", async () => {
    const file = await cached("longer");
    await server.saker.site.replace(file, longer);
    await expectNoticed(file, longer);
  });

  test("rewritten in place: noticed", async () => {
    const file = await cached("rewritten");
    writeFileSync(server.saker.site.path(file), after);
    await until(async () => Buffer.compare((await server.saker.get(`/${file}`)).body, after) === 0, "it is noticed");
  });

  test("truncated: noticed, and never an answer longer than what there is", async () => {
    const file = await cached("truncated");
    truncateSync(server.saker.site.path(file), size >> 1);
    await until(async () => {
      // An answer begun on the old version ends early, which the client sees; it is never filled up.
      const response = await server.saker.get(`/${file}`).catch(() => null);
      return response && Buffer.compare(response.body, before.subarray(0, size >> 1)) === 0;
    }, "it is noticed");
  });

  test("deleted: noticed, and noticed again when it comes back", async () => {
    const file = await cached("deleted");
    await server.saker.site.remove(file);
    await until(async () => (await server.saker.get(`/${file}`)).status === 404, "it is gone");
    await server.saker.site.place(file, after);
    await until(async () => (await server.saker.get(`/${file}`)).status === 200, "it is back");
    expect(firstDifference((await server.saker.get(`/${file}`)).body, after)).toBeNull();
  });

  test("turned into a folder: redirected", async () => {
    const file = await cached("folder");
    await server.saker.site.remove(file);
    await server.saker.site.place(`${file}/index.html`, "now a folder");
    await until(async () => (await server.saker.get(`/${file}`)).has("Location"), "it is redirected");
    expect((await server.saker.get(`/${file}/`)).text).toBe("now a folder");
  });

  test("touched without a change: the tag stays if it is of the content, and the answer is right", async () => {
    const file = await cached("touched");
    const tag = (await server.saker.get(`/${file}`)).field("ETag");
    await server.saker.site.setModified(file, new Date("2010-10-10T10:10:10Z"));
    const response = await until(async () => {
      const response = await server.saker.get(`/${file}`);
      return response.field("Last-Modified") === "Sun, 10 Oct 2010 10:10:10 GMT" ? response : null;
    }, "the new date is served");
    expect(firstDifference(response.body, before)).toBeNull();
    if (name !== "large") expect(response.field("ETag")).toBe(tag!);
  });
});

describe("a file sent from its descriptor that changes in place is noticed long before cache_revalidate_ms", () => {
  const before = randomOctets(300_000, 30);
  const patient = useSaker({
    config:
      `cache_revalidate_ms = 3600000\nmax_cached_file_kb = 400\nspa_fallback = "/app.bin"\n` +
      `[[basic_auth]]\npath = "/guarded/*"\nusers = [${JSON.stringify(`ann:${HASH}`)}]\n`,
    site: Object.fromEntries(["one.bin", "app.bin", "guarded/one.bin", "zero.bin"].map((name) => [name, before])),
  });
  const lines = [`Authorization: Basic ${btoa("ann:hunter2")}`];

  test.each([
    ["its own entry", "one.bin", "/one.bin"],
    ["an entry that many paths share", "app.bin", "/some/route"],
    ["an entry with a guard", "guarded/one.bin", "/guarded/one.bin"],
  ])("%s", async (_, name, target) => {
    const get = (more: string[] = []) => patient.saker.get(target, [...lines, ...more]);
    await get();
    const old = await get();
    expect([old.field("X-Cache"), firstDifference(old.body, before)]).toEqual(["HIT", null]);
    const after = randomOctets(300_000, 31);
    writeFileSync(patient.saker.site.path(name), after);
    const changed = await until(async () => {
      const response = await get();
      return response.field("ETag") === old.field("ETag") ? null : response;
    }, "the new file is served");
    expect(firstDifference(changed.body, after)).toBeNull();
    truncateSync(patient.saker.site.path(name), 100_000);
    const cut = await until(async () => {
      const response = await get(["Range: bytes=0-199999"]);
      return response.field("Content-Range") === "bytes 0-99999/100000" ? response : null;
    }, "the cut file is served");
    expect(firstDifference(cut.body, after.subarray(0, 100_000))).toBeNull();
    await until(async () => (await get()).field("X-Cache") === "HIT", "it is cached again");
  });

  test("cut to nothing while it is sent: the next request gets what there is", async () => {
    await patient.saker.get("/zero.bin");
    truncateSync(patient.saker.site.path("zero.bin"), 0);
    await until(
      async () => (await patient.saker.get("/zero.bin").catch(() => null))?.body.length === 0,
      "it is noticed",
    );
    expect((await patient.saker.metrics()).sum("saker_cache_stale_total")).toBeGreaterThan(0);
  });
});

test("an index file that appears, or goes, is noticed", async () => {
  await server.saker.site.place("later/other.txt", "x");
  expect((await server.saker.get("/later/")).status).toBe(404);
  await server.saker.site.place("later/index.html", "here now");
  await until(async () => (await server.saker.get("/later/")).status === 200, "the index is served");
  await server.saker.site.remove("later/index.html");
  await until(async () => (await server.saker.get("/later/")).status === 404, "the index is gone");
});

test("cache_revalidate_ms = 0 looks every time: the very next answer is the new one", async () => {
  await using saker = await startSaker({ config: "cache_revalidate_ms = 0", site: { "page.txt": "version 0" } });
  for (let version = 0; version < 20; version++) {
    await saker.site.replace("page.txt", `version ${version}`);
    expect((await saker.get("/page.txt")).text).toBe(`version ${version}`);
  }
});

test("cache_size_mb = 0 turns the cache off", async () => {
  await using saker = await startSaker({ config: "cache_size_mb = 0", site: { "page.txt": "version 0" } });
  for (let version = 0; version < 10; version++) {
    await saker.site.replace("page.txt", `version ${version}`);
    const response = await saker.get("/page.txt");
    expect([response.text, response.field("X-Cache")]).toEqual([`version ${version}`, "MISS"]);
  }
  expect((await saker.get("/missing")).status).toBe(404);
  const metrics = await saker.metrics();
  expect(metrics.sum("saker_cache_hits_total")).toBe(0);
  expect(metrics.sum("saker_cache_entries")).toBe(0);
});

test("concurrent misses of one file read it once", async () => {
  const content = randomOctets(1 << 20, 20);
  await using saker = await startSaker({ site: { "cold.bin": content } });
  const clients = await Promise.all(Array.from({ length: 50 }, () => saker.connect()));
  for (const client of clients) client.sendCarelessly(requestOctets("/cold.bin"));
  const responses = await Promise.all(clients.map((client) => client.readResponse()));
  for (const response of responses) expect(firstDifference(response.body, content)).toBeNull();
  for (const client of clients) client.close();
  const { total } = JSON.parse((await saker.get("/stats")).text) as {
    total: { queue: { admissions: number }; cache: { hits: number; misses: number; entries: number } };
  };
  expect(total.queue.admissions).toBe(1);
  // Requests during the reading waited for it: a miss; later ones hit.
  expect([total.cache.hits + total.cache.misses, total.cache.entries]).toEqual([50, 1]);
});

test("an entry dropped while others still wait for it serves them all the same", async () => {
  await using saker = await startSaker({ config: "cache_revalidate_ms = 0" });
  for (let round = 1; round <= 5; round++) {
    const content = randomOctets(60_000, round);
    const clients = await Promise.all(Array.from({ length: 4 }, () => saker.connect()));
    // So young that the second request of the first client already has it loaded again.
    await saker.site.place(`young-${round}.bin`, content);
    for (const client of clients) client.sendCarelessly(requestOctets(`/young-${round}.bin`).repeat(2));
    for (const client of clients) {
      for (const response of await client.readResponses(2)) {
        expect(response.status).toBe(200);
        expect(firstDifference(response.body, content)).toBeNull();
      }
      client.close();
    }
  }
});

test("a tiny budget is kept: entries are evicted, answers stay right", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [`${index}.bin`, randomOctets(150_000, index)]),
  );
  await using saker = await startSaker({ config: "cache_size_mb = 1", site: files });
  for (let round = 0; round < 3; round++) {
    for (const [name, content] of Object.entries(files)) {
      expect(firstDifference((await saker.get(`/${name}`)).body, content)).toBeNull();
    }
  }
  // The one just used is still there; the one used longest ago is not.
  expect((await saker.get("/11.bin")).field("X-Cache")).toBe("HIT");
  expect((await saker.get("/0.bin")).field("X-Cache")).toBe("MISS");
  const metrics = await until(async () => {
    const metrics = await saker.metrics();
    return metrics.sum("saker_cache_evictions_total") > 0 && metrics.sum("saker_cache_bytes") > 0 ? metrics : null;
  }, "the evictions are counted");
  expect(metrics.sum("saker_cache_bytes")).toBeLessThanOrEqual(1 << 20);
  expect(metrics.sum("saker_cache_entries")).toBeLessThanOrEqual(7);
});
