/**
 * From the arguments to a command, and from what it throws to one line and an exit code.
 *
 * In:    the arguments after the program's name, the environment, the current folder.
 * Out:   the exit code: 0 good, 1 the environment prevents it, 2 the input is wrong.
 * Keeps: nothing but the chosen command is imported. Errors that are not expected show where they come from only with
 *        `SAKER_LOG_LEVEL=debug`; otherwise an error is one line.
 */
import { resolve } from "node:path";
import { ConfigError, ConfigFileError } from "../config/config-error.ts";
import { didYouMean } from "../config/nearest-name.ts";
import { CommandError, type CommandLine, ExitCode } from "./command.ts";
import { COMMAND_MODULES } from "./command-modules.ts";
import { COMMANDS, DEFAULT_COMMAND, findCommand, type KnownCommand } from "./commands.ts";
import { printError } from "./output.ts";
import { pathStatus } from "../sys/path-status.ts";

/** Runs the command line. Never throws. */
export async function runCommandLine(line: CommandLine): Promise<ExitCode> {
  try {
    const { command, argv } = chooseCommand(line);
    const { run } = await COMMAND_MODULES[command.name]();
    return await run({ ...line, argv, flags: command.flags });
  } catch (error) {
    return await reportError(error, line.env);
  }
}

interface Choice {
  readonly command: KnownCommand;
  readonly argv: readonly string[];
}

/** The command of a command line, and the arguments that are left for it. */
export function chooseCommand({ argv, cwd }: Pick<CommandLine, "argv" | "cwd">): Choice {
  const [first] = argv;
  const named = first === undefined ? undefined : findCommand(first);
  const rest = named === undefined ? argv : argv.slice(1);
  if (asksFor(rest, ["--help", "-h"])) {
    return { command: findCommand("help")!, argv: named === undefined ? [] : [named.name] };
  }
  if (asksFor(rest, ["--version", "-V"])) return { command: findCommand("version")!, argv: [] };
  if (named !== undefined) return { command: named, argv: rest };
  if (first !== undefined && !first.startsWith("-")) requireFolder(first, cwd);
  return { command: findCommand(DEFAULT_COMMAND)!, argv };
}

/** True when one of the flags is among the arguments, before a `--`. */
function asksFor(argv: readonly string[], flags: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).some((argument) => flags.includes(argument));
}

/** `saker X`, where X is not a command, must mean a folder. */
function requireFolder(name: string, cwd: string): void {
  const status = pathStatus(resolve(cwd, name));
  if (status?.isDirectory() === true) return;
  if (status !== null) throw new CommandError(`${name} is a file; saker serves folders: name the folder it is in`);
  const hint =
    didYouMean(
      name,
      COMMANDS.map((command) => command.name),
    ) || '; "saker --help" lists the commands';
  throw new CommandError(`${name} is neither a command nor a folder${hint}`);
}

/** One line to standard error. */
export async function reportError(error: unknown, env: CommandLine["env"]): Promise<ExitCode> {
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  await printError(message);
  if (error instanceof ConfigError) return ExitCode.Usage;
  if (error instanceof CommandError) return error.exitCode;
  const isExpected = error instanceof ConfigFileError;
  if (!isExpected && env.SAKER_LOG_LEVEL === "debug") console.error(stack);
  return ExitCode.Failure;
}
