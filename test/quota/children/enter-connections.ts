/**
 * Opens and closes connections of clients at the same time as its siblings do. Prints how often it got the last place of a client
 * whom all want at the same instant, and how often more were open than may be. Arguments: path of the statistics, its region, siblings
 * in all, rounds, path of the words the siblings meet at: the first is a door, then come the open connections of each client.
 */
import { openConnections } from "../../../src/quota/connection-file.ts";
import { openSharedMemory } from "../../../src/sys/shared-memory.ts";

const [statsPath, region, siblings, rounds, meetingPath] = Bun.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const table = openConnections(statsPath, Number(region), () => true)!;
const memory = openSharedMemory(meetingPath);
const words = new Int32Array(memory.buffer, memory.byteOffset, memory.length / 4);
const open = words.subarray(1);

const LOOKS_MAX = 5000;

/** Waits for the siblings; a processor may be wanted for that by one of them. */
let meetings = 0;
function meet(): void {
  Atomics.add(words, 0, 1);
  meetings++;
  for (let look = 0; Atomics.load(words, 0) < Number(siblings) * meetings; look++) {
    if (look > LOOKS_MAX) Bun.sleepSync(0.1);
  }
}

let violations = 0;
function enter(client: number, connectionsMax: number): boolean {
  if (!table.enter({ key0: -1, key1: client }, connectionsMax)) return false;
  if (Atomics.add(open, client, 1) >= connectionsMax) violations++;
  return true;
}

function leave(client: number): void {
  Atomics.sub(open, client, 1);
  table.leave({ key0: -1, key1: client });
}

let places = 0;
for (let round = 0; round < Number(rounds); round++) {
  meet();
  const isIn = enter(0, 1);
  if (isIn) places++;
  meet();
  if (isIn) leave(0);
}

meet();
const held: number[] = [];
for (let step = 0; step < 500 * Number(rounds); step++) {
  const client = Math.floor(Math.random() * open.length);
  if (held.length < open.length / 3 && enter(client, 1)) held.push(client);
  else if (held.length > 0) leave(held.splice(Math.floor(Math.random() * held.length), 1)[0]!);
}
for (const client of held) leave(client);
console.log(JSON.stringify({ places, violations }));
