import { expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { Coding } from "../../../src/http/content-coding.ts";
import { beginsAs } from "../../../src/site/coding/coding-magic.ts";
import { createSite } from "../../support/site.ts";

test.each<[what: string, coding: Coding, content: Uint8Array | string, begins: boolean]>([
  ["gzip", Coding.Gzip, gzipSync("text"), true],
  ["zstd", Coding.Zstd, zstdCompressSync("text"), true],
  ["zstd behind a skippable frame", Coding.Zstd, Buffer.from([0x5e, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]), true],
  ["br", Coding.Br, brotliCompressSync("text"), true],
  ["zstd as gzip", Coding.Gzip, zstdCompressSync("text"), false],
  ["gzip as zstd", Coding.Zstd, gzipSync("text"), false],
  ["a page", Coding.Gzip, "<!doctype html>", false],
  ["one octet", Coding.Gzip, Buffer.from([0x1f]), false],
  ["three octets", Coding.Zstd, zstdCompressSync("text").subarray(0, 3), false],
  ["nothing", Coding.Br, "", false],
])("%s", async (_, coding, content, begins) => {
  await using site = await createSite({ file: content });
  const fd = openSync(site.path("file"), "r");
  expect(beginsAs(fd, coding)).toBe(begins);
  closeSync(fd);
});
