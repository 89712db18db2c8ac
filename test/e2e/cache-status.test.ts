/** `cache_field`: Cache-Status (RFC 9211) says whether a response came from the cache, and if not, why. */
import { describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { requestOctets, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const TEXT = "The falcon cannot hear the falconer. ".repeat(200);
const HIT = "saker; hit";
const MISS = "saker; fwd=uri-miss";

describe("cache-status", () => {
  const server = useSaker({
    config: `cache_field = "cache-status"
      cache_revalidate_ms = 0
      max_cached_file_kb = 64
      directory_listing = true
      [cors]
      allowed_origins = ["*"]
      exposed_headers = ["Cache-Status"]`,
    site: { "a.txt": "a", "b.txt": TEXT, "c.txt": TEXT, "large.bin": TEXT.repeat(20), "list/x": "x", "old.txt": "old" },
  });
  const status = async (target: string, lines: readonly string[] = [], method = "GET") => {
    const response = await server.saker.get(target, lines, method);
    expect(response.field("X-Cache")).toBeNull();
    return response.field("Cache-Status");
  };

  test("a path that is unknown, then known: content, head, 304 and 206 alike", async () => {
    expect(await status("/a.txt")).toBe(MISS);
    await until(async () => (await status("/a.txt")) === HIT, "the file is old enough to be believed");
    const tag = (await server.saker.get("/a.txt")).field("ETag")!;
    expect(await status("/a.txt", [], "HEAD")).toBe(HIT);
    expect(await status("/a.txt", [`If-None-Match: ${tag}`])).toBe(HIT);
    expect(await status("/a.txt", ["Range: bytes=0-0"])).toBe(HIT);
    expect(await status("/list/")).toBe(MISS);
  });

  test("a file that has changed since", async () => {
    expect(await status("/old.txt")).toBe(MISS);
    await server.saker.site.replace("old.txt", "new");
    expect(await status("/old.txt")).toBe("saker; fwd=stale");
  });

  test("a coding that is made for the first who asks for it", async () => {
    const gzip = ["Accept-Encoding: gzip"];
    expect(await status("/c.txt", gzip)).toBe(MISS); // neither was known
    expect(await status("/b.txt")).toBe(MISS);
    expect(await status("/b.txt", ["Accept-Encoding: br"])).toMatch(/^saker; fwd=(?:vary-miss|stale)$/);
  });

  test("a file that is too large for the cache", async () => {
    for (let round = 0; round < 3; round++) expect(await status("/large.bin")).toBe("saker; fwd=bypass");
  });

  test("what no file answers has neither field", async () => {
    expect(await status("/missing")).toBeNull();
    expect(await status("/list")).toBeNull();
  });

  test("a script may read it where [cors] says so", async () => {
    const response = await server.saker.get("/a.txt", ["Origin: https://a.example"]);
    expect(response.field("Access-Control-Expose-Headers")).toBe("Cache-Status");
  });
});

test("a coding of a path that is known", async () => {
  await using saker = await startSaker({ config: 'cache_field = "both"', site: { "b.txt": TEXT } });
  await saker.get("/b.txt");
  await using client = await saker.connect();
  const response = await client.request(requestOctets("/b.txt", ["Accept-Encoding: gzip"]));
  expect([response.field("Content-Encoding"), response.field("Cache-Status")]).toEqual([
    "gzip",
    "saker; fwd=vary-miss",
  ]);
  const next = await client.request(requestOctets("/b.txt", ["Accept-Encoding: gzip"]));
  expect([next.field("X-Cache"), next.field("Cache-Status")]).toEqual(["HIT", HIT]);
});

test.each([
  ['cache_field = "both"', ["MISS", MISS]],
  ['cache_field = "off"', [null, null]],
  ["", ["MISS", null]],
  ['cache_size_mb = 0\ncache_field = "both"\ndirectory_listing = true', ["MISS", "saker; fwd=bypass"]],
])("%j", async (config, fields) => {
  await using saker = await startSaker({ config, site: { "a.txt": "a", "list/x": "x" } });
  for (const target of config.includes("listing") ? ["/a.txt", "/list/", "/list/"] : ["/a.txt"]) {
    const response = await saker.get(target);
    expect([response.field("X-Cache"), response.field("Cache-Status")]).toEqual(fields as never);
  }
});
