/**
 * Hostile clients of TLS and HTTP/2: a process of its own.
 *
 * In:    `SecureAttackOptions` as the first argument (JSON); any message over the channel asks for a report, with "cease" no further
 *        connection is made, "stop" ends the attack.
 * Out:   the message `started` once the attack is under way, then one `SecureAttackReport` for each message.
 * Keeps: bounded by `count` connections at a time. Floods make up for a connection that the server ended after a pause, and write what
 *        the kernel takes, a piece a turn; dribbles don't replace theirs. Elsewhere an attacker has processors of its own: here it takes
 *        what server and other clients leave.
 */
import { setPriority } from "node:os";
import type { Socket } from "bun";
import { FrameReader, FrameType, statusOf } from "../../../bench/load/http2-frames.ts";
import type { SecureAttackOptions, SecureAttackReport } from "./attack-report.ts";
import { type Dribble, dribblesOf, type Flood, floodsOf } from "./h2-attacks.ts";
import { quantileOf } from "./load-report.ts";
import { catchClientHello, tlsDribblesOf } from "./tls-attacks.ts";

const NICENESS = 10;
setPriority(NICENESS);
const options = JSON.parse(process.argv[2]!) as SecureAttackOptions;

/** Connections that are being made at a time. */
const OPENING_MAX = 50;
/** Parts of a second, over which the connections of a dribble are spread: clients don't know of each other. */
const SLICES = 100;
/** Before a flood makes another connection in place of one that was ended. */
const PAUSE_MS = 50;
/** Octets a flood gathers for a write. */
const PIECE_OCTETS = 16_384;
const CLIENT_HELLO_TLS = { rejectUnauthorized: false, ALPNProtocols: Buffer.from("\x02h2", "latin1") };

class Attacker {
  socket: Socket<Attacker> | null = null;
  connectedMs = 0;
  endedMs = 0;
  /** Ended, or told that it was for nothing. */
  stoppedMs = 0;
  /** Frames of a flood, octets of a dribble after its opening. */
  sent = 0;
  round = 0;
  second = 0;
  unsent: Buffer = Buffer.alloc(0);
  readonly reader: FrameReader | null;

  constructor(isHttp2: boolean) {
    this.reader = isHttp2 ? new FrameReader() : null;
  }
}

const all: Attacker[] = [];
const tally = { failed: 0, octetsReceived: 0, resets: 0 };
const goAways: Record<string, number> = {};
const statuses: Record<string, number> = {};

const flood: Flood | undefined = floodsOf(options)[options.kind];
const overTls: Dribble | undefined = dribblesOf(options)[options.kind];
const overTcp: Dribble | undefined = tlsDribblesOf(await catchClientHello())[options.kind];
const dribble = overTls ?? overTcp;
if (flood === undefined && dribble === undefined) throw new Error(`no attack ${options.kind}`);
const opening = flood?.opening ?? dribble!.opening;
const tls = overTcp === undefined && CLIENT_HELLO_TLS;

function note(attacker: Attacker, octets: Buffer): void {
  tally.octetsReceived += octets.length;
  attacker.reader?.push(octets, ({ type, payload }) => {
    if (type === FrameType.GoAway || type === FrameType.RstStream) attacker.stoppedMs ||= performance.now();
    if (type === FrameType.GoAway) count(goAways, payload.readUInt32BE(4));
    else if (type === FrameType.RstStream) tally.resets++;
    else if (type === FrameType.Headers) count(statuses, statusOf(payload));
  });
}

function count(counts: Record<string, number>, key: number): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function send(attacker: Attacker, octets: Buffer): void {
  const { socket } = attacker;
  if (socket === null || octets.length === 0) return;
  attacker.unsent = attacker.unsent.length === 0 ? octets : Buffer.concat([attacker.unsent, octets]);
  const taken = Math.max(0, socket.write(attacker.unsent));
  attacker.unsent = attacker.unsent.subarray(taken);
}

