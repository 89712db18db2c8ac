/**
 * Which server a command is for: from the command line and the configuration to a control socket, or at least a process.
 *
 * In:    `--socket PATH`, `--pid NUMBER`, the setting `pid_file`, and those that say where the socket is by default.
 * Out:   the path of the socket, and the process id where that is known; either may be missing.
 * Keeps: the socket of a process is found whatever its settings are: the kernel lists the sockets it listens on (proc(5)).
 * Fails: CommandError.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Flag } from "../config/arguments.ts";
import { type Configuration, loadConfiguration } from "../config/load-settings.ts";
import { likelyControlPath, nameOfUnfinished } from "../master/control-path.ts";
import { CommandError, type Invocation } from "./command.ts";

export const CONTROL_FLAGS: readonly Flag[] = [
  { flags: ["--socket"], placeholder: "PATH", meaning: "Control socket of the server" },
  { flags: ["--pid"], placeholder: "NUMBER", meaning: "Process id of the server's master" },
  { flags: ["--timeout"], placeholder: "SECONDS", meaning: "Longest time to wait for the answer (default 120)" },
];

export type ControlTarget = {
  /** "" when the server has none. */
  readonly path: string;
  /** 0 when it isn't known. */
  readonly pid: number;
  readonly timeoutMs: number;
  /** The other arguments. */
  readonly operands: readonly string[];
};

export function findControl(invocation: Invocation): ControlTarget {
  const configuration = loadConfiguration({ ...invocation, takesOperands: true });
  const { flags, positionals: operands } = configuration.arguments;
  const timeoutMs = positive("--timeout", flags.get("--timeout") ?? "120") * 1000;
  const path = flags.get("--socket");
  if (path !== undefined) return { path, pid: 0, timeoutMs, operands };
  const pid = givenPid(configuration);
  return pid === 0
    ? { path: likelyControlPath(configuration.settings) ?? "", pid, timeoutMs, operands }
    : { path: controlSocketOf(pid), pid, timeoutMs, operands };
}

/** The process that the command line names, or the configuration when there is nothing where the socket should be. */
function givenPid({ settings, originOf, arguments: { flags } }: Configuration): number {
  const pid = flags.get("--pid");
  if (pid !== undefined) return positive("--pid", pid);
  const { pid_file } = settings;
  if (pid_file === null) return 0;
  const path = likelyControlPath(settings);
  const isNamed = originOf("pid_file").source === "flag";
  return isNamed || path === null || !existsSync(path) ? readPid(pid_file) : 0;
}

function readPid(path: string): number {
  let text: string;
  try {
    text = readFileSync(path, "latin1").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`pid_file ${path} can't be read (${code}): is the server running?`);
  }
  if (!/^\d{1,10}$/.test(text)) throw new CommandError(`pid_file ${path} holds no process id`);
  return Number(text);
}

/** "" when the process listens on none, or may not be inspected. */
function controlSocketOf(pid: number): string {
  try {
    const inodes = new Set(
      readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        try {
          return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
        } catch {
          return []; // closed meanwhile
        }
      }),
    );
    const lines = readFileSync(`/proc/${pid}/net/unix`, "utf8").split("\n");
    // Num RefCount Protocol Flags Type St Inode Path
    const fields = lines.map((line) => /^\S+ \S+ \S+ \S+ \S+ \S+ +(\d+) (\/.*)$/.exec(line));
    const bound = fields.find((match) => match !== null && inodes.has(match[1]!));
    return bound?.[2] === undefined ? "" : nameOfUnfinished(bound[2]);
  } catch {
    return "";
  }
}

function positive(flag: string, text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new CommandError(`${flag} must be a positive number, not "${text}"`);
}
