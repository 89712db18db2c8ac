/**
 * What commands print: results to standard output, errors as one line to standard error.
 *
 * Keeps: colour only on a terminal, and never when NO_COLOR is set (https://no-color.org). A reader that went away
 *        (`saker help | head`) is not an error.
 */
import { oneLine } from "../config/config-error.ts";

/** Writes to standard output; done when the octets have left the process. */
export function print(text: string): Promise<void> {
  return write(process.stdout, text);
}

/** Writes `saker: message` as exactly one line to standard error. */
export function printError(message: string): Promise<void> {
  return write(process.stderr, `${paint(process.stderr, "saker:", "1;31")} ${oneLine(message)}\n`);
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once("error", () => resolve());
  stream.write(text, () => resolve());
  return promise;
}

/** Wraps a text into an SGR colour when the stream is a terminal that wants it. */
export function paint(stream: { readonly isTTY?: boolean }, text: string, sgr: string): string {
  return wantsColour(stream) ? `\u001b[${sgr}m${text}\u001b[0m` : text;
}

function wantsColour({ isTTY }: { readonly isTTY?: boolean }): boolean {
  return isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}
