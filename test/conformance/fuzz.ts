/**
 * `bun run fuzz`: mutated conformance rows against a live server that serves the fixture site.
 *
 *   --url URL          the server (see `bun run conformance --make-site DIR`)
 *   --seed N           which inputs (default: 1); the same seed gives the same inputs
 *   --inputs N         how many (default: 10000); --first N: where to begin, to repeat a single finding
 *   --concurrency N    connections at a time (16)
 *
 * Every input is sent whole and in pieces. The server must answer in well-formed messages or close, must close once the
 * client has shut down its sending side, and must come to the same responses whatever the pieces.
 * Exit code: 0 when nothing was found, 1 when something was, 2 for a wrong command line.
 */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz/fuzzer.ts";
import { ServerUnderTest } from "./server-under-test.ts";

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Bun.argv.slice(2),
    options: {
      url: { type: "string" },
      seed: { type: "string", default: "1" },
      first: { type: "string", default: "0" },
      inputs: { type: "string", default: "10000" },
      concurrency: { type: "string", default: "16" },
    },
  });
  if (values.url === undefined) {
    console.error("fuzz: give --url URL");
    return 2;
  }
  const server = new ServerUnderTest(values.url);
  const obstacle = await server.findObstacle();
  if (obstacle !== null) {
    console.error(`fuzz: ${obstacle}`);
    return 1;
  }
  const began = performance.now();
  const report = await fuzz(server, {
    seed: Number(values.seed),
    first: Number(values.first),
    inputs: Number(values.inputs),
    concurrency: Number(values.concurrency),
    onProgress: (inputs) => console.error(`${inputs} inputs, ${((performance.now() - began) / 1000).toFixed(0)} s`),
  });
  for (const finding of report.findings) {
    console.log(`input ${finding.index} of seed ${values.seed}: ${finding.what}\n  ${finding.input}`);
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${report.inputs} inputs of seed ${values.seed}, ${report.exchanges} connections in ${seconds.toFixed(1)} s, ` +
      `${report.resets} resets, ${report.findings.length} findings`,
  );
  console.log(
    `most frequent: ${report.outcomes
      .slice(0, 12)
      .map(([what, count]) => `${what} (${count})`)
      .join(", ")}`,
  );
  return report.findings.length > 0 ? 1 : 0;
}

process.exit(await main());
