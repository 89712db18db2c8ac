/**
 * A bench as a command: a folder of its own, nothing left behind, an exit code.
 *
 * Out:   the exit code: what `bench` returns, 2 when an option is wrong, 130 when it is interrupted.
 * Keeps: children and folder go however the bench ends.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endAllChildrenNow } from "./children.ts";
import { OptionError, type Options, parseOptions } from "./options.ts";

/** Progress, which isn't part of the result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export async function runBench(bench: (options: Options, folder: string) => number | Promise<number>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "saker-bench-"));
  process.on("exit", () => {
    endAllChildrenNow();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
  try {
    return await bench(parseOptions(process.argv.slice(2)), folder);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    say(error.message);
    return 2;
  }
}
