/**
 * Content codings as work: octets in, fewer octets out (RFC 1952 gzip, RFC 7932 br, RFC 8878 zstd).
 *
 * In:    octets, a coding, a level of the coding's own library.
 * Out:   `compress` calls back with the coded octets, or null when the library failed; it runs on the runtime's threads.
 *        `compressSync` blocks, and throws what the library throws. `encoderFor`: a stream of any number of octets, in little memory.
 * Keeps: the output depends on no time or randomness. Yet no code relies on equal octets for equal input: gzip's
 *        fastest level makes others when it blocks than when it doesn't. The size is told in advance, so zstd's window
 *        never exceeds what RFC 9659 allows (8 MiB) for inputs up to that.
 */
import type { Duplex } from "node:stream";
import {
  brotliCompress,
  brotliCompressSync,
  type BrotliOptions,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzip,
  gzipSync,
  zstdCompress,
  zstdCompressSync,
  type ZstdOptions,
} from "node:zlib";
import { Coding } from "../../http/content-coding.ts";

export type CompressDone = (coded: Buffer | null) => void;

export function compress(coding: Coding, level: number, octets: Buffer, done: CompressDone): void {
  const called = (error: Error | null, coded: Buffer): void => done(error === null ? coded : null);
  switch (coding) {
    case Coding.Gzip:
      return gzip(octets, { level }, called);
    case Coding.Br:
      return brotliCompress(octets, brotliOptions(level, octets.length), called);
    case Coding.Zstd:
      return zstdCompress(octets, zstdOptions(level, octets.length), called);
    default:
      return done(null);
  }
}

export function compressSync(coding: Coding, level: number, octets: Buffer): Buffer {
  switch (coding) {
    case Coding.Gzip:
      return gzipSync(octets, { level });
    case Coding.Br:
      return brotliCompressSync(octets, brotliOptions(level, octets.length));
    case Coding.Zstd:
      return zstdCompressSync(octets, zstdOptions(level, octets.length));
    default:
      throw new RangeError(`no coding to compress with: ${coding}`);
  }
}

/** `octets`: how many will be written to it. */
export function encoderFor(coding: Coding, level: number, octets: number): Duplex {
  switch (coding) {
    case Coding.Gzip:
      return createGzip({ level });
    case Coding.Br:
      return createBrotliCompress(brotliOptions(level, octets));
    case Coding.Zstd:
      return createZstdCompress(zstdOptions(level, octets));
    default:
      throw new RangeError(`no coding to compress with: ${coding}`);
  }
}

function brotliOptions(level: number, octets: number): BrotliOptions {
  return {
    params: { [constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_SIZE_HINT]: octets },
  };
}

function zstdOptions(level: number, octets: number): ZstdOptions {
  return { params: { [constants.ZSTD_c_compressionLevel]: level }, pledgedSrcSize: octets };
}
