/** Variants of real files: what answers, what is made of what, what the cache has to do with it. */
import { describe, expect, test } from "bun:test";
import { fstatSync, openSync, readFileSync, unlinkSync, writeFileSync, writeSync } from "node:fs";
import { brotliDecompressSync, gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";
import { countOpenFiles } from "../../../src/cache/open-file.ts";
import { Budget, CacheEntry, CacheMember, ResponseCache } from "../../../src/cache/response-cache.ts";
import { COMPRESSION_TABLE } from "../../../src/config/compression-table.ts";
import { Coding } from "../../../src/http/content-coding.ts";
import { ContentKind } from "../../../src/http/content.ts";
import { CacheOutcome } from "../../../src/http/reply.ts";
import { Coder, type CompressionSettings, Reading } from "../../../src/site/coding/coder.ts";
import type { CodedFile, Compressor, FileJob, SlowlyCoded } from "../../../src/site/coding/low-priority-compressor.ts";
import { NeighbourFault } from "../../../src/site/coding/neighbour-fault.ts";
import type { Variants } from "../../../src/site/coding/variants.ts";
import { FileReplies } from "../../../src/site/represent/file-replies.ts";
import { UNCOUNTED } from "../../../src/site/coding/coding-counts.ts";
import { ServedFile } from "../../../src/site/load/served-file.ts";
import { documentRootAt } from "../../../src/site/load/open-below.ts";
import { contentEntityTag, versionEntityTag } from "../../../src/site/load/validators.ts";
import { FileStatus, statPath } from "../../../src/sys/file-status.ts";
import { headOf } from "../../http/support/head-result.ts";
import { contentOf as sentContent, headText } from "../../http/support/sent-reply.ts";
import { until } from "../../support/deadline.ts";
import { randomOctets } from "../../support/octets.ts";
import { createSite, type Site } from "../../support/site.ts";

const DEFAULTS = Object.fromEntries(
  Object.entries(COMPRESSION_TABLE.rows).map(([name, row]) => [name, row.default]),
) as unknown as CompressionSettings;

const TEXT = Buffer.from("a line of text that is like the line before it, but for its number\n".repeat(1500));
const NOISE = randomOctets(50_000);
const MIB = 1024 * 1024;

/** Compresses nothing by itself: says what it was asked for, and gives what the test wants. */
class FakeCompressor implements Compressor {
  readonly asked: string[] = [];
  answer: SlowlyCoded = { coded: null, cpuMs: 0 };
  pending: Promise<void> = Promise.resolve();
  async compress(coding: Coding, level: number, octets: Buffer): Promise<SlowlyCoded> {
    this.asked.push(`${Coding[coding]} ${level} of ${octets.length}`);
    await this.pending;
    return this.answer;
  }
  /** Writes what the test wants into the file that it is given. */
  async compressFile({ coding, level, source, target, octetsMax }: FileJob): Promise<CodedFile> {
    this.asked.push(`${Coding[coding]} ${level} of a file of ${fstatSync(source).size}, at most ${octetsMax}`);
    await this.pending;
    const { coded, cpuMs } = this.answer;
    if (coded !== null) writeSync(target, coded);
    return { digest: coded === null ? null : 5n, cpuMs };
  }
  stop(): void {}
}

interface Scene {
  readonly coder: Coder;
  readonly variants: Variants | null;
  readonly cache: ResponseCache<CacheEntry>;
  readonly compressor: FakeCompressor;
}

interface SceneOptions {
  readonly settings?: Partial<CompressionSettings>;
  readonly cacheOctets?: number;
  readonly cachedFileOctetsMax?: number;
  readonly name?: string;
  readonly contentType?: string;
  readonly isInFile?: boolean;
}

/** What the loader does, for one file of the site. */
async function sceneOf(site: Site, options: SceneOptions = {}): Promise<Scene> {
  const { name = "page.html", contentType = "text/html", cacheOctets = 50 * MIB } = options;
  const settings = { ...DEFAULTS, ...options.settings };
  const cache = new ResponseCache<CacheEntry>(cacheOctets, (cacheOctets * settings.cache_share_percent) / 100);
  const compressor = new FakeCompressor();
  const coder = new Coder(settings, options.cachedFileOctetsMax ?? MIB, cache, UNCOUNTED, compressor);
  const path = site.path(name);
  const version = new FileStatus();
  statPath(Buffer.from(`${path}\0`), version);
  const neighbours = await new Promise<Parameters<typeof coder.isNegotiable>[3]>((resolve) =>
    coder.lookAround(path, contentType, resolve),
  );
  const isRead = cacheOctets > 0 && version.size <= (options.cachedFileOctetsMax ?? MIB);
  const reading = isRead ? Reading.Read : cacheOctets > 0 ? Reading.Unread : Reading.Unstable;
  if (!coder.isNegotiable(contentType, version, reading, neighbours))
    return { coder, variants: null, cache, compressor };
  const content = readFileSync(path);
  const file = options.isInFile === true ? new ServedFile(openSync(path, "r"), version) : null;
  const identity = new FileReplies(
    {
      serverField: "",
      contentType,
      size: version.size,
      entityTag: isRead ? contentEntityTag(content) : versionEntityTag(version),
      lastModifiedMs: version.mtimeMs,
      varies: true,
    },
    file === null ? content : null,
    file,
    CacheOutcome.Hit,
  );
  const root = documentRootAt(site.root);
  const loaded = { root, filePath: `/${name}`, followSymlinks: "inside", version, reading, file } as const;
  return { coder, variants: coder.variantsOf(loaded, neighbours, identity), cache, compressor };
}

const accepting = (value: string) => headOf(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${value}\r\n\r\n`);

/** What a client gets in the end, making what is wanted as often as it takes. */
async function repliesFor({ coder, variants }: Scene, value: string): Promise<FileReplies> {
  for (let round = 0; round < 5; round++) {
    const selected = coder.select(variants!, accepting(value));
    if (selected !== null) return selected;
    const wanted = coder.wanted(variants!, accepting(value));
    const isSettled = await new Promise<boolean>((resolve) => coder.make(variants!, wanted, resolve));
    if (!isSettled) return variants!.identity;
  }
  throw new Error("it never ends");
}

const contentOf = ({ full }: FileReplies) => sentContent(full);

const text = () => createSite({ "page.html": TEXT });

describe.each([
  ["in memory", false],
  ["in a file", true],
])("a text %s", (_, isInFile) => {
  test.each([
    ["br", brotliDecompressSync],
    ["zstd", zstdDecompressSync],
    ["gzip", gunzipSync],
  ] as const)("is compressed with %s, once", async (name, decode) => {
    await using site = await text();
    const scene = await sceneOf(site, { isInFile });
    const replies = await repliesFor(scene, name);
    expect(Buffer.compare(decode(contentOf(replies)), TEXT)).toBe(0);
    expect(headText(replies.headOnly)).toContain(`\r\nContent-Encoding: ${name}\r\n`);
    expect(headText(replies.headOnly)).toContain(`\r\nContent-Length: ${replies.size}\r\n`);
    for (const reply of [replies.headOnly, replies.notModified, scene.variants!.identity.notModified]) {
      expect(headText(reply)).toContain("\r\nVary: Accept-Encoding\r\n");
    }
    expect(scene.coder.select(scene.variants!, accepting(name))).toBe(replies);
    expect(scene.cache.octets).toBeGreaterThan(replies.size);
  });
});

describe("who gets what", () => {
  test.each([
    ["gzip, deflate, br, zstd", "br"],
    ["gzip, zstd", "zstd"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["deflate", "identity"],
    ["gzip;q=0.1, identity", "identity"],
    ["*;q=0", "identity"],
  ])("%s: %s", async (value, expected) => {
    await using site = await text();
    const replies = await repliesFor(await sceneOf(site), value);
    expect(Coding[replies.coding]!.toLowerCase()).toBe(expected);
  });

  test("tags differ between codings", async () => {
    await using site = await text();
    const scene = await sceneOf(site);
    const tags = new Set<string>();
    for (const value of ["br", "zstd", "gzip", "identity"]) tags.add((await repliesFor(scene, value)).fields.entityTag);
    expect(tags.size).toBe(4);
  });
});

describe("nothing to choose from", () => {
  test.each<[what: string, content: Buffer | string, options: SceneOptions]>([
    ["a small file", "x".repeat(1399), {}],
    ["an empty file", "", { settings: { minimum_size_bytes: 0 } }],
    ["a media type that isn't listed", TEXT, { contentType: "image/png" }],
    ["compression turned off", TEXT, { settings: { enabled: false } }],
    ["no codings", TEXT, { settings: { codings: [] } }],
    ["no share of the cache", TEXT, { settings: { cache_share_percent: 0 } }],
    ["the cache off", TEXT, { cacheOctets: 0 }],
    ["a file over the limit", "x".repeat(MIB + 1), { settings: { maximum_size_mb: 1 } }],
    [
      "a file over the limit, too large for the cache",
      TEXT,
      { settings: { maximum_size_mb: 0 }, cachedFileOctetsMax: 1 },
    ],
  ])("%s", async (_, content, options) => {
    await using site = await createSite({ "page.html": content });
    expect((await sceneOf(site, options)).variants).toBeNull();
  });
});

test("what doesn't get smaller stays as it is, and isn't tried again with another coding", async () => {
  await using site = await createSite({ "page.html": NOISE });
  const scene = await sceneOf(site);
  expect((await repliesFor(scene, "gzip, br, zstd")).isCoded).toBe(false);
  for (const value of ["gzip", "br", "zstd"]) {
    expect(scene.coder.select(scene.variants!, accepting(value))).toBe(scene.variants!.identity);
  }
  expect(scene.cache.octets).toBe(0);
});

test("a file that has changed in place is not compressed under the tag of what it was", async () => {
  await using site = await text();
  const scene = await sceneOf(site, { isInFile: true });
  writeFileSync(site.path("page.html"), TEXT.toString().replaceAll("line", "LINE"));
  expect((await repliesFor(scene, "br")).isCoded).toBe(false);
});

describe("neighbours", () => {
  const CODED = gzipSync(TEXT, { level: 9 });
  const withNeighbour = () => createSite({ "page.html": TEXT, "page.html.gz": CODED });

  test.each([
    ["gzip", "Gzip"],
    ["gzip, br, zstd", "Gzip"],
    ["gzip;q=0.5, br", "Br"],
    ["br", "Br"],
    ["identity", "Identity"],
  ])("%s: %s", async (value, coding) => {
    await using site = await withNeighbour();
    const replies = await repliesFor(await sceneOf(site), value);
    expect(Coding[replies.coding]).toBe(coding);
    if (coding === "Gzip") expect(Buffer.compare(contentOf(replies), CODED)).toBe(0);
  });

  test("serve without a cache, and for files too small or too large to be compressed here", async () => {
    for (const options of [
      { cacheOctets: 0 },
      { cachedFileOctetsMax: 1000 },
      { settings: { minimum_size_bytes: MIB } },
      { settings: { cache_share_percent: 0 } },
    ]) {
      await using site = await withNeighbour();
      const scene = await sceneOf(site, options);
      const replies = await repliesFor(scene, "gzip, br");
      expect(Buffer.compare(contentOf(replies), CODED)).toBe(0);
      expect((await repliesFor(scene, "br")).isCoded).toBe(false);
    }
  });

  test("that are too large for the variants' share come from their file, and take none of it", async () => {
    await using site = await withNeighbour();
    const scene = await sceneOf(site, { cacheOctets: 200_000, settings: { cache_share_percent: 1 } });
    const replies = await repliesFor(scene, "gzip");
    expect(replies.full.content.kind).toBe(ContentKind.File);
    expect(Buffer.compare(contentOf(replies), CODED)).toBe(0);
    expect(replies.full.outcome).toBe(CacheOutcome.Miss);
    expect(scene.cache.octets).toBe(0);
    expect(scene.coder.select(scene.variants!, accepting("gzip"))).toBe(replies);
  });

  test("are not looked for when the settings say so", async () => {
    await using site = await withNeighbour();
    const replies = await repliesFor(await sceneOf(site, { settings: { precompressed: false } }), "gzip");
    expect(Buffer.compare(contentOf(replies), CODED)).not.toBe(0);
  });

  test("one that has changed since is not sent", async () => {
    await using site = await withNeighbour();
    const scene = await sceneOf(site);
    writeFileSync(site.path("page.html.gz"), "other");
    expect((await repliesFor(scene, "gzip")).isCoded).toBe(false);
  });

  test("one that has gone since gives way to what is compressed here", async () => {
    await using site = await withNeighbour();
    const scene = await sceneOf(site);
    unlinkSync(site.path("page.html.gz"));
    expect(gunzipSync(contentOf(await repliesFor(scene, "gzip")))).toEqual(TEXT);
  });

  test("one of another coding than its name says gives way to what is compressed here, and it is known why", async () => {
    await using site = await createSite({ "page.html": TEXT, "page.html.zst": CODED });
    const scene = await sceneOf(site);
    const replies = await repliesFor(scene, "zstd");
    expect(replies.coding).toBe(Coding.Zstd);
    expect(zstdDecompressSync(contentOf(replies))).toEqual(TEXT);
    const unused = scene.variants!.source!.neighbours!.unusedFor(new FileStatus());
    expect(unused).toEqual([{ path: site.path("page.html.zst"), fault: NeighbourFault.NotOfCoding }]);
  });

  test("one that is no use leaves nothing where nothing is compressed here", async () => {
    await using site = await createSite({ "page.html": TEXT, "page.html.zst": CODED });
    const scene = await sceneOf(site, { settings: { cache_share_percent: 0 } });
    expect((await repliesFor(scene, "zstd")).isCoded).toBe(false);
  });

  test("a link that leads out of the root is not followed", async () => {
    await using site = await createSite({
      "page.html": TEXT,
      "../secret": CODED,
      "page.html.gz": { link: "../secret" },
    });
    const scene = await sceneOf(site);
    expect(gunzipSync(contentOf(await repliesFor(scene, "gzip")))).toEqual(TEXT);
    expect((await repliesFor(scene, "gzip, br")).coding).toBe(Coding.Br);
  });
});

describe("the cache", () => {
  test("an evicted variant is made again, a released one lets go of its room", async () => {
    await using site = await text();
    const scene = await sceneOf(site, { cacheOctets: 16_000 });
    await repliesFor(scene, "br");
    await repliesFor(scene, "gzip");
    expect(scene.cache.evictions).toBe(1);
    expect(scene.coder.select(scene.variants!, accepting("br"))).toBeNull();
    scene.variants!.release();
    expect(scene.cache.octets).toBe(0);
  });

  test("a variant that has no room at all is not made twice", async () => {
    await using site = await text();
    const scene = await sceneOf(site, { cacheOctets: 200_000, settings: { cache_share_percent: 1 } });
    expect((await repliesFor(scene, "br")).isCoded).toBe(false);
    expect(scene.coder.select(scene.variants!, accepting("br"))).toBe(scene.variants!.identity);
  });
});

describe("becoming better", () => {
  const BETTER = Buffer.from("much better");

  async function hotScene(settings: Partial<CompressionSettings> = {}, value = "br") {
    const site = await text();
    const scene = await sceneOf(site, { settings: { upgrade_hits: 3, ...settings } });
    scene.compressor.answer = { coded: BETTER, cpuMs: 0 };
    const first = await repliesFor(scene, value);
    scene.coder.tick(0);
    for (let hit = 0; hit < 3; hit++) scene.coder.select(scene.variants!, accepting(value));
    return { ...scene, site, first, current: () => scene.coder.select(scene.variants!, accepting(value)) };
  }

  const settle = () => Bun.sleep(1);

  test.each([
    ["br", `Br 11 of ${TEXT.length}`],
    ["zstd", `Zstd 19 of ${TEXT.length}`],
  ])("%s, once", async (value, asked) => {
    const { coder, compressor, first, current, site } = await hotScene({}, value);
    await using _ = site;
    coder.tick(1000);
    await settle();
    coder.tick(2000);
    expect(compressor.asked).toEqual([asked]);
    const better = current()!;
    expect(Buffer.compare(contentOf(better), BETTER)).toBe(0);
    expect(better.fields.entityTag).not.toBe(first.fields.entityTag);
    for (let hit = 0; hit < 10; hit++) current();
    coder.tick(3000);
    await settle();
    expect(compressor.asked).toHaveLength(1);
  });

  test.each<[what: string, settings: Partial<CompressionSettings>, value: string]>([
    ["gzip, which has nothing to gain", {}, "gzip"],
    ["turned off", { upgrade: false }, "br"],
    ["too few requests", { upgrade_hits: 100 }, "br"],
  ])("not: %s", async (_, settings, value) => {
    const { coder, compressor, site } = await hotScene(settings, value);
    await using _site = site;
    for (let second = 1; second < 5; second++) coder.tick(second * 1000);
    await settle();
    expect(compressor.asked).toEqual([]);
  });

  test.each<[what: string, answer: SlowlyCoded]>([
    ["the compressor failed", { coded: null, cpuMs: 5 }],
    ["it is hardly smaller", { coded: Buffer.alloc(100_000), cpuMs: 5 }],
  ])("the former stays when %s", async (_, answer) => {
    const { coder, compressor, first, current, site } = await hotScene();
    await using _site = site;
    compressor.answer = answer;
    coder.tick(1000);
    await settle();
    expect(compressor.asked).toHaveLength(1);
    expect(current()).toBe(first);
  });

  test("one after the other, with a pause for what it cost", async () => {
    const { coder, compressor, current, variants, site } = await hotScene({ upgrade_cpu_percent: 1 });
    await using _site = site;
    const gate = Promise.withResolvers<void>();
    compressor.pending = gate.promise;
    compressor.answer = { coded: BETTER, cpuMs: 60_000 };
    coder.tick(50_000);
    for (let hit = 0; hit < 5; hit++) {
      const selected = coder.select(variants!, accepting("zstd"));
      if (selected === null) await new Promise((resolve) => coder.make(variants!, Coding.Zstd, resolve));
    }
    coder.tick(100_000);
    expect(compressor.asked).toHaveLength(1); // still running
    gate.resolve();
    await settle();
    expect(current()!.size).toBe(BETTER.length);
    coder.tick(performance.now() + 200_000);
    await settle();
    expect(compressor.asked).toHaveLength(1); // the pause is 99 minutes
    coder.tick(performance.now() + 100 * 60_000);
    await settle();
    expect(compressor.asked).toHaveLength(2);
  });

  test("not while this process is busy, nor before that is known", async () => {
    const { coder, compressor, site } = await hotScene();
    await using _site = site;
    for (let started = performance.now(); performance.now() - started < 20;);
    coder.tick(1); // 20 ms of CPU in 1 ms
    await settle();
    expect(compressor.asked).toEqual([]);
    coder.tick(100_000);
    await settle();
    expect(compressor.asked).toHaveLength(1);
  });

  test("not when the worker is about to end", async () => {
    const { coder, compressor, site } = await hotScene();
    await using _ = site;
    coder.stop();
    coder.tick(1000);
    await settle();
    expect(compressor.asked).toEqual([]);
  });

  test("not one that has left meanwhile", async () => {
    const { coder, compressor, variants, site } = await hotScene();
    await using _site = site;
    variants!.release();
    coder.tick(1000);
    await settle();
    expect(compressor.asked).toEqual([]);
  });
});

describe("a file that is too large to wait for", () => {
  const CODED = randomOctets(100_000, 3);
  const LARGE = Buffer.concat(new Array<Buffer>(30).fill(TEXT));
  /** Nothing comes of it, as far as one can wait. */
  const settle = () => Bun.sleep(2);

  /** After the first request, which got the file as it is. */
  async function largeScene(options: SceneOptions = {}, answer: Buffer | null = CODED) {
    const site = await createSite({ "page.html": LARGE });
    const scene = await sceneOf(site, { isInFile: true, ...options });
    scene.compressor.answer = { coded: answer, cpuMs: 0 };
    const select = (value = "br, gzip") => scene.coder.select(scene.variants!, accepting(value))!;
    expect(select()).toBe(scene.variants!.identity);
    const coded = () => until(() => (select().isCoded ? select() : null), "it is compressed");
    let seconds = 0;
    const tick = () => scene.coder.tick(performance.now() + 1000 * seconds++);
    return { ...scene, site, select, coded, tick };
  }

  test.each<[what: string, options: SceneOptions]>([
    ["for the cache", {}],
    ["to be compressed in memory", { cachedFileOctetsMax: 8 * MIB }],
  ])("%s is compressed once, in the background", async (_, options) => {
    const { cache, compressor, site, select, coded: made, tick, variants } = await largeScene(options);
    await using _site = site;
    select();
    tick();
    const coded = await made();
    tick();
    await settle();
    const octetsMax = Math.floor(LARGE.length * 0.95);
    expect(compressor.asked).toEqual([`Br 5 of a file of ${LARGE.length}, at most ${octetsMax}`]);
    expect([coded.coding, coded.size, coded.full.outcome]).toEqual([Coding.Br, CODED.length, CacheOutcome.Hit]);
    expect(Buffer.compare(contentOf(coded), CODED)).toBe(0);
    expect(coded.fields.entityTag).toBe(`${variants!.identity.fields.entityTag.slice(0, -1)}.br-0000000000005"`);
    expect(cache.octets).toBeGreaterThan(CODED.length);
    const open = countOpenFiles();
    variants!.release();
    expect([cache.octets, countOpenFiles()]).toEqual([0, open - 1]);
  });

  test("goes into memory if it has become small", async () => {
    const { site, coded, tick } = await largeScene({}, CODED.subarray(0, 1000));
    await using _ = site;
    tick();
    const replies = await coded();
    expect(replies.full.content.kind).toBe(ContentKind.Octets);
    expect(Buffer.compare(contentOf(replies), CODED.subarray(0, 1000))).toBe(0);
  });

  test("is made again after it was evicted, and not before somebody asks", async () => {
    const { cache, compressor, site, select, coded, tick, variants } = await largeScene({}, CODED);
    await using _ = site;
    tick();
    await coded();
    const other = new (class extends CacheMember {
      readonly key = null;
      override cost = cache.variantOctetsMax;
      release(): void {}
    })();
    cache.insertPart(other, Budget.Variants);
    tick();
    await settle();
    expect(compressor.asked).toHaveLength(1);
    expect(select()).toBe(variants!.identity);
    tick();
    expect((await coded()).coding).toBe(Coding.Br);
    expect(compressor.asked).toHaveLength(2);
  });

  test.each<[what: string, answer: Buffer | null, change: (site: Site) => void]>([
    ["it gains nothing, or the compressor failed", null, () => {}],
    ["the file changed meanwhile", CODED, (site) => writeFileSync(site.path("page.html"), "other")],
  ])("stays as it is when %s", async (_, answer, change) => {
    const { compressor, site, select, tick, variants } = await largeScene({}, answer);
    await using _site = site;
    const gate = Promise.withResolvers<void>();
    compressor.pending = gate.promise;
    tick();
    change(site);
    gate.resolve();
    for (let second = 1; second < 3; second++) {
      await settle();
      expect(select()).toBe(variants!.identity);
      tick();
    }
    expect(compressor.asked).toHaveLength(1);
  });

  test("is not compressed for an entry that has left", async () => {
    const { compressor, site, tick, variants } = await largeScene();
    await using _ = site;
    variants!.release();
    tick();
    await settle();
    expect(compressor.asked).toEqual([]);
  });

  test("leaves nothing open when its entry leaves meanwhile", async () => {
    const { compressor, cache, site, tick, variants } = await largeScene();
    await using _ = site;
    const gate = Promise.withResolvers<void>();
    compressor.pending = gate.promise;
    const open = countOpenFiles();
    tick();
    expect(countOpenFiles()).toBe(open + 1);
    variants!.release();
    gate.resolve();
    await until(() => countOpenFiles() === open, "it is closed");
    expect(cache.octets).toBe(0);
  });

  test("takes no more than half of the variants' room", async () => {
    const { compressor, site, tick } = await largeScene({ cacheOctets: 2 * MIB });
    await using _ = site;
    tick();
    expect(compressor.asked[0]).toEndWith(`at most ${2 * MIB * 0.3 * 0.5}`);
  });

  test("is 304 for a client that holds a coding of it, before it is made", async () => {
    const { coder, site, variants } = await largeScene();
    await using _ = site;
    const held = `${variants!.identity.fields.entityTag.slice(0, -1)}.br-0123456789abc"`;
    const ask = (value: string) => {
      const request = headOf(
        `GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${value}\r\nIf-None-Match: ${held}\r\n\r\n`,
      );
      return coder.notModified(variants!, coder.select(variants!, request), request);
    };
    expect(headText(ask("br")!)).toContain(`\r\nETag: ${held}\r\n`);
    expect(ask("gzip")).toBeNull();
    expect(ask("identity")).toBeNull();
  });
});

