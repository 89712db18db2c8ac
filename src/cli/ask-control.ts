/**
 * One command to a control socket.
 *
 * In:    the socket, a line. Out: the answer without its OK; a refusal is a CommandError.
 */
import { connect } from "node:net";
import { CommandError } from "./command.ts";
import type { ControlTarget } from "./find-control.ts";

const ANSWER_OCTETS_MAX = 64 << 20;

export async function askControl({ path, pid, timeoutMs }: ControlTarget, line: string): Promise<string> {
  if (path === "")
    throw new CommandError(pid === 0 ? "the control socket is turned off" : `process ${pid} has no control socket`);
  const answer = await exchange(path, line, timeoutMs);
  if (answer.startsWith("OK ")) return answer.slice(3);
  throw new CommandError(
    answer.startsWith("ERROR ") ? answer.slice(6) : `${path} gave no answer; see the server's error log`,
  );
}

/** The first line that comes back; "" when the connection ends before. */
function exchange(path: string, line: string, timeoutMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = "";
  const socket = connect({ path });
  const timer = setTimeout(
    () => reject(new CommandError(`${path} did not answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  socket.setEncoding("utf8");
  socket.on("connect", () => socket.write(`${line}\n`));
  socket.on("data", (text: string) => {
    answer += text;
    if (text.includes("\n")) resolve(answer.slice(0, answer.indexOf("\n")));
    else if (answer.length > ANSWER_OCTETS_MAX) reject(new CommandError(`${path} sent an answer that is too long`));
  });
  socket.on("error", (error: NodeJS.ErrnoException) => reject(new CommandError(explain(error, path))));
  socket.on("close", () => resolve(""));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

function explain({ code, message }: NodeJS.ErrnoException, path: string): string {
  switch (code) {
    case "ENOENT":
      return `there is no control socket ${path}: is the server running? use --pid or --socket to name another one`;
    case "ECONNREFUSED":
      return `no process listens on the control socket ${path}: the server has ended`;
    case "EACCES":
      return `the control socket ${path} belongs to another user`;
    default:
      return `control socket ${path}: ${message}`;
  }
}
