/**
 * The first stage of a worker: gives up the rights that the worker must not have, then becomes the worker.
 *
 *     master ──spawn──► `saker --saker-confine 3,4 PLAN… -- saker --saker-worker` ──execve──► `saker --saker-worker --enforced=…`
 *
 * Why two stages: Landlock binds the calling thread and what it executes, and the runtime has started threads by the time
 *        our code runs. What it costs: ARCHITECTURE.md.
 * In:    the descriptors that are the worker's, the plan, the worker's command.
 * Keeps: imports little. It leaves the IPC channel alone: the master's first message waits in it for the worker. Parent, pid
 *        and descriptors are the same before and after.
 * Fails: one line to standard error and exit code 1, before anything was served; the line says how to turn it off.
 */
import { enforcedArgument, fromArguments } from "../sys/confinement.ts";
import { confineSelf } from "../sys/confine-self.ts";
import { setInherited } from "../sys/descriptor.ts";
import { environmentAtStart } from "../sys/process.ts";
import { replaceProcess } from "../sys/replace-process.ts";

/** `words`: what follows `--saker-confine`. Never returns. */
export function runFirstStage([descriptors = "", ...words]: readonly string[]): never {
  const end = words.indexOf("--");
  try {
    const enforced = confineSelf(fromArguments(words.slice(0, end)));
    // The runtime has marked them close-on-exec, meant for child processes.
    for (const fd of descriptors.split(",")) setInherited(Number(fd), true);
    const argv = [...words.slice(end + 1), enforcedArgument(enforced)];
    // process.env lacks the variable that names the IPC channel.
    replaceProcess({ path: "/proc/self/exe", argv, env: environmentAtStart() }, []);
  } catch (error) {
    console.error(`saker: a worker can't be confined: ${(error as Error).message}; confine = false does without`);
    process.exit(1);
  }
}
