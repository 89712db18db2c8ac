/**
 * `saker version`: the version of saker, and what it runs on.
 */
import { parseArguments } from "../config/arguments.ts";
import { COMMIT, VERSION } from "../config/version.ts";
import { CommandError, ExitCode, type Invocation } from "./command.ts";
import { print } from "./output.ts";

/** Prints for example `saker 0.1.0 (3f2a91c, Bun 1.4.5, linux x64)`. */
export async function run({ argv }: Invocation): Promise<number> {
  const [extra] = parseArguments(argv, [], []).positionals;
  if (extra !== undefined) throw new CommandError(`version takes no argument, not "${extra}"`, ExitCode.Usage);
  await print(`saker ${VERSION} (${COMMIT}, Bun ${Bun.version}, ${process.platform} ${process.arch})\n`);
  return ExitCode.Good;
}
