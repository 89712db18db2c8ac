/** What Prometheus' own tool says of /metrics and of the alerts. Debian's package "prometheus" has it; skipped without it. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { formatMetrics } from "../../src/admin/metrics.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { serve, TemporarySegment } from "../stats/temporary-segment.ts";

const promtool = Bun.which("promtool");
const why = promtool === null ? " (skipped: promtool is not installed)" : "";
const ROOT = join(import.meta.dir, "../..");

/** Dashboards know these two; the same in seconds stands beside them. */
const ADVICE = ["avg", "since_last"].map(
  (kind) => `http_response_time_milliseconds_${kind} use base unit "seconds" instead of "milliseconds"`,
);

async function run(args: readonly string[], input = ""): Promise<{ exitCode: number; lines: string[] }> {
  const child = Bun.spawn([promtool!, ...args], { stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe" });
  const [exitCode, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  return { exitCode, lines: `${stdout}${stderr}`.split("\n").filter((line) => line !== "") };
}

describe.skipIf(promtool === null)(`promtool${why}`, () => {
  test.each<[string, (temporary: TemporarySegment) => void]>([
    ["a server without workers", () => {}],
    ["a server that has answered nothing", (temporary) => void temporary.ready()],
    ["a server that has answered", (temporary) => serve(temporary.ready())],
  ])("has nothing to say of /metrics but its advice on two names: %s", async (_what, prepare) => {
    using temporary = new TemporarySegment();
    prepare(temporary);
    const build = { version: `1.2.3"\\\n`, commit: "abc" };
    const metrics = formatMetrics(readStatistics(temporary.segment), build, 12.5, () => 0);
    const { lines } = await run(["check", "metrics"], metrics);
    expect(lines).toEqual(ADVICE);
  });

  test("takes the alerts", async () => {
    const { exitCode, lines } = await run(["check", "rules", join(ROOT, "deploy/prometheus/saker-alerts.yaml")]);
    expect([exitCode, lines.join("\n")]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });
});
