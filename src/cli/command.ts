/**
 * What a command of the command line is.
 *
 * Keeps: a row has everything that help and dispatch need, except for the command's code (command-modules.ts).
 */
import type { Flag } from "../config/arguments.ts";

/** What the program gets from outside. */
export interface CommandLine {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** What a command gets: the arguments are those after its name. */
export interface Invocation extends CommandLine {
  /** The flags of the command's own, as its row has them. */
  readonly flags: readonly Flag[];
}

/** What a command's file exports. The result is the exit code; an exception becomes one line and a code. */
export interface CommandModule {
  run(invocation: Invocation): Promise<number>;
}

export interface Command {
  readonly name: string;
  /** What follows the name in the usage line. */
  readonly synopsis: string;
  /** One sentence without a full stop, for the list of commands. */
  readonly summary: string;
  /** More, for the command's own help: paragraphs. */
  readonly details: readonly string[];
  /** Whether it reads the configuration: then it has the flags of all settings. */
  readonly readsSettings: boolean;
  /** Flags of its own. */
  readonly flags: readonly Flag[];
}

/** Exit codes; scripts rely on them. */
export enum ExitCode {
  Good = 0,
  /** The environment prevents it: a missing folder, a port in use, an unhealthy server. */
  Failure = 1,
  /** The input is wrong: a flag, a variable, the configuration file. */
  Usage = 2,
}

/** A command cannot go on. The message is one line that says what to do; the exit code is 1 unless it says otherwise. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = ExitCode.Failure) {
    super(message);
    this.exitCode = exitCode;
  }
}
