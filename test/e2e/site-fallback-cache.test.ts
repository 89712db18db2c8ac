/** Many paths that one file answers: its content is kept once, whatever path is requested. */
import { describe, expect, test } from "bun:test";
import { randomOctets } from "../support/octets.ts";
import { requestOctets } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

describe.each([
  ["in memory", 20_000],
  ["by descriptor", 300_000],
  ["larger than the cache takes", 2_000_000],
])("%s", (_, octets) => {
  const content = randomOctets(octets);
  const server = useSaker({
    config: `spa_fallback = "/app.html"
cache_size_mb = 4
cache_revalidate_ms = 60000
[[header]]
path = "/special/*"
set = { X-Special = "yes" }
`,
    site: { "app.html": content, "kept.txt": "kept" },
  });

  test("a thousand paths take no more of the cache than one", async () => {
    const cachedOctets = async () => (await server.saker.metrics()).value("saker_cache_bytes");
    await server.saker.get("/kept.txt");
    await server.saker.get("/first");
    const before = await cachedOctets();
    await using client = await server.saker.connect();
    for (let path = 0; path < 300; path++) {
      const response = await client.request(requestOctets(`/scan/${path}`));
      expect(response.status).toBe(200);
      expect(Buffer.compare(response.body, content)).toBe(0);
    }
    expect(await cachedOctets()).toBe(before);
    expect((await server.saker.get("/kept.txt")).field("X-Cache")).toBe("HIT");
  });

  test("each path has its own fields", async () => {
    for (let round = 0; round < 2; round++) {
      expect((await server.saker.get("/special/a")).field("X-Special")).toBe("yes");
      expect((await server.saker.get("/plain/a")).field("X-Special")).toBeNull();
    }
  });

  test("parts and conditions", async () => {
    const tag = (await server.saker.get("/x")).field("ETag")!;
    expect((await server.saker.get("/y", [`If-None-Match: ${tag}`])).status).toBe(304);
    const part = await server.saker.get("/z", ["Range: bytes=100-199"]);
    expect(Buffer.compare(part.body, content.subarray(100, 200))).toBe(0);
  });
});

describe("a version that replaces it", () => {
  const server = useSaker({
    config: 'spa_fallback = "/app.html"\ncache_revalidate_ms = 0',
    site: { "app.html": "version 0" },
  });
  test("is what every path answers with, at once", async () => {
    for (let version = 1; version < 6; version++) {
      await server.saker.site.replace("app.html", `version ${version}`);
      for (const path of ["/a", "/b", "/app.html", "/a"]) {
        expect((await server.saker.get(path)).text).toBe(`version ${version}`);
      }
    }
  });
  test("and when it is gone, nothing is there", async () => {
    await server.saker.get("/a");
    await server.saker.site.remove("app.html");
    expect((await server.saker.get("/a")).status).toBe(404);
    expect((await server.saker.get("/c")).status).toBe(404);
    await server.saker.site.place("app.html", "back");
    expect((await server.saker.get("/a")).text).toBe("back");
  });
});

describe("with the cache off", () => {
  const server = useSaker({ config: 'spa_fallback = "/app.html"\ncache_size_mb = 0', site: { "app.html": "app" } });
  test("it is all the same", async () => {
    for (const path of ["/a", "/b", "/a"]) expect((await server.saker.get(path)).text).toBe("app");
  });
});
