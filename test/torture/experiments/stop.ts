/**
 * Stop: SIGTERM while 50 slow downloads run and others are idle.
 *
 * Criterion: every download completes octet for octet; new connections are refused; an idle client that asks once more is
 *        answered with `Connection: close` or finds its connection closed in order; exit code 0; nothing is left.
 */
import { existsSync, readFileSync } from "node:fs";
import { until } from "../../support/deadline.ts";
import { isAlive } from "../../support/processes.ts";
import { RawClient } from "../../support/raw-client.ts";
import { requestOctets } from "../../support/saker.ts";
import { onBothServers } from "../both-servers.ts";
import { type Experiment, formatMs, judge, type Row, type Torture } from "../experiment.ts";
import type { SakerUnderTorture } from "../servers/saker.ts";
import type { ServerUnderTorture } from "../servers/server-under-torture.ts";
import { openDownloads } from "../slow-downloads.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";

export const stop: Experiment = {
  name: "stop",
  title: "SIGTERM while 50 slow downloads run",
  async run(torture) {
    await using files = await createTortureSite();
    const config = `pid_file = ${JSON.stringify(files.site.beside("saker.pid"))}`;
    return await onBothServers("stop", torture, { site: files.site, workers: 2, config }, (server) =>
      stopDuringDownloads(server, files, torture),
    );
  },
};

async function stopDuringDownloads(
  server: ServerUnderTorture,
  files: TortureSite,
  { isShort }: Torture,
): Promise<Row[]> {
  const count = isShort ? 10 : 50;
  const workers = server.workerPids();
  const downloads = await openDownloads(server.port, files.large.target, count);
  const idle = await Promise.all(Array.from({ length: 10 }, () => RawClient.connect(server.port)));
  for (const client of idle) await client.request(requestOctets(files.small.target));
  const stoppedMs = performance.now();
  server.stopPolitely();
  const refusedMs = await until(async () => {
    const late = await RawClient.connect(server.port).catch(() => null);
    late?.close();
    return late === null ? performance.now() - stoppedMs : 0;
  }, "new connections are refused");
  const whole = await downloads.finish(readFileSync(files.large.file!));
  let polite = 0;
  for (const client of idle) {
    await client.readUntilClose().catch(() => {});
    if (client.ending === "closed") polite++;
    client.close();
  }
  const ending = await Promise.race([server.exited, Bun.sleep(10_000).then(() => "still there")]);
  const endedMs = performance.now() - stoppedMs;
  const left = [
    ...[server.pid, ...workers].filter(isAlive).map((pid) => `process ${pid}`),
    ...(server.name === "saker" ? filesLeft(server as SakerUnderTorture, files) : []),
  ];
  return [
    {
      experiment: "stop",
      server: server.name,
      fault: `stopped during ${count} downloads of 8 MiB`,
      saw: `${whole} of ${count} whole; refuses after ${formatMs(refusedMs)}; ${polite} of ${idle.length} idle closed in order; exit code ${ending} after ${formatMs(endedMs)}; left: ${left.join(", ") || "nothing"}`,
      criterion: "all whole, exit code 0, nothing left",
      verdict: judge(server.name, whole === count && polite === idle.length && ending === 0 && left.length === 0),
    },
  ];
}

function filesLeft({ saker }: SakerUnderTorture, files: TortureSite): string[] {
  return [saker.statsFile, files.site.beside("saker.pid")].filter((path) => existsSync(path));
}
