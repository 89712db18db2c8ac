import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync, zstdDecompressSync } from "node:zlib";
import { Coding } from "../../../src/http/content-coding.ts";
import { COMPRESSOR_ARGUMENT, CompressorProcess } from "../../../src/site/coding/low-priority-compressor.ts";
import { until } from "../../support/deadline.ts";
import { PROJECT } from "../../support/executable.ts";
import { randomOctets } from "../../support/octets.ts";
import { childrenOf } from "../../support/processes.ts";

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
