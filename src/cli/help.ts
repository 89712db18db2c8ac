/**
 * `saker help [COMMAND | settings]`, which `--help` stands for.
 */
import { parseArguments } from "../config/arguments.ts";
import { settingsMarkdown } from "../config/markdown.ts";
import { didYouMean } from "../config/nearest-name.ts";
import { CommandError, ExitCode, type Invocation } from "./command.ts";
import { COMMANDS, findCommand } from "./commands.ts";
import { commandHelp, generalHelp, settingsHelp } from "./help-text.ts";
import { paint, print } from "./output.ts";

const SETTINGS_TOPIC = "settings";

export async function run({ argv, flags: own }: Invocation): Promise<number> {
  const { positionals, flags } = parseArguments(argv, [], own);
  const text = textFor(positionals, flags.has("--markdown"));
  await print(text);
  return ExitCode.Good;
}

function textFor([topic, extra]: readonly string[], isMarkdown: boolean): string {
  if (extra !== undefined)
    throw new CommandError(`help explains one thing at a time, not "${extra}" too`, ExitCode.Usage);
  if (isMarkdown && topic !== SETTINGS_TOPIC) {
    throw new CommandError("only the settings come as Markdown: saker help settings --markdown", ExitCode.Usage);
  }
  const heading = (title: string): string => paint(process.stdout, title, "1");
  if (topic === undefined) return generalHelp(heading);
  if (topic === SETTINGS_TOPIC) return isMarkdown ? `${settingsMarkdown()}\n` : settingsHelp(heading);
  const command = findCommand(topic);
  if (command !== undefined) return commandHelp(command, heading);
  const topics = [...COMMANDS.map(({ name }) => name), SETTINGS_TOPIC];
  const hint = didYouMean(topic, topics) || `; there is help for ${topics.join(", ")}`;
  throw new CommandError(`no help for "${topic}"${hint}`, ExitCode.Usage);
}
