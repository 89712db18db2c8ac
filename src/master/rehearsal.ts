/**
 * Whether an executable can take over: it starts a server with the same arguments, one worker and a port of its own,
 * before anything depends on it.
 *
 *     master ──► `EXECUTABLE --saker-rehearse FORMAT ARGUMENTS…` ──{ version } (stdout), or a line (stderr)──► master
 *
 * In:    the executable, and the arguments that it will be executed with.
 * Out:   its version.
 * Keeps: the rehearsal reads the configuration as it is now, opens logs, drops privileges, and is ready to accept
 *        before it reports success. It leaves nothing behind, and ends with its master.
 * Fails: StartError with its message.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import { dieWithParent } from "../sys/process.ts";
import { checkDocumentRoot } from "./check-document-root.ts";
import { outputOf } from "./child-output.ts";
import { Executable } from "./executable.ts";
import { HAND_OVER_FORMAT, isKnownFormat } from "./hand-over-format.ts";
import { makeRehearsalFolder, removeRehearsalFolder } from "./rehearsal-folder.ts";
import { openShared } from "./shared.ts";
import { StartError } from "./start-error.ts";
import { Supervisor } from "./supervisor.ts";
import { withStandardLogs } from "./worker-logs.ts";

const REHEARSAL_ARGUMENT = "--saker-rehearse";

/** Starting takes 0.2 s; a disk or a machine may be busy. */
const REHEARSAL_MS_MAX = 30_000;

/** A version, or a few lines about what is wrong. */
const OUTPUT_OCTETS_MAX = 64 * 1024;

export type Rehearsed = { readonly version: string };

/** The master's side. */
export async function askToRehearse(executable: Executable, argv: readonly string[]): Promise<Rehearsed> {
  const child = start(executable, argv);
  // If the master ends first, the rehearsal ends with it, whatever program it is.
  const end = (): void => {
    child.kill("SIGKILL");
    removeRehearsalFolder(child.pid);
  };
  process.once("exit", end);
  const { stdout, stderr } = await outputOf(child, OUTPUT_OCTETS_MAX);
  process.off("exit", end);
  removeRehearsalFolder(child.pid);
  const said = /^\{.*\}$/m.exec(stdout)?.[0];
  if (child.exitCode === 0 && said !== undefined) return JSON.parse(said) as Rehearsed;
  const how = child.signalCode ?? `exit code ${child.exitCode}`;
  const lines = stderr.trim().split("\n");
  const reason = (lines.findLast((line) => line.startsWith("saker: ")) ?? lines.at(-1))!.replace(/^saker: /, "");
  throw new StartError(`${executable.path} can't take over: ${reason || "it says nothing"} (${how})`);
}

function start(executable: Executable, argv: readonly string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  try {
    return Bun.spawn(executable.command(REHEARSAL_ARGUMENT, String(HAND_OVER_FORMAT), ...argv), {
      argv0: executable.path,
      env: { ...process.env }, // without what a previous upgrade put there
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: REHEARSAL_MS_MAX,
      killSignal: "SIGKILL",
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`${executable.path} can't be executed: ${code ?? String(error)}`, { cause: error });
  }
}

/**
 * The side of the rehearsed program. `format` is the HAND_OVER_FORMAT of the master that asks. Resolves when the server of
 * these settings has been ready,
 * rejects with what is in its way.
 */
export async function rehearse(format: string, settings: Settings, version: string): Promise<void> {
  dieWithParent("SIGKILL");
  if (!isKnownFormat(Number(format))) {
    throw new StartError(
      `${version} has a different hand-over format (${HAND_OVER_FORMAT}, not ${format}): restart instead`,
    );
  }
  checkDocumentRoot(settings.document_root);
  using undo = new DisposableStack();
  const folder = rehearsalFolder(undo);
  const stats_file = folder === null ? null : join(folder, "stats");
  const tls = { ...settings.tls, port: null };
  const own = { port: 0, tls, num_workers: 1, admin_listen: null, stats_file, max_restarts: 0 };
  // Descriptors that logs are written to are those of the master that asks, and stay open.
  const quiet: Settings = { ...withStandardLogs(settings), ...own, log_level: "error" };
  const shared = await openShared(quiet, undo, undefined, true);
  const log = { info() {}, warn() {}, error: (message: string) => void process.stderr.write(`saker: ${message}\n`) };
  const executable = Executable.own();
  const supervisor = new Supervisor({
    ...shared,
    settings: quiet,
    log,
    version,
    executable,
    generation: 0,
  });
  const gaveUp = supervisor.gaveUp.then((reason) => Promise.reject(new StartError(reason)));
  try {
    await Promise.race([supervisor.start(), gaveUp]);
  } finally {
    await supervisor.killAll("the rehearsal is over");
  }
  process.stdout.write(`${JSON.stringify({ version } satisfies Rehearsed)}\n`);
}

/** Null where nothing can be written; then the server whose rehearsal this is does without, too. */
function rehearsalFolder(undo: DisposableStack): string | null {
  try {
    const folder = makeRehearsalFolder();
    undo.defer(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  } catch {
    return null;
  }
}
