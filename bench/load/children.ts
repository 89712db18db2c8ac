/**
 * Child processes, none of which outlives the bench.
 *
 * In:    a command.
 * Out:   `Child`; `endChild` for one, `endAllChildrenNow` for whatever is left when the bench itself ends, however it does.
 * Units: milliseconds.
 * Keeps: a child is ended with its whole tree: SIGTERM to it, and SIGKILL to every process of the tree still there when the
 *        grace is over. Processes are told apart by pid and start time, so that no stranger with a recycled pid is hit.
 */
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { descendantsOf, parseProcessStat, readAllProcesses, type ProcessStat } from "./process-tree.ts";

export interface Child {
  process: Bun.Subprocess<"pipe" | "ignore", "pipe" | number, number | "inherit">;
  /** Where its output goes; null: stdout is read by the bench. */
  logPath: string | null;
}

export interface SpawnOptions {
  /** stdout and stderr are written here; without it stdout is a pipe and stderr the bench's own. */
  logPath?: string;
  env?: Record<string, string>;
  cwd?: string;
  /** stdin is a pipe that tells the child, by its end, to stop. */
  stdin?: boolean;
}

const running = new Set<Child>();

/** True where a child would get fewer descriptors than it may have, so that a shell must raise its limit first. */
let raiseDescriptors: boolean | null = null;

function descriptorLimits(): { soft: number; hard: number } {
  const words = Bun.spawnSync(["sh", "-c", "ulimit -Sn; ulimit -Hn"]).stdout.toString().trim().split("\n");
  const [soft, hard] = words.map((word) => (word === "unlimited" ? Infinity : Number(word)));
  return { soft: soft ?? 1024, hard: hard ?? 1024 };
}

/** Descriptors a process started here may have open. */
export function descriptorsPerProcess(): number {
  return descriptorLimits().hard;
}

export function spawnChild(command: readonly string[], options: SpawnOptions = {}): Child {
  if (raiseDescriptors === null) {
    const { soft, hard } = descriptorLimits();
    raiseDescriptors = soft < hard;
  }
  const raised = raiseDescriptors ? ["sh", "-c", 'ulimit -n "$(ulimit -Hn)"; exec "$@"', "sh", ...command] : command;
  const log = options.logPath === undefined ? null : openSync(options.logPath, "a");
  const process = Bun.spawn([...raised], {
    stdin: options.stdin ? "pipe" : "ignore",
    stdout: log ?? "pipe",
    stderr: log ?? "inherit",
    cwd: options.cwd,
    env: { PATH: Bun.env.PATH ?? "", HOME: Bun.env.HOME ?? "", TMPDIR: Bun.env.TMPDIR ?? "/tmp", ...options.env },
  });
  if (log !== null) closeSync(log);
  const child: Child = { process, logPath: options.logPath ?? null };
  running.add(child);
  void process.exited.then(() => running.delete(child));
  return child;
}

export function hasEnded(child: Child): boolean {
  return child.process.exitCode !== null || child.process.signalCode !== null;
}

/** The last lines it wrote, for an error message. */
export function lastWords(child: Child): string {
  if (child.logPath === null || !existsSync(child.logPath)) return "";
  return readFileSync(child.logPath, "utf8").trim().split("\n").slice(-3).join(" | ");
}

function killSurvivors(tree: readonly ProcessStat[]): void {
  for (const { pid, startTicks } of tree) {
    try {
      const now = parseProcessStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
      if (now?.startTicks === startTicks) process.kill(pid, "SIGKILL");
    } catch {
      // Gone already, which is what was wanted.
    }
  }
}

/** Ends the child and its tree; resolves when they are gone. */
export async function endChild(child: Child, graceMs = 3000): Promise<void> {
  const tree = descendantsOf(child.process.pid, readAllProcesses());
  if (!hasEnded(child)) child.process.kill("SIGTERM");
  await Promise.race([child.process.exited, Bun.sleep(graceMs)]);
  killSurvivors(tree);
  await child.process.exited;
  running.delete(child);
}

/** For the bench's own end (exit, Ctrl-C, an error): at once, without waiting. */
export function endAllChildrenNow(): void {
  const all = running.size === 0 ? [] : readAllProcesses();
  for (const child of running) killSurvivors(descendantsOf(child.process.pid, all));
  running.clear();
}
