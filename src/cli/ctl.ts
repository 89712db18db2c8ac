/**
 * `saker ctl COMMAND`: queries or controls a running server.
 *
 * Out:   the answer; JSON is indented. Exit code 1 when the server refuses or can't be reached.
 */
import { askControl } from "./ask-control.ts";
import { CommandError, ExitCode, type Invocation } from "./command.ts";
import { findControl } from "./find-control.ts";
import { print } from "./output.ts";

export async function run(invocation: Invocation): Promise<number> {
  const target = findControl(invocation);
  if (target.operands.length === 0) {
    throw new CommandError('ctl needs a command, such as PING; "saker help ctl" lists them', ExitCode.Usage);
  }
  const answer = await askControl(target, target.operands.join(" ").replace(/[\r\n]/g, " "));
  await print(`${/^[[{]/.test(answer) ? JSON.stringify(JSON.parse(answer), null, 2) : answer}\n`);
  return ExitCode.Good;
}