describe("304 for a client that holds other octets of the same content and coding", () => {
  const head = (...lines: string[]) =>
    headOf(["GET / HTTP/1.1", "Host: a", "Accept-Encoding: br", ...lines, "", ""].join("\r\n"));

  test("before anything is made, and after", async () => {
    await using site = await text();
    const scene = await sceneOf(site);
    const held = `${scene.variants!.identity.fields.entityTag.slice(0, -1)}.br-0123456789abc"`;
    const request = head(`If-None-Match: "x", ${held}`);
    for (const isMade of [false, true]) {
      if (isMade) await repliesFor(scene, "br");
      const selected = scene.coder.select(scene.variants!, request);
      expect(selected !== null).toBe(isMade);
      const reply = scene.coder.notModified(scene.variants!, selected, request)!;
      expect(reply.status).toBe(304);
      expect(headText(reply)).toContain(`\r\nETag: ${held}\r\n`);
      expect(headText(reply)).toContain("\r\nVary: Accept-Encoding\r\n");
    }
  });

  test.each([
    ["the file's own tag", (tag: string) => [`If-None-Match: ${tag}`]],
    ["another coding", (tag: string) => [`If-None-Match: ${tag.slice(0, -1)}.gzip-0123456789abc"`]],
    ["If-Match beside it", (tag: string) => [`If-None-Match: ${tag.slice(0, -1)}.br-0123456789abc"`, 'If-Match: "x"']],
    [
      "If-Unmodified-Since beside it",
      (tag: string) => [`If-None-Match: ${tag.slice(0, -1)}.br-0123456789abc"`, "If-Unmodified-Since: x"],
    ],
    ["no condition", () => []],
  ])("not for %s", async (_, lines) => {
    await using site = await text();
    const scene = await sceneOf(site);
    const request = head(...lines(scene.variants!.identity.fields.entityTag));
    expect(scene.coder.notModified(scene.variants!, null, request)).toBeNull();
  });

  test("not where a neighbour has the say", async () => {
    await using site = await createSite({ "page.html": TEXT, "page.html.br": "neighbour" });
    const scene = await sceneOf(site);
    const request = head(`If-None-Match: ${scene.variants!.identity.fields.entityTag.slice(0, -1)}.br-0123456789abc"`);
    expect(scene.coder.select(scene.variants!, request)).toBeNull();
    expect(scene.coder.notModified(scene.variants!, null, request)).toBeNull();
  });
});
