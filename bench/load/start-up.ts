/**
 * Start-up: from exec to the first 200, and the memory of the idle server.
 *
 * In:    the contenders, how often to start each.
 * Out:   `StartUpResult` per contender.
 * Units: milliseconds (client and spawn included, 2 to 3 of them; asked every millisecond), octets.
 * Keeps: one server at a time; the order turns with each round. Files are in the page cache after the first start: this is
 *        a warm start.
 */
import type { Contender } from "./contender.ts";
import { readTreeMemory } from "./process-tree.ts";
import type { StartUpResult } from "./result.ts";
import { startServer, stopServer, type Surroundings } from "./running-server.ts";
import { rotatedOrder } from "./spread.ts";
import { START_UP_WORKLOAD } from "./workloads.ts";

/** Long enough for what a server still does after its first response. */
const IDLE_MS = 1000;
/** Memory is read in so many of the rounds: it hardly varies, and each reading costs a second. */
const MEMORY_ROUNDS = 3;

export async function measureStartUp(
  times: number,
  contenders: readonly Contender[],
  around: Surroundings,
  say: (text: string) => void,
): Promise<StartUpResult[]> {
  const results = contenders.map(({ name }): StartUpResult => ({
    contender: name,
    milliseconds: [],
    pssOctets: [],
    rssOctets: [],
    failure: null,
  }));
  for (let round = 0; round < times; round++) {
    say(`${START_UP_WORKLOAD}: round ${round + 1}/${times}`);
    for (const index of rotatedOrder([...contenders.keys()], round)) {
      const result = results[index]!;
      if (result.failure !== null) continue;
      try {
        const server = await startServer(contenders[index]!, around);
        result.milliseconds.push(server.startUpMs);
        if (round < MEMORY_ROUNDS && round < Math.ceil(times / 3)) {
          await Bun.sleep(IDLE_MS);
          const memory = readTreeMemory(server.pid);
          result.pssOctets.push(memory.pssOctets);
          result.rssOctets.push(memory.rssOctets);
        }
        await stopServer(server);
      } catch (error) {
        result.failure = error instanceof Error ? error.message : String(error);
      }
    }
  }
  return results;
}
