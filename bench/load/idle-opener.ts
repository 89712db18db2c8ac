/**
 * Opens connections, sends one request over each, and holds them: `bun idle-opener.ts PORT COUNT NAME`.
 *
 * In:    the port on 127.0.0.1, how many, the file to ask for; stdin, whose end means: close them all.
 * Out:   on stdout "open N" when all that could be opened have had their response, and at the end "lost N": how many the
 *        server had closed by then.
 * Keeps: at most `TOGETHER` being opened at a time; ends with a reset (no TIME_WAIT), so that thousands of ports are free
 *        again at once. Every connection has been used: kept alive, not merely accepted. Each `PER_SOURCE` connections come
 *        from the next address of 127/8, for one address has but 28 000 ephemeral ports.
 */
import { getRequest } from "./workloads.ts";

const TOGETHER = 200;
/** With no further response for so long, the server will take no more. */
const STALLED_MS = 3000;
const PER_SOURCE = 20_000;

const port = Number(process.argv[2]);
const count = Number(process.argv[3]);
const request = getRequest(port, process.argv[4] ?? "");

interface Held {
  answered: boolean;
}

const held: Bun.Socket<Held>[] = [];
let begun = 0;
let settled = 0;
let answered = 0;
let lost = 0;
let closing = false;

function settle(): void {
  settled++;
  if (settled === count) console.log(`open ${answered}`);
  else if (begun < count) openOne();
}

/** Bun.connect takes the source address as `localAddress`, as node:net does; its types don't say so. */
function source(index: number): { localAddress?: string } {
  const number = Math.floor(index / PER_SOURCE);
  return number === 0 ? {} : { localAddress: `127.0.0.${1 + number}` };
}

function openOne(): void {
  const from = source(begun++);
  const socket = {
    open(self: Bun.Socket<Held>) {
      held.push(self);
      self.write(request);
    },
    data(self: Bun.Socket<Held>) {
      if (self.data.answered) return;
      self.data.answered = true;
      answered++;
      settle();
    },
    close(self: Bun.Socket<Held>) {
      if (closing) return;
      if (self.data.answered) lost++;
      else settle();
    },
  };
  Bun.connect<Held>({ hostname: "127.0.0.1", port, ...from, data: { answered: false }, socket }).catch(settle);
}

function closeAll(): never {
  closing = true;
  console.log(`lost ${lost}`);
  for (const socket of held) socket.terminate();
  process.exit(0);
}

for (let index = 0; index < Math.min(TOGETHER, count); index++) openOne();
let seen = -1;
const watch = setInterval(() => {
  if (settled < count && settled === seen) console.log(`open ${answered}`);
  if (settled === count || settled === seen) clearInterval(watch);
  seen = settled;
}, STALLED_MS);
for await (const _ of Bun.stdin.stream());
closeAll();
