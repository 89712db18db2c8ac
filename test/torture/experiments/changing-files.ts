/**
 * Files that change under us, while cached and while being sent: truncated, grown, replaced, deleted, forbidden, and their
 * folder renamed.
 *
 * Criterion: no worker dies; no whole answer with octets that no version of the file ever had; an answer cut short ends
 *        with the connection; nothing older than `cache_revalidate_ms` is sent; as many descriptors as before.
 */
import { chmodSync, ftruncateSync, openSync, closeSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../../support/deadline.ts";
import { firstDifference, randomOctets } from "../../support/octets.ts";
import { requestOctets, type Saker } from "../../support/saker.ts";
import { skipped } from "../both-servers.ts";
import { type Experiment, formatMs, judge, type Row } from "../experiment.ts";
import { startLoad } from "../load/drive.ts";
import { describeFailures } from "../load/load-report.ts";
import { descriptorCountOf } from "../process-figures.ts";
import { startSakerUnderTorture } from "../servers/saker.ts";
import { createTortureSite, LARGE_OCTETS, type TortureSite } from "../torture-site.ts";

const REVALIDATE_MS = 200;
/** Time for the buffers between server and client to fill. */
const FILL_MS = 50;
/** What a change may take to be seen beyond that: the event loop's own time, and the client's. */
const SLACK_MS = 300;

const SIZES: readonly (readonly [string, number])[] = [
  ["in memory", 5_000],
  ["by sendfile", 300_000],
  ["too large for the cache", 2_000_000],
];

type Change = readonly [name: string, act: (path: string, octets: number) => Uint8Array | number];

/** Each changes the file at `path` and says what must be answered afterwards: content, or a status. */
const CHANGES: readonly Change[] = [
  ["replaced", (path, octets) => write(`${path}.new`, randomOctets(octets, 11), path)],
  ["grown", (path, octets) => overwrite(path, randomOctets(octets + 1000, 12))],
  ["truncated", (path, octets) => overwrite(path, randomOctets(octets >> 1, 13))],
  ["deleted", (path) => (unlinkSync(path), 404)],
  ["restored", (path, octets) => overwrite(path, randomOctets(octets, 14))],
  ["its folder renamed", (path) => (renameSync(join(path, ".."), `${join(path, "..")}-away`), 404)],
];

export const changingFiles: Experiment = {
  name: "files",
  title: "files that change while they are cached and while they are sent",
  async run({ executable, isShort }) {
    await using files = await createTortureSite();
    const config = `cache_revalidate_ms = ${REVALIDATE_MS}`;
    await using server = await startSakerUnderTorture({ site: files.site, executable, workers: 1, config });
    const [worker] = server.workerPids() as [number];
    await server.saker.get("/small.bin");
    const before = descriptorCountOf(worker);
    const rows: Row[] = [];
    for (const [where, octets] of isShort ? SIZES.slice(0, 2) : SIZES) {
      rows.push(await changeWhileCached(server.saker, files, where, octets, isShort));
    }
    rows.push(await shrinkWhileSent(server.saker, files));
    if (!isShort) rows.push(await changeUnderLoad(server.saker, files));
    await until(() => descriptorCountOf(worker) <= before + KEPT_FILES, "descriptors are let go of").catch(() => {});
    const after = descriptorCountOf(worker);
    rows.push({
      experiment: "files",
      server: "saker",
      fault: "after all that",
      saw: `${server.workerPids().includes(worker) ? "the same worker" : "ANOTHER WORKER"}; ${before} descriptors before, ${after} after`,
      criterion: `no death, ≤ ${KEPT_FILES} more (files in the cache)`,
      verdict: judge("saker", server.workerPids().includes(worker) && after <= before + KEPT_FILES),
    });
    return isShort ? rows : [...rows, skipped("files", "nothing to compare: nginx without open_file_cache keeps none")];
  },
};

/** Entries of this experiment that may keep a file open. */
const KEPT_FILES = 6;

async function changeWhileCached(
  saker: Saker,
  files: TortureSite,
  where: string,
  octets: number,
  isShort: boolean,
): Promise<Row> {
  const name = `changing-${octets}`;
  const folder = files.site.path(name);
  await mkdir(folder, { recursive: true });
  const path = join(folder, "file.bin");
  overwrite(path, randomOctets(octets, 10));
  const target = `/${name}/file.bin`;
  let longestMs = 0;
  let cut = 0;
  const wrong: string[] = [];
  for (const [change, act] of CHANGES) {
    await saker.get(target); // cached now, if it may be
    const expected = act(path, octets);
    const changedMs = performance.now();
    let isSeen = false;
    while (!isSeen && performance.now() - changedMs < 3000) {
      // A file that is shorter than its head promised can only be cut: the client sees that, and asks again.
      const response = await saker.get(target).catch(() => void cut++);
      isSeen =
        response !== undefined &&
        (typeof expected === "number"
          ? response.status === expected
          : response.status === 200 && firstDifference(response.body, expected) === null);
    }
    longestMs = Math.max(longestMs, performance.now() - changedMs);
    if (!isSeen) wrong.push(change);
  }
  const changes = CHANGES.map(([change]) => change).join(", ");
  return {
    experiment: "files",
    server: "saker",
    fault: `${where}: ${changes}`,
    saw: `each seen within ${formatMs(longestMs)}, ${cut} answers cut and closed${wrong.length === 0 ? "" : `; NEVER: ${wrong.join(", ")}`}`,
    criterion: `right within cache_revalidate_ms (${REVALIDATE_MS}) + ${SLACK_MS} ms`,
    verdict: judge("saker", wrong.length === 0 && (isShort || longestMs <= REVALIDATE_MS + SLACK_MS)),
  };
}

async function shrinkWhileSent(saker: Saker, files: TortureSite): Promise<Row> {
  const path = files.site.path("shrinking.bin");
  let cut = 0;
  const downloads = 10;
  for (let time = 0; time < downloads; time++) {
    overwrite(path, randomOctets(LARGE_OCTETS, 20 + time));
    await using client = await saker.connect({ receiveBufferOctets: 64 * 1024 });
    await client.send(requestOctets("/shrinking.bin"));
    client.pause();
    await Bun.sleep(FILL_MS);
    const fd = openSync(path, "r+");
    ftruncateSync(fd, 1000);
    closeSync(fd);
    client.resume();
    await client.readUntilClose();
    if (client.octetsReceived < LARGE_OCTETS) cut++;
  }
  return {
    experiment: "files",
    server: "saker",
    fault: "truncated to 1 000 octets while being sent",
    saw: `${cut} of ${downloads} downloads cut and closed, none padded`,
    criterion: "a close, never a whole answer",
    verdict: judge("saker", cut === downloads),
  };
}

/** Two versions take turns; every answer has to be one of them, whole. The load knows one: the others are compared by length. */
async function changeUnderLoad(saker: Saker, files: TortureSite): Promise<Row> {
  const path = files.site.path("turning.bin");
  const content = randomOctets(60_000, 30);
  writeFileSync(path, content);
  const targets = [{ target: "/turning.bin", file: path }];
  await using load = await startLoad({ port: saker.port, clients: 8, connections: "keep-alive", targets });
  const turns = 150;
  for (let turn = 0; turn < turns; turn++) {
    write(`${path}.new`, content, path);
    if (turn % 10 === 0) {
      unlinkSync(path);
      await Bun.sleep(5);
      writeFileSync(`${path}.new`, content);
      renameSync(`${path}.new`, path);
    }
    if (turn % 10 === 5) chmodSync(path, 0o000);
    await Bun.sleep(10);
  }
  const report = await load.stop();
  const failures = report.cut + report.wrong + report.unanswered + report.refused + report.timedOut;
  return {
    experiment: "files",
    server: "saker",
    fault: `replaced ${turns} times under load, at times deleted or forbidden`,
    saw: `${report.ok} ok, ${describeFailures(report)}`,
    criterion: "0 wrong, cut or lost; 404 and 403 are right",
    verdict: judge("saker", failures === 0),
  };
}

function write(temporary: string, content: Uint8Array, path: string): Uint8Array {
  writeFileSync(temporary, content);
  renameSync(temporary, path);
  return content;
}

function overwrite(path: string, content: Uint8Array): Uint8Array {
  writeFileSync(path, content);
  return content;
}
