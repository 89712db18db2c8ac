/** The command line of `bun run torture`. */

export interface Options {
  only: string[];
  source: boolean;
  json: boolean;
  markdown: boolean;
  list: boolean;
  help: boolean;
}

export class OptionError extends Error {}

export const HELP = `usage: bun run torture [flags]

  --only NAME   only this experiment; may be repeated (--list names them)
  --source      src/main.ts instead of the executable (SAKER_EXECUTABLE, dist/saker, or one built for the occasion)
  --json        rows as JSON on stdout
  --markdown    rows as a Markdown table on stdout
  --list        name the experiments
`;

const SWITCHES = ["source", "json", "markdown", "list", "help"] as const;

export function parseOptions(argv: readonly string[], names: readonly string[]): Options {
  const options: Options = { only: [], source: false, json: false, markdown: false, list: false, help: false };
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const name = word.replace(/^--/, "");
    const key = SWITCHES.find((one) => one === name);
    if (key !== undefined && word.startsWith("--")) {
      options[key] = true;
    } else if (word === "--only" || word.startsWith("--only=")) {
      const wanted = word === "--only" ? words.shift() : word.slice("--only=".length);
      if (wanted === undefined || !names.includes(wanted)) {
        throw new OptionError(`--only takes one of ${names.join(", ")}`);
      }
      options.only.push(wanted);
    } else {
      throw new OptionError(`unknown flag ${word}; --help names them`);
    }
  }
  return options;
}
