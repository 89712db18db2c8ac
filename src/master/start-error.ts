/** Why the server can't start: one line for people, with a way out. Ends the process with exit code 1. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** What is wrong, as people are told it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
