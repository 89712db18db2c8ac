/**
 * `bun run conformance`: the HTTP conformance suite against any server, over raw TCP.
 *
 *   --make-site DIR    write the document root that the server must serve, and end
 *   --url [NAME=]URL   play the rows against this server (once for each --url); its root is that folder
 *   --peers            start every server installed here on loopback and compare them (see peers.ts)
 *   --only PATTERN     only rows whose name, section or level matches this regular expression
 *   --json, --markdown another form of the report
 *   --list             print the rows and play none
 *   --deadline-ms N    how long to wait for a server (3000); --concurrency N: connections at a time (8)
 *
 * Exit code: 0 when no `must` row failed, 1 when one did, 2 for a wrong command line.
 */
import { parseArgs } from "node:util";
import { ALL_ROWS, SECTION_GROUPS } from "./cases/index.ts";
import { makeFixtureSite } from "./fixture-site.ts";
import { withPeers } from "./peers.ts";
import { makeReport, type Report, toMarkdown, toText } from "./report.ts";
import type { Row } from "./row.ts";
import { DEFAULT_OPTIONS, playRows, type SuiteOptions } from "./run-suite.ts";
import { ServerUnderTest } from "./server-under-test.ts";

function readCommandLine() {
  return parseArgs({
    args: Bun.argv.slice(2),
    options: {
      url: { type: "string", multiple: true },
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

function selectRows(only: string | undefined): readonly Row[] {
  if (only === undefined) return ALL_ROWS;
  const pattern = new RegExp(only, "i");
  return ALL_ROWS.filter((row) => pattern.test(`${row.level} ${row.section} ${row.name}`));
}

async function judgeServer(name: string, url: string, rows: readonly Row[], options: SuiteOptions): Promise<Report> {
  const server = new ServerUnderTest(url);
  const obstacle = await server.findObstacle();
  if (obstacle !== null) throw new Error(obstacle);
  const outcomes = await playRows(rows, server, options);
  return makeReport(name, SECTION_GROUPS, outcomes);
}

async function main(): Promise<number> {
  let values: ReturnType<typeof readCommandLine>;
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
  const rows = selectRows(values.only);
  if (values.list) {
    for (const row of rows) console.log(`${row.level.padEnd(6)} ${row.section.padEnd(20)} the server ${row.name}`);
    return 0;
  }
  const options: SuiteOptions = {
    deadlineMs: Number(values["deadline-ms"] ?? DEFAULT_OPTIONS.deadlineMs),
    concurrency: Number(values.concurrency ?? DEFAULT_OPTIONS.concurrency),
  };
  const reports: Report[] = [];
  for (const text of values.url ?? []) {
    const [, name, url] = /^(?:(\w+)=)?(.*)$/s.exec(text)!;
    reports.push(await judgeServer(name ?? url!, url!, rows, options));
  }
  if (values.peers) {
    await withPeers(async (name, url) => void reports.push(await judgeServer(name, url, rows, options)));
  }
  if (reports.length === 0) {
    console.error("conformance: give --url URL, --peers or --make-site DIR");
    return 2;
  }
  if (values.json) console.log(JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2));
  else if (values.markdown) console.log(toMarkdown(reports));
  else console.log(reports.map(toText).join("\n\n"));
  return reports.some((report) => report.total.must.failed > 0) ? 1 : 0;
}

try {
  process.exit(await main());
} catch (problem) {
  console.error(`conformance: ${(problem as Error).message}`);
  process.exit(1);
}