/** Goes on while the kernel takes it, a piece a turn of the event loop: answers must be read, too. */
function goOn(attacker: Attacker): void {
  if (flood === undefined || attacker.socket === null || attacker.unsent.length > 0) return;
  if (attacker.sent >= flood.framesMax) return;
  const frames: Buffer[] = [];
  for (let octets = 0; octets < PIECE_OCTETS && attacker.sent < flood.framesMax;) {
    const batch = flood.batch(attacker.round++);
    for (const one of batch) octets += one.length;
    attacker.sent += batch.length;
    frames.push(...batch);
  }
  send(attacker, Buffer.concat(frames));
  if (attacker.unsent.length === 0) setImmediate(goOn, attacker);
}

const handlers = {
  open(socket: Socket<Attacker>) {
    const attacker = socket.data;
    attacker.socket = socket;
    if (flood?.isDeaf) socket.pause();
    send(attacker, opening);
    goOn(attacker);
  },
  data: (socket: Socket<Attacker>, octets: Buffer) => note(socket.data, octets),
  drain(socket: Socket<Attacker>) {
    const attacker = socket.data;
    const { unsent } = attacker;
    attacker.unsent = Buffer.alloc(0);
    send(attacker, unsent);
    goOn(attacker);
  },
  end: (socket: Socket<Attacker>) => void socket.end(),
  close(socket: Socket<Attacker>) {
    const attacker = socket.data;
    attacker.endedMs = performance.now();
    attacker.stoppedMs ||= attacker.endedMs;
    attacker.socket = null;
    if (flood !== undefined && !isCeasing) setTimeout(openOne, PAUSE_MS);
  },
  error() {},
  connectError() {},
};

/** What is there goes on, and isn't replaced. */
let isCeasing = false;

async function openOne(): Promise<void> {
  if (isCeasing) return;
  const attacker = new Attacker(overTcp === undefined);
  attacker.connectedMs = performance.now();
  try {
    await Bun.connect({ hostname: "127.0.0.1", port: options.port, tls, socket: handlers, data: attacker });
    all.push(attacker);
  } catch {
    tally.failed++;
    if (flood !== undefined) setTimeout(openOne, PAUSE_MS);
  }
}

let slice = 0;

function trickle(): void {
  if (dribble?.trickle === undefined) return;
  for (let index = slice; index < all.length; index += SLICES) {
    const attacker = all[index]!;
    const octets = attacker.socket === null ? null : dribble.trickle(attacker.second++);
    if (octets === null) continue;
    attacker.sent += octets.length;
    send(attacker, octets);
  }
  slice = (slice + 1) % SLICES;
}

function report(): SecureAttackReport {
  const stopped = all.filter(({ stoppedMs }) => stoppedMs > 0);
  const lives = Float64Array.from(stopped, ({ stoppedMs, connectedMs }) => stoppedMs - connectedMs).sort();
  return {
    connected: all.length,
    failed: tally.failed,
    ended: all.filter(({ endedMs }) => endedMs > 0).length,
    stopped: stopped.length,
    through: all.filter(({ endedMs, sent }) => endedMs === 0 && flood !== undefined && sent >= flood.framesMax).length,
    sent: all.reduce((sum, { sent }) => sum + sent, 0),
    sentMost: Math.max(0, ...all.map(({ sent }) => sent)),
    octetsReceived: tally.octetsReceived,
    goAways,
    resets: tally.resets,
    statuses,
    shortestLifeMs: lives[0] ?? 0,
    medianLifeMs: quantileOf(lives, 0.5),
    longestLifeMs: quantileOf(lives, 1),
  };
}

process.on("message", (message) => {
  isCeasing ||= message !== "look";
  process.send!(report());
  if (message === "stop") setTimeout(() => process.exit(0), 20);
});
process.on("disconnect", () => process.exit(0));
for (let opened = 0; opened < options.count; opened += OPENING_MAX) {
  await Promise.all(Array.from({ length: Math.min(OPENING_MAX, options.count - opened) }, openOne));
}
setInterval(trickle, 1000 / SLICES);
process.send!("started");
