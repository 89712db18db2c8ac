/**
 * `saker explain METHOD URL`: every decision about one request, and the line of the configuration behind it.
 *
 * In:    a method and a URL (or a path; GET if there is no method), `-H` may be given several times, settings as for serve, `--json`.
 * Out:   host, path, rules, files tried, coding, preconditions, range, and each field of the response with its reason. Exit
 *        code 0 whatever the response is, 2 when the question or the configuration is wrong, 1 when nothing could be served.
 * Keeps: needs no running server, opens no socket and changes nothing: the site that serve would run answers in this process.
 */
import { loadConfiguration } from "../config/load-settings.ts";
import { SiteError } from "../site/build-site.ts";
import { CommandError, ExitCode, type Invocation } from "./command.ts";
import { withDocumentRoot } from "./document-root.ts";
import { explainRequest } from "./explain/explain-request.ts";
import { reportJson, reportText } from "./explain/report.ts";
import { requestOf } from "./explain/synthetic-request.ts";
import { paint, print } from "./output.ts";

export async function run(invocation: Invocation): Promise<number> {
  const { lines, argv } = takeFieldLines(invocation.argv);
  const configuration = loadConfiguration({ ...invocation, argv, takesOperands: true });
  const request = requestOf(...methodAndUrl(configuration.arguments.positionals), lines);
  const settings = withDocumentRoot(configuration);
  try {
    const explanation = await explainRequest(settings, configuration.originOf, request, configuration.configFiles);
    const isJson = configuration.arguments.flags.has("--json");
    await print(isJson ? reportJson(explanation) : reportText(explanation, MARKS));
  } catch (error) {
    if (error instanceof SiteError) throw new CommandError(error.message);
    throw error;
  }
  return ExitCode.Good;
}

const MARKS = {
  heading: (text: string): string => paint(process.stdout, text, "1"),
  place: (text: string): string => paint(process.stdout, text, "2"),
};

function methodAndUrl(positionals: readonly string[]): [method: string, url: string] {
  const [first, second, third] = positionals;
  if (third !== undefined) throw usage(`explain takes one request: unexpected ${JSON.stringify(third)}`);
  if (first === undefined) throw usage("no request to explain; example: saker explain GET /about");
  if (second !== undefined) return [first, second];
  if (/^[A-Z]+$/.test(first)) throw usage(`no URL or path; example: saker explain ${first} /about`);
  return ["GET", first];
}

/** `-H LINE`, as often as it is given: other flags keep their last value only. */
function takeFieldLines(argv: readonly string[]): { lines: string[]; argv: string[] } {
  const lines: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index]!;
    if (argument === "-H" || argument === "--header") {
      const line = argv[++index];
      if (line === undefined) throw usage(`${argument} needs a field such as "Accept: text/html"`);
      lines.push(line);
    } else if (argument.startsWith("--header=")) {
      lines.push(argument.slice("--header=".length));
    } else if (/^-H./.test(argument)) {
      lines.push(argument.slice(2));
    } else {
      rest.push(argument);
    }
  }
  return { lines, argv: rest };
}

function usage(problem: string): CommandError {
  return new CommandError(problem, ExitCode.Usage);
}
