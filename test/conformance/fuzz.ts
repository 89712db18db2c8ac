/**
 * `bun run fuzz`: mutated conformance rows against a live server that serves the fixture site, or against the parser alone.
 *
 *   --url URL          the server (see `bun run conformance --make-site DIR`)
 *   --protocol h1|h2   mutated rows of HTTP/1.1 (default), or mutated frames of HTTP/2: over TLS, or http:// with prior knowledge
 *   --parser           the parser alone, without a server: every input at every split (a million take about two minutes)
 *   --seed N           which inputs (default: 1); the same seed gives the same inputs
 *   --inputs N         how many (default: 10000); --first N: where to begin, to repeat a single finding
 *   --concurrency N    connections at a time (16)
 *
 * Every input of HTTP/1.1 is sent whole and in pieces. The server must answer in well-formed messages or close, must close once the
 * client has shut down its sending side, and must come to the same responses whatever the pieces. An input of HTTP/2 is sent once,
 * whole or in pieces: what comes back must be well-formed frames, and the server must close.
 * Exit code: 0 when nothing was found, 1 when something was, 2 for a wrong command line.
 */
import { parseArgs } from "node:util";
import { type Finding, fuzz } from "./fuzz/fuzzer.ts";
import { fuzzParser } from "./fuzz/parser-fuzzer.ts";
import { fetchOverHttp2 } from "./h2/fetch.ts";
import { fuzzFrames } from "./h2/fuzz/frame-fuzzer.ts";
import { ServerUnderTest } from "./server-under-test.ts";

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Bun.argv.slice(2),
    options: {
      url: { type: "string" },
      protocol: { type: "string", default: "h1" },
      parser: { type: "boolean", default: false },
      seed: { type: "string", default: "1" },
      first: { type: "string", default: "0" },
      inputs: { type: "string", default: "10000" },
      concurrency: { type: "string", default: "16" },
    },
  });
  const began = performance.now();
  const inputs = {
    seed: Number(values.seed),
    first: Number(values.first),
    inputs: Number(values.inputs),
    onProgress: (count: number) =>
      console.error(`${count} inputs, ${((performance.now() - began) / 1000).toFixed(0)} s`),
  };
  if (values.parser) return await runParser(inputs, began);
  if (values.url === undefined) {
    console.error("fuzz: give --url URL, or --parser");
    return 2;
  }
  const isHttp2 = values.protocol === "h2";
  const server = isHttp2 ? new ServerUnderTest(values.url, fetchOverHttp2) : new ServerUnderTest(values.url);
  const obstacle = await server.findObstacle();
  if (obstacle !== null) {
    console.error(`fuzz: ${obstacle}`);
    return 1;
  }
  const report = await (isHttp2 ? fuzzFrames : fuzz)(server, { ...inputs, concurrency: Number(values.concurrency) });
  printFindings(report.findings, inputs.seed);
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${report.inputs} inputs of seed ${values.seed}, ${report.exchanges} connections in ${seconds.toFixed(1)} s, ` +
      `${report.resets} resets, ${report.findings.length} findings`,
  );
  printOutcomes(report.outcomes);
  return report.findings.length > 0 ? 1 : 0;
}

async function runParser(inputs: Parameters<typeof fuzzParser>[0], began: number): Promise<number> {
  const report = await fuzzParser(inputs);
  const seconds = (performance.now() - began) / 1000;
  printFindings(report.findings, inputs.seed);
  console.log(
    `${report.inputs} inputs of seed ${inputs.seed}, ${report.octets} octets, read ${report.readings} times in ` +
      `${seconds.toFixed(1)} s, ${report.findings.length} findings`,
  );
  printOutcomes(report.outcomes);
  return report.findings.length > 0 ? 1 : 0;
}

function printFindings(findings: readonly Finding[], seed: number): void {
  for (const { index, what, input } of findings) console.log(`input ${index} of seed ${seed}: ${what}\n  ${input}`);
}

function printOutcomes(outcomes: readonly (readonly [what: string, count: number])[]): void {
  const shown = outcomes.slice(0, 12).map(([what, count]) => `${what} (${count})`);
  console.log(`most frequent of ${outcomes.length}: ${shown.join(", ")}`);
}

process.exit(await main());
