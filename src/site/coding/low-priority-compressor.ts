/**
 * Compressing at the best level without delaying requests: in a process of its own, at the lowest priority.
 *
 *     worker ──octets (stdin)──► `saker --saker-compress br 11` ──coded octets (stdout)──► worker
 *
 * Out:   the coded octets and the CPU time they took, or null for the octets when the process failed.
 * Why a process: priorities belong to threads, and the runtime's threads also open and read files. At
 *        nice 19 the kernel gives it some 1.5 % of a CPU that other processes want. Its memory is gone when it ends, and a
 *        library that fails takes nothing else down. It starts in 15 ms and inherits no descriptor but the standard ones.
 * Keeps: the child ends with its parent (PR_SET_PDEATHSIG), and by itself when its output is no longer read.
 */
import { existsSync, readFileSync, writeSync } from "node:fs";
import { setPriority } from "node:os";
import { Coding, CODING_NAME } from "../../http/content-coding.ts";
import { dieWithParent } from "../../sys/process.ts";
import { compressSync } from "./compress.ts";

export const COMPRESSOR_ARGUMENT = "--saker-compress";

const LOWEST_PRIORITY = 19;

export interface SlowlyCoded {
  readonly coded: Buffer | null;
  readonly cpuMs: number;
}

export interface Compressor {
  compress(coding: Coding, level: number, octets: Buffer): Promise<SlowlyCoded>;
  /** Ends what is running; its promise gives null. */
  stop(): void;
}

export class CompressorProcess implements Compressor {
  private child: Bun.Subprocess | null = null;

  constructor(private readonly command: readonly string[] = compressorCommand()) {}

  async compress(coding: Coding, level: number, octets: Buffer): Promise<SlowlyCoded> {
    const child = Bun.spawn([...this.command, CODING_NAME[coding]!, String(level)], {
      argv0: process.execPath,
      stdin: octets,
      stdout: "pipe",
      stderr: "ignore",
    });
    this.child = child;
    const [coded, exitCode] = await Promise.all([child.stdout.bytes(), child.exited]);
    this.child = null;
    const cpuMs = Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1000;
    return {
      coded: exitCode === 0 && coded.length > 0 ? Buffer.from(coded.buffer, coded.byteOffset, coded.byteLength) : null,
      cpuMs,
    };
  }

  stop(): void {
    this.child?.kill("SIGKILL");
  }
}

/** The executable itself, also after its file was replaced; from source, Bun and the program it runs. */
function compressorCommand(): string[] {
  const isCompiled = Bun.main.startsWith("/$bunfs");
  const executable = existsSync("/proc/self/exe") ? "/proc/self/exe" : process.execPath;
  return isCompiled ? [executable, COMPRESSOR_ARGUMENT] : [executable, Bun.main, COMPRESSOR_ARGUMENT];
}

/** The child's side: the whole life of a process started with COMPRESSOR_ARGUMENT. Returns its exit code. */
export function runCompressor([name, level]: readonly string[]): number {
  dieWithParent("SIGKILL");
  setPriority(0, LOWEST_PRIORITY);
  const coding = CODING_NAME.indexOf(name ?? "");
  if (coding <= Coding.Identity || !/^\d+$/.test(level ?? "")) return 2;
  const coded = compressSync(coding, Number(level), readFileSync(0));
  for (let offset = 0; offset < coded.length;) offset += writeSync(1, coded, offset);
  return 0;
}
