/**
 * saker itself: one worker, access log off, everything else as it comes.
 *
 * Measures dist/saker when it is there, the source otherwise (or when asked to, or another executable, to compare two builds).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "../contender.ts";

const PROJECT = join(import.meta.dir, "..", "..", "..");

export interface SakerChoice {
  source: boolean;
  /** An executable; "" means dist/saker. */
  executable: string;
}

/** The words that start saker: an executable, or bun and the entry point; null when neither is there. */
export function sakerCommand({ source, executable }: SakerChoice): string[] | null {
  const binary = executable === "" ? join(PROJECT, "dist", "saker") : executable;
  const entry = join(PROJECT, "src", "main.ts");
  if (!source && existsSync(binary)) return [binary];
  if (executable !== "" && !source) return null;
  return existsSync(entry) ? [process.execPath, entry] : null;
}

export function sakerFrom(choice: SakerChoice): Contender {
  return {
    name: "saker",
    group: "saker",
    title: "saker",
    version() {
      const command = sakerCommand(choice);
      if (command === null) return null;
      const { stdout, exitCode } = Bun.spawnSync([...command, "version"], { timeout: 5000 });
      const version = exitCode === 0 ? stdout.toString().split("\n")[0]!.trim() : "version unknown";
      return `${version} (${command.length === 1 ? "executable" : "source"})`;
    },
    launch({ root, port }) {
      const flags = ["--host", "127.0.0.1", "--port", String(port), "--num-workers", "1", "--no-access-log"];
      return { command: [...sakerCommand(choice)!, root, ...flags] };
    },
  };
}
