import { describe, expect, test } from "bun:test";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { Coding } from "../../../src/http/content-coding.ts";
import { COMPRESSOR_ARGUMENT, CompressorProcess } from "../../../src/site/coding/low-priority-compressor.ts";
import { openAnonymousFile } from "../../../src/sys/anonymous-file.ts";
import { until } from "../../support/deadline.ts";
import { PROJECT } from "../../support/executable.ts";
import { randomOctets } from "../../support/octets.ts";
import { childrenOf } from "../../support/processes.ts";
import { createSite } from "../../support/site.ts";

const MAIN = [process.execPath, join(PROJECT, "src/main.ts")];
const COMMAND = [...MAIN, COMPRESSOR_ARGUMENT];
const TEXT = Buffer.from(readFileSync(join(PROJECT, "ARCHITECTURE.md"), "utf8").repeat(20));

test.each([
  [Coding.Br, 11, brotliDecompressSync],
  [Coding.Zstd, 19, zstdDecompressSync],
] as const)("coding %d at level %d", async (coding, level, decode) => {
  const { coded, cpuMs } = await new CompressorProcess(COMMAND).compress(coding, level, TEXT);
  expect(Buffer.compare(decode(coded!), TEXT)).toBe(0);
  expect(cpuMs).toBeGreaterThan(1);
});

test("more octets than a pipe holds", async () => {
  const octets = randomOctets(1_500_000);
  const { coded } = await new CompressorProcess(COMMAND).compress(Coding.Br, 1, octets);
  expect(Buffer.compare(brotliDecompressSync(coded!), octets)).toBe(0);
});

describe("from file to file", () => {
  /** With a source whose position is somewhere, as it may be when descriptors share it. */
  async function compressFile(coding: Coding, source: Buffer, octetsMax: number) {
    await using site = await createSite({ source });
    const [from, to] = [openSync(site.path("source"), "r"), openAnonymousFile()];
    readSync(from, Buffer.alloc(100));
    const outcome = await new CompressorProcess(COMMAND).compressFile({
      coding,
      level: 5,
      source: from,
      target: to,
      octetsMax,
    });
    const written = readFileSync(`/proc/self/fd/${to}`);
    for (const fd of [from, to]) closeSync(fd);
    return { ...outcome, written };
  }

  test.each([
    [Coding.Br, brotliDecompressSync],
    [Coding.Zstd, zstdDecompressSync],
    [Coding.Gzip, gunzipSync],
  ] as const)("coding %d", async (coding, decode) => {
    const { cpuMs, digest, written } = await compressFile(coding, TEXT, TEXT.length);
    expect(Buffer.compare(decode(written), TEXT)).toBe(0);
    expect(digest).toBe(new Bun.CryptoHasher("sha256").update(written).digest().readBigUInt64BE());
    expect(cpuMs).toBeGreaterThan(1);
  });

  test("what doesn't get small enough is given up", async () => {
    const { digest, written } = await compressFile(Coding.Zstd, randomOctets(4_000_000), 1_000_000);
    expect(digest).toBeNull();
    expect(written.length).toBeLessThanOrEqual(1_000_000);
  });

  test("a program that fails gives none", async () => {
    for (const command of [["false"], ["true"], ["echo", "12345678"]]) {
      const job = { coding: Coding.Br, level: 5, source: 0, target: 1, octetsMax: 1 };
      expect((await new CompressorProcess(command).compressFile(job)).digest).toBeNull();
    }
  });
});

describe("no octets", () => {
  test.each([
    ["a program that fails", ["false"]],
    ["a program that says nothing", ["true"]],
    ["a level that is none", [...COMMAND, "br", "x"]],
    ["a coding that is none", [...COMMAND, "deflate", "1"]],
    ["identity", [...COMMAND, "identity", "1"]],
  ])("%s", async (_, command) => {
    expect((await new CompressorProcess(command).compress(Coding.Br, 11, Buffer.from("x"))).coded).toBeNull();
  });
});

test("a program that can't be started is an error for the caller", async () => {
  await expect(new CompressorProcess(["/nowhere/at/all"]).compress(Coding.Br, 11, Buffer.from("x"))).rejects.toThrow();
});

test("runs at the lowest priority, and ends when it is told", async () => {
  const compressor = new CompressorProcess(COMMAND);
  const outcome = compressor.compress(Coding.Br, 11, randomOctets(4_000_000));
  const niceOf = (pid: number) => Number(readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ")[16]);
  await until(() => childrenOf(process.pid).some((pid) => niceOf(pid) === 19), "the compressor is nice");
  compressor.stop();
  expect((await outcome).coded).toBeNull();
});
