/** The command line of `bun run torture`. */

export interface Options {
  only: string[];
  servers: string[];
  source: boolean;
  json: boolean;
  markdown: boolean;
  list: boolean;
  help: boolean;
}

export class OptionError extends Error {}

export const HELP = `usage: bun run torture [flags]

  --only NAME   only this experiment; may be repeated (--list names them)
  --server NAME only this server (saker, nginx, h2o), in experiments that compare; may be repeated
  --source      src/main.ts instead of the executable (SAKER_EXECUTABLE, dist/saker, or one built for the occasion)
  --json        rows as JSON on stdout
  --markdown    rows as a Markdown table on stdout
  --list        name the experiments
`;

const SERVERS = ["saker", "nginx", "h2o"];
const SWITCHES = ["source", "json", "markdown", "list", "help"] as const;

export function parseOptions(argv: readonly string[], names: readonly string[]): Options {
  const options: Options = {
    only: [],
    servers: [],
    source: false,
    json: false,
    markdown: false,
    list: false,
    help: false,
  };
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const name = word.replace(/^--/, "");
    const key = SWITCHES.find((one) => one === name);
    if (key !== undefined && word.startsWith("--")) {
      options[key] = true;
      continue;
    }
    const [flag, inline] = splitFlag(word);
    if (flag !== "--only" && flag !== "--server") throw new OptionError(`unknown flag ${word}; --help names them`);
    const allowed = flag === "--only" ? names : SERVERS;
    const wanted = inline ?? words.shift();
    if (wanted === undefined || !allowed.includes(wanted)) {
      throw new OptionError(`${flag} takes one of ${allowed.join(", ")}`);
    }
    (flag === "--only" ? options.only : options.servers).push(wanted);
  }
  return options;
}

function splitFlag(word: string): [string, string | undefined] {
  const equals = word.indexOf("=");
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}
