/**
 * The trial start of an executable before a running master hands over to it: `saker --saker-rehearse FORMAT ARGUMENTS…`.
 *
 * In:    the arguments that the master was started with.
 * Out:   exit code 0 when this build would serve with them, 1 when not, with one line that gives the reason.
 */
import { loadConfiguration } from "../config/load-settings.ts";
import { VERSION } from "../config/version.ts";
import { rehearse } from "../master/rehearsal.ts";
import { ExitCode, type CommandLine } from "./command.ts";
import { chooseCommand, reportError } from "./dispatch.ts";
import { withDocumentRoot } from "./document-root.ts";

export async function runRehearsal(line: CommandLine): Promise<number> {
  try {
    const [format = "", ...given] = line.argv;
    const { argv } = chooseCommand({ ...line, argv: given });
    await rehearse(format, withDocumentRoot(loadConfiguration({ ...line, argv })), VERSION);
    return ExitCode.Good;
  } catch (error) {
    await reportError(error, line.env);
    return ExitCode.Failure;
  }
}
