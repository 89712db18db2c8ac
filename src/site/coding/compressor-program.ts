/**
 * The child's side of low-priority-compressor.ts: the whole life of a process started with its argument.
 *
 * In:    a coding and its level: octets on stdin; with a number behind them a file on stdin, and one to write on descriptor 3.
 * Out:   the coded octets on stdout; or a digest of those that were written to the file, so that the worker need not read them.
 * Keeps: a file is read from its start, whatever the position that its descriptors share; at no time more than a piece of it is in
 *        memory. When more coded octets come than allowed, it ends at once.
 */
import { fstatSync, readFileSync, readSync, writeSync } from "node:fs";
import { setPriority } from "node:os";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Coding, CODING_NAME } from "../../http/content-coding.ts";
import { dieWithParent } from "../../sys/process.ts";
import { compressSync, encoderFor } from "./compress.ts";

const LOWEST_PRIORITY = 19;

const SOURCE = 0;
const OUTPUT = 1;
const TARGET = 3;

const PIECE_OCTETS = 256 * 1024;

enum Exit {
  Done = 0,
  BadParameters = 2,
  TooMany = 3,
}

/** Returns the exit code. */
export async function runCompressor([name, level, octetsMax]: readonly string[]): Promise<number> {
  dieWithParent("SIGKILL");
  setPriority(0, LOWEST_PRIORITY);
  const coding = CODING_NAME.indexOf(name ?? "");
  if (coding <= Coding.Identity || !/^\d+$/.test(level ?? "")) return Exit.BadParameters;
  if (octetsMax !== undefined) return compressFile(coding, Number(level), Number(octetsMax));
  writeAll(OUTPUT, compressSync(coding, Number(level), readFileSync(SOURCE)));
  return Exit.Done;
}

async function compressFile(coding: Coding, level: number, octetsMax: number): Promise<Exit> {
  const { size } = fstatSync(SOURCE);
  const digest = new Bun.CryptoHasher("sha256");
  let written = 0;
  await pipeline(
    Readable.from(piecesOf(size)),
    encoderFor(coding, level, size),
    async (coded: AsyncIterable<Buffer>) => {
      for await (const octets of coded) {
        written += octets.length;
        if (written > octetsMax) process.exit(Exit.TooMany);
        digest.update(octets);
        writeAll(TARGET, octets);
      }
    },
  );
  writeAll(OUTPUT, digest.digest().subarray(0, DIGEST_OCTETS));
  return Exit.Done;
}

/** A file that becomes shorter meanwhile is none of the version that was asked for. */
function* piecesOf(size: number): Generator<Buffer> {
  for (let at = 0; at < size;) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_OCTETS, size - at));
    const octets = readSync(SOURCE, piece, 0, piece.length, at);
    if (octets === 0) throw new RangeError(`the file ends at ${at}`);
    at += octets;
    yield piece.subarray(0, octets);
  }
}

function writeAll(fd: number, octets: Uint8Array): void {
  for (let offset = 0; offset < octets.length;) offset += writeSync(fd, octets, offset);
}

/** As many as an entity tag takes. */
const DIGEST_OCTETS = 8;

/** What the process said about the file it has written; null when it said something else. */
export function readDigest(output: Buffer): bigint | null {
  return output.length === DIGEST_OCTETS ? output.readBigUInt64BE() : null;
}
