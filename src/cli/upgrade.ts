/**
 * `saker upgrade`: replaces a running server by the executable now at its path, and prints the outcome.
 *
 * Keeps: a server without a control socket gets the signal, and only its log shows the outcome. A process that doesn't
 *        handle the signal is no running server, and gets none.
 */
import { constants } from "node:os";
import { handlesSignal } from "../sys/process.ts";
import { askControl } from "./ask-control.ts";
import { CommandError, ExitCode, type Invocation } from "./command.ts";
import { findControl } from "./find-control.ts";
import { print } from "./output.ts";

export async function run(invocation: Invocation): Promise<number> {
  const target = findControl(invocation);
  const [extra] = target.operands;
  if (extra !== undefined) throw new CommandError(`upgrade takes no argument, not "${extra}"`, ExitCode.Usage);
  if (target.path === "" && target.pid !== 0) {
    signal(target.pid);
    await print(`process ${target.pid} has no control socket and was sent SIGURG: its error log tells the outcome\n`);
    return ExitCode.Good;
  }
  await print(`${await askControl(target, "UPGRADE")}\n`);
  return ExitCode.Good;
}

function signal(pid: number): void {
  if (handlesSignal(pid, constants.signals.SIGURG) === false) {
    throw new CommandError(`process ${pid} doesn't handle SIGURG: it is not a running saker`);
  }
  try {
    process.kill(pid, "SIGURG");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`process ${pid} can't be signalled: ${code === "ESRCH" ? "no such process" : code}`);
  }
}
