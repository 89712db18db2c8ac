/**
 * Thousands of idle connections: what memory each takes, and what they do to the load beside them.
 *
 * In:    as measure-load.ts, what is held and the load beside it, and how many connections to hold.
 * Out:   `WorkloadResult` with `idle` samples beside the load's.
 * Units: octets.
 * Keeps: a server is started afresh for each sample (memory once taken is rarely given back), warmed up, measured,
 *        then the connections are opened by a process of their own, each having had one response; measured again; then loaded over
 *        further connections while they stay. Rounds and turning order as everywhere.
 */
import { join } from "node:path";
import { descriptorsPerProcess, endChild, spawnChild, type Child } from "./children.ts";
import type { Contender } from "./contender.ts";
import { onCore } from "./cores.ts";
import { FILES } from "./document-root.ts";
import { enter, failedResult, takeSample, type Timing } from "./measure-load.ts";
import { readTreeMemory } from "./process-tree.ts";
import type { ContenderResult, IdleSample, LoadSample, WorkloadResult } from "./result.ts";
import { stopServer, type Surroundings } from "./running-server.ts";
import { rotatedOrder } from "./spread.ts";
import type { IdleWorkload } from "./tls-workloads.ts";

/** Descriptors kept free for everything that isn't an idle connection. */
const SPARE_DESCRIPTORS = 1000;
const OPEN_MS = 30_000;
const CLOSE_MS = 5_000;
const SETTLE_MS = 300;

/** As many as wanted, or as the descriptor limit allows. */
export function idleCount(wanted: number, descriptors: number): number {
  return Math.max(1, Math.min(wanted, descriptors - SPARE_DESCRIPTORS));
}

/** The opener, and the lines it has written. */
class Opener {
  readonly child: Child;
  private readonly lines: AsyncIterator<string>;

  constructor(port: number, count: number, protocol: IdleWorkload["protocol"], around: Surroundings) {
    const script = join(import.meta.dir, "idle-opener.ts");
    const command = [process.execPath, script, String(port), String(count), FILES.hot.name, protocol];
    this.child = spawnChild(onCore(around.cores, around.cores.client, command), { stdin: true });
    this.lines = readLines(this.child.process.stdout as ReadableStream<Uint8Array>);
  }

  /** The number after `word` on the next line. */
  async number(word: string, withinMs: number): Promise<number> {
    const line = await Promise.race([this.lines.next(), Bun.sleep(withinMs).then(() => null)]);
    const match = new RegExp(`^${word} (\\d+)$`).exec(line === null || line.done ? "" : line.value);
    if (!match) throw new Error(`the opener of idle connections did not say "${word}"`);
    return Number(match[1]);
  }

  /** Closes them all; how many the server had closed before. */
  async close(): Promise<number> {
    await (this.child.process.stdin as Bun.FileSink).end();
    return this.number("lost", CLOSE_MS);
  }
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of stream) {
    text += decoder.decode(piece, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

async function measureOnce(
  contender: Contender,
  { beside, protocol }: IdleWorkload,
  count: number,
  around: Surroundings,
  timing: Timing,
): Promise<{ idle: IdleSample; load: LoadSample }> {
  const entrant = await enter(contender, beside, around, timing.warmUpSeconds);
  const { server } = entrant;
  let opener: Opener | null = null;
  try {
    await Bun.sleep(SETTLE_MS);
    const before = readTreeMemory(server.pid);
    opener = new Opener(server.port, count, protocol, around);
    const connections = await opener.number("open", OPEN_MS);
    if (connections < count) throw new Error(`took only ${connections} of ${count} connections`);
    await Bun.sleep(SETTLE_MS);
    const after = readTreeMemory(server.pid);
    const load = await takeSample(entrant, beside, around, timing.seconds);
    const idle = {
      connections,
      rssOctetsPerConnection: (after.rssOctets - before.rssOctets) / connections,
      pssOctetsPerConnection: (after.pssOctets - before.pssOctets) / connections,
      lost: await opener.close(),
    };
    return { idle, load };
  } finally {
    if (opener !== null) await endChild(opener.child);
    await stopServer(server);
  }
}

export async function measureIdle(
  workload: IdleWorkload,
  wanted: number,
  contenders: readonly Contender[],
  around: Surroundings,
  timing: Timing,
  say: (text: string) => void,
): Promise<WorkloadResult> {
  const count = idleCount(workload.connections ?? wanted, descriptorsPerProcess());
  const results = new Map<string, ContenderResult>();
  for (const contender of contenders) {
    results.set(contender.name, { contender: contender.name, samples: [], idle: [], failure: null });
  }
  for (let round = 0; round < timing.rounds; round++) {
    for (const contender of rotatedOrder(contenders, round)) {
      const result = results.get(contender.name)!;
      if (result.failure !== null) continue;
      say(`${workload.name}: round ${round + 1}/${timing.rounds}, ${contender.name}`);
      try {
        const { idle, load } = await measureOnce(contender, workload, count, around, timing);
        result.idle.push(idle);
        result.samples.push(load);
      } catch (error) {
        result.failure = failedResult(contender, error).failure;
      }
    }
  }
  const title = `${workload.title}, beside ${count} idle connections`;
  return { workload: workload.name, title, contenders: [...results.values()] };
}
