/**
 * Hostile clients: a process of its own that opens many connections and behaves badly on each.
 *
 *   heads    a request head that never ends: a piece of a field line every second (slowloris)
 *   bodies   a POST whose content comes an octet a second
 *   readers  a large file asked for, and nothing ever read
 *   idle     connected, and silent
 *   mute     one request, then silent (an idle keep-alive connection)
 *
 * In:    `AttackOptions` as the first argument (JSON); any message over the channel ends the attack.
 * Out:   the message `started` once all connections were tried, then at the end one `AttackReport`.
 * Keeps: bounded by `count`; a connection that was ended by the server is not replaced.
 */
import type { Socket } from "bun";
import { type AttackOptions, type AttackReport } from "./attack-report.ts";
import { quantileOf } from "./load-report.ts";

const options = JSON.parse(process.argv[2]!) as AttackOptions;

/** Connections that are being made at a time: the backlog takes them all, but the clock of each should begin when it is made. */
const OPENING_MAX = 100;

/** Parts of a second. */
const SLICES = 100;

interface Attacker {
  connectedMs: number;
  endedMs: number;
  refusal: boolean;
  socket: Socket<Attacker> | null;
}

const FIRST_WORDS: Readonly<Record<AttackOptions["kind"], string>> = {
  heads: `GET ${options.target} HTTP/1.1\r\nHost: torture.example\r\nX-Slow: `,
  bodies: `POST ${options.target} HTTP/1.1\r\nHost: torture.example\r\nContent-Length: 100000\r\n\r\n`,
  readers: `GET ${options.target} HTTP/1.1\r\nHost: torture.example\r\n\r\n`,
  idle: "",
  mute: `GET ${options.target} HTTP/1.1\r\nHost: torture.example\r\n\r\n`,
};

const all: Attacker[] = [];
let failed = 0;

const handlers = {
  open(socket: Socket<Attacker>) {
    const attacker = socket.data;
    attacker.socket = socket;
    attacker.connectedMs = performance.now();
    if (options.kind === "readers") socket.pause();
    if (FIRST_WORDS[options.kind] !== "") socket.write(FIRST_WORDS[options.kind]);
  },
  data(socket: Socket<Attacker>, octets: Buffer) {
    if (octets.includes(" 503 ")) socket.data.refusal = true;
  },
  end(socket: Socket<Attacker>) {
    socket.end();
  },
  close(socket: Socket<Attacker>) {
    socket.data.endedMs = performance.now();
    socket.data.socket = null;
  },
  error() {},
  connectError() {},
};

async function openOne(): Promise<void> {
  const attacker: Attacker = { connectedMs: 0, endedMs: 0, refusal: false, socket: null };
  try {
    await Bun.connect({ hostname: "127.0.0.1", port: options.port, socket: handlers, data: attacker });
    all.push(attacker);
  } catch {
    failed++;
  }
}

let slice = 0;

/** An octet from each once a second, spread over the second: clients don't know of each other. */
function trickle(): void {
  if (options.kind !== "heads" && options.kind !== "bodies") return;
  for (let index = slice; index < all.length; index += SLICES) all[index]!.socket?.write("a");
  slice = (slice + 1) % SLICES;
}

function report(): AttackReport {
  const ended = all.filter(({ endedMs }) => endedMs > 0);
  const lives = Float64Array.from(ended, ({ endedMs, connectedMs }) => endedMs - connectedMs).sort();
  return {
    connected: all.length,
    failed,
    refused: all.filter(({ refusal }) => refusal).length,
    ended: ended.length,
    shortestLifeMs: lives[0] ?? 0,
    medianLifeMs: quantileOf(lives, 0.5),
    longestLifeMs: quantileOf(lives, 1),
  };
}

process.on("message", (message) => {
  process.send!(report());
  if (message === "stop") setTimeout(() => process.exit(0), 20);
});
process.on("disconnect", () => process.exit(0));
for (let opened = 0; opened < options.count; opened += OPENING_MAX) {
  await Promise.all(Array.from({ length: Math.min(OPENING_MAX, options.count - opened) }, openOne));
}
setInterval(trickle, 1000 / SLICES);
process.send!("started");
