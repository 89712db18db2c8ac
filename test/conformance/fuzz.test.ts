/** The fuzzer's parts, and a short run of it against the real saker. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useSaker } from "../support/use-saker.ts";
import { makeFixtureSite } from "./fixture-site.ts";
import { fuzz } from "./fuzz/fuzzer.ts";
import { MessageReader } from "./fuzz/message-reader.ts";
import { INPUT_OCTETS_MAX, makeInput, makeSplit } from "./fuzz/mutate.ts";
import { fuzzParser } from "./fuzz/parser-fuzzer.ts";
import { Random } from "./fuzz/random.ts";
import { ServerUnderTest } from "./server-under-test.ts";

const CORPUS = [
  Buffer.from("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
  Buffer.from("HEAD /b HTTP/1.0\r\n\r\n"),
  Buffer.from("x"),
];

const LIMITS = { headOctetsMax: 1024, targetOctetsMax: 256, fieldCountMax: 16, contentOctetsMax: 1000 };

describe("inputs", () => {
  test("are the same for the same seed and index", () => {
    const make = (seed: number, index: number) =>
      Buffer.from(makeInput(CORPUS, new Random(seed, index))).toString("hex");
    const first = Array.from({ length: 200 }, (_, index) => make(7, index));
    expect(Array.from({ length: 200 }, (_, index) => make(7, index))).toEqual(first);
    expect(Array.from({ length: 200 }, (_, index) => make(8, index))).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(100);
  });

  test("stay below the limit and leave the corpus alone", () => {
    const before = Buffer.concat(CORPUS).toString("hex");
    for (let index = 0; index < 2000; index++) {
      expect(makeInput(CORPUS, new Random(1, index)).length).toBeLessThanOrEqual(INPUT_OCTETS_MAX);
    }
    expect(Buffer.concat(CORPUS).toString("hex")).toBe(before);
  });

  test("are the same whole and in pieces", () => {
    for (let index = 0; index < 500; index++) {
      const random = new Random(3, index);
      const input = makeInput(CORPUS, random);
      const pieces = makeSplit(input, random);
      expect(Buffer.compare(Buffer.concat(pieces), input)).toBe(0);
      expect(pieces.every((piece) => piece.length > 0)).toBe(true);
    }
  });
});

describe("random numbers", () => {
  test.each([1, 2, 10, 256])("below %d reach every value and no other", (limit) => {
    const random = new Random(1);
    const seen = new Set(Array.from({ length: limit * 40 }, () => random.below(limit)));
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: limit }, (_, value) => value));
  });
});

describe("the parser", () => {
  test("comes to the same verdict at every split", async () => {
    const report = await fuzzParser({ seed: 20240603, first: 0, inputs: 8_000 });
    expect(report.findings).toEqual([]);
    expect([report.inputs, report.outcomes.length > 40]).toEqual([8_000, true]);
  });

  test("a verdict that depends on the split, or on what follows, would be found", () => {
    const reader = new MessageReader(LIMITS);
    const digestOf = (text: string, cut: number): number => {
      reader.reset();
      reader.feed(Buffer.from(text), cut);
      reader.feed(Buffer.from(text), text.length);
      reader.finish();
      return reader.digest;
    };
    const one = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    expect(digestOf(one, 5)).toBe(digestOf(one, 20));
    const others = ["GET /a HTTP/1.1", "GET / HTTP/1.0", "HEAD / HTTP/1.1", "GET /? HTTP/1.1"].map((line) =>
      one.replace("GET / HTTP/1.1", line),
    );
    const texts = [one, one + one, `${one}\0\n`, one.replace("a", "a:x"), ...others];
    expect(new Set(texts.map((text) => digestOf(text, 3))).size).toBe(texts.length);
  });
});

describe("the live server", () => {
  const folder = mkdtempSync(join(tmpdir(), "saker-fuzz-"));
  beforeAll(() => makeFixtureSite(folder));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const shared = useSaker(() => ({ config: `document_root = ${JSON.stringify(folder)}` }));

  test("comes to the same verdict whatever the pieces, and neither hangs nor breaks", async () => {
    const server = new ServerUnderTest(`http://127.0.0.1:${shared.saker.port}`);
    const report = await fuzz(server, { seed: 20240603, first: 0, inputs: 1_500, concurrency: 8 });
    expect(report.findings).toEqual([]);
    expect(report.outcomes.length).toBeGreaterThan(20);
  });
});
