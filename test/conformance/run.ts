/**
 * `bun run conformance`: the HTTP conformance suite against any server, over raw TCP or TLS.
 *
 *   --make-site DIR    write the document root that the server must serve, and end
 *   --protocol h1|h2   the rows about HTTP/1.1 (default) or about HTTP/2: over TLS, or http:// with prior knowledge
 *   --url [NAME=]URL   play the rows against this server (once for each --url); its root is that folder
 *   --peers            start every server installed here on loopback and compare them (see peers.ts, h2/peers.ts)
 *   --only PATTERN     only rows whose name, section or level matches this regular expression
 *   --json, --markdown another form of the report
 *   --list             print the rows and play none
 *   --deadline-ms N    how long to wait for a server (3000); --concurrency N: connections at a time (8)
 *
 * Exit code: 0 when no `must` row failed, 1 when one did, 2 for a wrong command line.
 */
import { parseArgs } from "node:util";
import { makeFixtureSite } from "./fixture-site.ts";
import { withPeers } from "./peer-server.ts";
import type { PlayOptions } from "./play-row.ts";
import { makeReport, type Report, toMarkdown, toText } from "./report.ts";
import type { RowTitle, SectionGroup } from "./row.ts";
import { DEFAULT_OPTIONS, playRows, type SuiteOptions } from "./run-suite.ts";
import { HTTP1, HTTP2, type Suite } from "./suites.ts";

function readCommandLine() {
  return parseArgs({
    args: Bun.argv.slice(2),
    options: {
      url: { type: "string", multiple: true },
      protocol: { type: "string", default: "h1" },
      "make-site": { type: "string" },
      peers: { type: "boolean" },
      only: { type: "string" },
      json: { type: "boolean" },
      markdown: { type: "boolean" },
      list: { type: "boolean" },
      "deadline-ms": { type: "string" },
      concurrency: { type: "string" },
    },
  }).values;
}

type CommandLine = ReturnType<typeof readCommandLine>;

function selectRows<R extends RowTitle>(groups: readonly SectionGroup<R>[], only: string | undefined): readonly R[] {
  const rows = groups.flatMap((group) => group.rows);
  if (only === undefined) return rows;
  const pattern = new RegExp(only, "i");
  return rows.filter((row) => pattern.test(`${row.level} ${row.section} ${row.name}`));
}

async function judgeServer<R extends RowTitle>(
  suite: Suite<R>,
  name: string,
  url: string,
  only: string | undefined,
  options: SuiteOptions,
): Promise<Report> {
  const server = suite.serverAt(url);
  const obstacle = await server.findObstacle();
  if (obstacle !== null) throw new Error(obstacle);
  const isEngine = suite.engines.includes(name);
  const groups = isEngine ? suite.groups.filter((group) => !group.title.startsWith("RFC 9110")) : suite.groups;
  const play = (row: R, playOptions: PlayOptions) => suite.play(row, server, playOptions);
  const outcomes = await playRows(selectRows(groups, only), play, options);
  return makeReport(name, groups, outcomes);
}

async function run<R extends RowTitle>(suite: Suite<R>, values: CommandLine): Promise<number> {
  if (values.list) {
    for (const row of selectRows(suite.groups, values.only)) {
      console.log(`${row.level.padEnd(6)} ${row.section.padEnd(20)} the server ${row.name}`);
    }
    return 0;
  }
  const options: SuiteOptions = {
    deadlineMs: Number(values["deadline-ms"] ?? DEFAULT_OPTIONS.deadlineMs),
    concurrency: Number(values.concurrency ?? DEFAULT_OPTIONS.concurrency),
  };
  const reports: Report[] = [];
  const judge = async (name: string, url: string): Promise<void> => {
    reports.push(await judgeServer(suite, name, url, values.only, options));
  };
  for (const text of values.url ?? []) {
    const [, name, url] = /^(?:(\w+)=)?(.*)$/s.exec(text)!;
    await judge(name ?? url!, url!);
  }
  if (values.peers) await withPeers(suite.peers, suite.peerScheme, judge);
  if (reports.length === 0) {
    console.error("conformance: give --url URL, --peers or --make-site DIR");
    return 2;
  }
  if (values.json) console.log(JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2));
  else if (values.markdown) console.log(toMarkdown(reports));
  else console.log(reports.map(toText).join("\n\n"));
  return reports.some((report) => report.total.must.failed > 0) ? 1 : 0;
}

async function main(): Promise<number> {
  let values: CommandLine;
  try {
    values = readCommandLine();
  } catch (problem) {
    console.error(`conformance: ${(problem as Error).message}; the flags are listed in test/conformance/run.ts`);
    return 2;
  }
  if (values["make-site"] !== undefined) {
    await makeFixtureSite(values["make-site"]);
    console.log(`wrote the fixture site to ${values["make-site"]}`);
    return 0;
  }
  if (values.protocol === "h2") return run(HTTP2, values);
  if (values.protocol === "h1") return run(HTTP1, values);
  console.error(`conformance: --protocol is h1 or h2, not ${values.protocol}`);
  return 2;
}

try {
  process.exit(await main());
} catch (problem) {
  console.error(`conformance: ${(problem as Error).message}`);
  process.exit(1);
}
