/**
 * Crash loop: every worker is killed as soon as it is there.
 *
 * Criterion: after `max_restarts` the server ends with code 1 and says why; not one process more was started than that.
 */
import { isAlive } from "../../support/processes.ts";
import { skipped } from "../both-servers.ts";
import { type Experiment, formatMs, judge } from "../experiment.ts";
import { startSakerUnderTorture } from "../servers/saker.ts";
import { createTortureSite } from "../torture-site.ts";

const RESTARTS_MAX = 5;
const END_MS_MAX = 20_000;

export const crashLoop: Experiment = {
  name: "crash-loop",
  title: "workers that always die end the server with a clear error",
  async run({ executable, isShort }) {
    await using files = await createTortureSite();
    const config = `max_restarts = ${RESTARTS_MAX}`;
    await using server = await startSakerUnderTorture({ site: files.site, executable, workers: 1, config });
    const startedMs = performance.now();
    const seen = new Set<number>();
    while (server.isAlive() && performance.now() - startedMs < END_MS_MAX) {
      for (const pid of server.workerPids()) {
        seen.add(pid);
        process.kill(pid, "SIGKILL");
      }
      await Bun.sleep(2);
    }
    const elapsedMs = performance.now() - startedMs;
    const ending = server.isAlive() ? "alive" : await server.exited;
    const says = /the server exits: more than \d+ worker restarts/.test(server.saker.stderr);
    const left = [...seen].filter(isAlive).length;
    const row = {
      experiment: "crash-loop",
      server: "saker",
      fault: `every worker dies at once, max_restarts = ${RESTARTS_MAX}`,
      saw: `${seen.size} workers in ${formatMs(elapsedMs)}, then exit code ${ending}; ${says ? "says why" : "says nothing"}; ${left} left behind`,
      criterion: `≤ ${RESTARTS_MAX + 1} workers, exit code 1, an error`,
      verdict: judge("saker", seen.size <= RESTARTS_MAX + 1 && ending === 1 && says && left === 0),
    };
    return isShort ? [row] : [row, skipped("crash-loop", "nginx restarts workers forever")];
  },
};
