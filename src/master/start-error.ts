/** Why the server can't start: one line for people that says what to do. Ends the process with exit code 1. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** The message of an error, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
