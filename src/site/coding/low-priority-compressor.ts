/**
 * Compressing at the best level without delaying requests: in a process of its own, at the lowest priority.
 *
 *     worker ──octets (stdin)──► `saker --saker-compress br 11` ──coded octets (stdout)──► worker
 *     file (stdin) ──► `saker --saker-compress br 5 9000000` ──► file (descriptor 3); a digest of it (stdout)
 *
 * Out:   the coded octets, or a digest of those that were written to a file, and the CPU time they took; null for either when
 *        the process failed.
 * Why a process: priorities belong to threads, and the runtime's threads also open and read files. At
 *        nice 19 the kernel gives it some 1.5 % of a CPU that other processes want. Its memory is gone when it ends, and a
 *        library that fails takes nothing else down. It starts in 15 ms and inherits no descriptor but the standard ones.
 * Keeps: the child ends with its parent (PR_SET_PDEATHSIG), and by itself when its output is no longer read.
 */
import { type Coding, CODING_NAME } from "../../http/content-coding.ts";
import { isCompiled, ownProgram } from "../../sys/own-program.ts";
import { readDigest } from "./compressor-program.ts";

export const COMPRESSOR_ARGUMENT = "--saker-compress";

export interface SlowlyCoded {
  readonly coded: Buffer | null;
  readonly cpuMs: number;
}

export interface FileJob {
  readonly coding: Coding;
  readonly level: number;
  /** Descriptors: read from the start to the end, and written to. */
  readonly source: number;
  readonly target: number;
  /** Coded octets beyond which it isn't worth going on. */
  readonly octetsMax: number;
}

export interface CodedFile {
  /** 64 bits that say which octets were written; null when there are none of use. */
  readonly digest: bigint | null;
  readonly cpuMs: number;
}

export interface Compressor {
  compress(coding: Coding, level: number, octets: Buffer): Promise<SlowlyCoded>;
  compressFile(job: FileJob): Promise<CodedFile>;
  /** Ends what is running; its promise gives null. */
  stop(): void;
}

type Stdio = [Buffer | number, "pipe", "ignore", ...number[]];

const NOTHING = Buffer.alloc(0);

export class CompressorProcess implements Compressor {
  private child: Bun.Subprocess | null = null;

  constructor(private readonly command: readonly string[] = compressorCommand()) {}

  async compress(coding: Coding, level: number, octets: Buffer): Promise<SlowlyCoded> {
    const { output, cpuMs } = await this.run([CODING_NAME[coding]!, String(level)], [octets, "pipe", "ignore"]);
    return { coded: output.length > 0 ? output : null, cpuMs };
  }

  async compressFile({ coding, level, source, target, octetsMax }: FileJob): Promise<CodedFile> {
    const parameters = [CODING_NAME[coding]!, String(level), String(Math.floor(octetsMax))];
    const { output, cpuMs } = await this.run(parameters, [source, "pipe", "ignore", target]);
    return { digest: readDigest(output), cpuMs };
  }

  private async run(parameters: readonly string[], stdio: Stdio): Promise<{ output: Buffer; cpuMs: number }> {
    const child = Bun.spawn([...this.command, ...parameters], { argv0: process.execPath, stdio });
    this.child = child;
    const [bytes, exitCode] = await Promise.all([child.stdout.bytes(), child.exited]);
    this.child = null;
    const cpuMs = Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1000;
    return { output: exitCode === 0 ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : NOTHING, cpuMs };
  }

  stop(): void {
    this.child?.kill("SIGKILL");
  }
}

/** The executable itself, also after its file was replaced; from source, Bun and the program it runs. */
function compressorCommand(): string[] {
  return [ownProgram(), ...(isCompiled ? [] : [Bun.main]), COMPRESSOR_ARGUMENT];
}
