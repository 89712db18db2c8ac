/** Why content is sent in a coding or not, and how it is compressed or why not. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { type CacheEntry, ResponseCache } from "../../../src/cache/response-cache.ts";
import { COMPRESSION_TABLE } from "../../../src/config/compression-table.ts";
import { Coding } from "../../../src/http/content-coding.ts";
import { CacheOutcome } from "../../../src/http/reply.ts";
import { Coder, type CompressionSettings, Reading } from "../../../src/site/coding/coder.ts";
import { CodingOutcome, Making } from "../../../src/site/coding/coding-outcome.ts";
import type { Neighbours } from "../../../src/site/coding/neighbours.ts";
import type { Variants } from "../../../src/site/coding/variants.ts";
import { FileReplies } from "../../../src/site/represent/file-replies.ts";
import { documentRootAt } from "../../../src/site/load/open-below.ts";
import { FileStatus, statPath } from "../../../src/sys/file-status.ts";
import { headOf } from "../../http/support/head-result.ts";
import { createSite, type Site } from "../../support/site.ts";

const MIB = 1024 * 1024;
const HTML = "text/html";
const TEXT = Buffer.from("a line of text that is like the line before it\n".repeat(500));
const DEFAULTS = Object.fromEntries(
  Object.entries(COMPRESSION_TABLE.rows).map(([name, row]) => [name, row.default]),
) as unknown as CompressionSettings;

function coderWith(settings: Partial<CompressionSettings> = {}, cacheOctets = 50 * MIB): Coder {
  return new Coder({ ...DEFAULTS, ...settings }, MIB, new ResponseCache<CacheEntry>(cacheOctets, cacheOctets / 2));
}

function repliesOf(content: Buffer, coding = Coding.Identity): FileReplies {
  const validators = { entityTag: `"${coding}"`, lastModifiedMs: 0 };
  const fields = { serverField: "", contentType: HTML, size: content.length, coding, ...validators };
  return new FileReplies(fields, content, null, CacheOutcome.Hit);
}

const accepting = (codings: string) => headOf(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${codings}\r\n\r\n`);

/** What is selected in the end, and why. */
async function outcomeFor(coder: Coder, variants: Variants, codings: string): Promise<CodingOutcome> {
  const head = accepting(codings);
  let selected = coder.select(variants, head);
  while (selected === null) {
    await new Promise((resolve) => coder.make(variants, coder.pendingFor(variants, head), resolve));
    selected = coder.select(variants, head);
  }
  return coder.outcomeOf(variants, selected.coding, head);
}

describe("the coding of a file", () => {
  let site: Site;
  beforeAll(async () => {
    site = await createSite({ "page.html": TEXT, "page.html.gz": gzipSync(TEXT) });
  });
  afterAll(() => site[Symbol.asyncDispose]());

  async function variantsFor(coder: Coder, reading: Reading): Promise<Variants> {
    const path = site.path("page.html");
    const version = new FileStatus();
    statPath(Buffer.from(`${path}\0`), version);
    const look = (done: (found: Neighbours | null) => void) => coder.lookAround(path, HTML, done);
    const neighbours = await new Promise(look);
    const root = documentRootAt(site.root);
    const loaded = { root, filePath: "/page.html", followSymlinks: "inside", version, reading, file: null } as const;
    return coder.variantsOf(loaded, neighbours, repliesOf(TEXT));
  }

  test.each([
    ["identity", CodingOutcome.Identity],
    ["gzip", CodingOutcome.Neighbour],
    ["br", CodingOutcome.Compressed],
  ] as const)("for a client that accepts %s", async (codings, outcome) => {
    const coder = coderWith();
    expect(await outcomeFor(coder, await variantsFor(coder, Reading.Read), codings)).toBe(outcome);
  });

  test("that is still to be made", async () => {
    const coder = coderWith();
    const variants = await variantsFor(coder, Reading.Unread);
    expect(await outcomeFor(coder, variants, "br")).toBe(CodingOutcome.IdentityUntilMade);
    expect(coder.pendingFor(variants, accepting("br"))).toBe(Coding.Br);
    coder.stop();
  });

  test.each([
    ["gzip", CodingOutcome.Stored],
    ["br", CodingOutcome.Decompressed],
  ] as const)("that is stored coded, for a client that accepts %s", async (codings, outcome) => {
    const coder = coderWith();
    const variants = coder.variantsOfPacked(repliesOf(TEXT), repliesOf(gzipSync(TEXT), Coding.Gzip));
    expect(await outcomeFor(coder, variants, codings)).toBe(outcome);
  });
});

test.each<[Partial<CompressionSettings>, type: string, octets: number, Reading, Making]>([
  [{ enabled: false }, HTML, 5000, Reading.Read, Making.OtherType],
  [{}, "image/jpeg", 5000, Reading.Read, Making.OtherType],
  [{}, HTML, 5000, Reading.Unstable, Making.Unstable],
  [{}, HTML, 0, Reading.Read, Making.TooSmall],
  [{ minimum_size_bytes: 6000 }, HTML, 5000, Reading.Read, Making.TooSmall],
  [{ maximum_size_mb: 1 }, HTML, MIB + 1, Reading.Unread, Making.TooLarge],
  [{}, HTML, 5000, Reading.Read, Making.AtOnce],
  [{}, HTML, 5 * MIB, Reading.Unread, Making.Later],
])("%j: %s of %d octets", (settings, type, octets, reading, making) => {
  expect(coderWith(settings).makingOf(type, octets, reading)).toBe(making);
});

test("nothing is compressed where nothing can be kept", () => {
  expect(coderWith({}, 0).makingOf(HTML, 5000, Reading.Read)).toBe(Making.NoCache);
  expect(coderWith({ cache_share_percent: 0 }).makingOf(HTML, 5000, Reading.Read)).toBe(Making.NoCache);
});
