/** Why the server can't start: one line for people that says what to do. Ends the process with exit code 1. */
export class StartError extends Error {
  override readonly name = "StartError";
}
