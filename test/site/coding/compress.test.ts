import { describe, expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { Coding, CODING_NAME } from "../../../src/http/content-coding.ts";
import { compress, compressSync } from "../../../src/site/coding/compress.ts";
import { CompressionQueue, WAITING_OCTETS_MAX } from "../../../src/site/coding/compression-queue.ts";
import { randomOctets } from "../../support/octets.ts";

const DECODE = {
  [Coding.Gzip]: gunzipSync,
  [Coding.Br]: brotliDecompressSync,
  [Coding.Zstd]: zstdDecompressSync,
} as const;

const INPUTS = {
  nothing: Buffer.alloc(0),
  "one octet": Buffer.from("x"),
  text: Buffer.from("a line of text that is like the line before it\n".repeat(2000)),
  noise: randomOctets(100_000),
};

const compressed = (coding: Coding, level: number, octets: Buffer) =>
  new Promise<Buffer | null>((resolve) => compress(coding, level, octets, resolve));

describe.each([
  [Coding.Gzip, 1],
  [Coding.Gzip, 6],
  [Coding.Gzip, 9],
  [Coding.Br, 0],
  [Coding.Br, 5],
  [Coding.Br, 11],
  [Coding.Zstd, 1],
  [Coding.Zstd, 9],
  [Coding.Zstd, 19],
] as const)("coding %d at level %d", (coding, level) => {
  test.each(Object.entries(INPUTS))(`${CODING_NAME[coding]} of %s decodes to it`, async (_, octets) => {
    const coded = (await compressed(coding, level, octets))!;
    expect(Buffer.compare(DECODE[coding](coded), octets)).toBe(0);
    expect(Buffer.compare(DECODE[coding](compressSync(coding, level, octets)), octets)).toBe(0);
    expect(Buffer.compare((await compressed(coding, level, octets))!, coded)).toBe(0);
  });
});

test("there is no coding called identity", async () => {
  expect(await compressed(Coding.Identity, 1, INPUTS.text)).toBeNull();
  expect(() => compressSync(Coding.Identity, 1, INPUTS.text)).toThrow("no coding");
});

test("the window of zstd is no larger than browsers take (RFC 9659)", () => {
  const octets = Buffer.concat([randomOctets(WAITING_OCTETS_MAX - 100, 1), Buffer.alloc(100)]);
  const coded = compressSync(Coding.Zstd, 19, octets);
  const isSingleSegment = (coded[4]! & 0x20) !== 0; // RFC 8878 §3.1.1.1.1.2: then the window is the content
  const exponent = isSingleSegment ? Math.log2(WAITING_OCTETS_MAX) : 10 + (coded[5]! >> 3);
  expect(exponent).toBeLessThanOrEqual(23);
});

describe("the queue", () => {
  const add = (queue: CompressionQueue, octets: Buffer, order: number[], name: number) => {
    expect(queue.reserve(octets.length)).toBe(true);
    return new Promise<void>((resolve) =>
      queue.add(Coding.Gzip, 1, octets, () => {
        order.push(name);
        resolve();
      }),
    );
  };

  test("works in order, one at a time, however long each takes", async () => {
    const queue = new CompressionQueue();
    const order: number[] = [];
    const sizes = [900_000, 10, 300_000, 1, 0];
    await Promise.all(sizes.map((size, name) => add(queue, randomOctets(size, name), order, name)));
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  test("takes no more than may wait, and again when there is room", async () => {
    const queue = new CompressionQueue();
    expect(queue.reserve(WAITING_OCTETS_MAX + 1)).toBe(false);
    expect(queue.reserve(WAITING_OCTETS_MAX)).toBe(true);
    expect(queue.reserve(1)).toBe(false);
    queue.giveUp(1);
    expect(queue.reserve(1)).toBe(true);
    queue.giveUp(WAITING_OCTETS_MAX);
    const done = add(queue, randomOctets(WAITING_OCTETS_MAX), [], 0);
    expect(queue.reserve(1)).toBe(false);
    await done;
    expect(queue.reserve(WAITING_OCTETS_MAX)).toBe(true);
  });
});
