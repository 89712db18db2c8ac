/**
 * The first worker of a new plan, which is the test of it: of the executable that is now at its path, and if that can't start,
 * of the one that workers run already.
 *
 * Out:   the worker, ready, and the plan with the executable that it proved.
 * Fails: StartError with the message of the last one.
 */
import { Executable } from "./executable.ts";
import type { Log, Plan } from "./launcher.ts";
import { StartError } from "./start-error.ts";
import { type Worker, WorkerState } from "./worker.ts";
import type { WorkerProcess } from "./worker-process.ts";

export type FirstSuccessor = { readonly successor: WorkerProcess; readonly plan: Plan };

/** `spawn` gives null when no worker can be started now; `whyNot` tells the reason then. */
export async function startFirstSuccessor(
  what: Omit<Plan, "executable">,
  present: Executable,
  spawn: (plan: Plan) => WorkerProcess | null,
  whyNot: () => string,
  log: Log,
): Promise<FirstSuccessor> {
  const newer = newerExecutable(present, log);
  let reason = "";
  for (const executable of newer === null ? [present] : [newer, present]) {
    const plan = { ...what, executable };
    const successor = spawn(plan);
    if (successor !== null && (await becameReady(successor))) return { successor, plan };
    reason = successor?.fatalMessage || successor?.endReason || whyNot();
    if (executable !== newer) break;
    newer.close();
    log.warn(`workers keep the executable they have: that at ${newer.path} can't start (${reason})`);
  }
  throw new StartError(`the first new worker ended before it was ready (${reason})`);
}

/** A different file than the one workers run; null when it is the same, or can't be run. */
function newerExecutable(present: Executable, log: Log): Executable | null {
  try {
    const found = Executable.at(present.path);
    if (!found.isSameFileAs(present)) return found;
    found.close();
  } catch (error) {
    log.warn(`workers keep the executable they have: ${(error as Error).message}`);
  }
  return null;
}

/** Ready, and not ended meanwhile. */
export async function becameReady(worker: Worker): Promise<boolean> {
  return (await worker.ready) && worker.state === WorkerState.Ready;
}
