/**
 * Opens connections, sends one request over each, and holds them: `bun idle-opener.ts PORT COUNT NAME plain|h1|h2`.
 *
 * In:    the port on 127.0.0.1, how many, the file to ask for, whether over TLS and in which version; stdin, whose end means: close
 *        them all.
 * Out:   on stdout "open N" when all that could be opened have had their response, and at the end "lost N": how many the
 *        server had closed by then.
 * Keeps: at most `TOGETHER` being opened at a time; ends with a reset (no TIME_WAIT), so that thousands of ports are free
 *        again at once. Every connection has been used: kept alive, not merely accepted. Each `PER_SOURCE` connections come
 *        from the next address of 127/8, for one address has but 28 000 ephemeral ports.
 */
import {
  clientGreeting,
  FrameFlag,
  FrameReader,
  FrameType,
  getBlock,
  requestFrame,
  SETTINGS_ACK,
} from "./http2-frames.ts";
import { getRequest } from "./workloads.ts";

const TOGETHER = 200;
/** With no further response for so long, the server will take no more. */
const STALLED_MS = 3000;
const PER_SOURCE = 20_000;

/** A list of one name each, as it goes on the wire (RFC 7301 §3.1). */
const ALPN_H2 = Buffer.from("\x02h2", "latin1");
const ALPN_H1 = Buffer.from("\x08http/1.1", "latin1");

const port = Number(process.argv[2]);
const count = Number(process.argv[3]);
const name = process.argv[4] ?? "";
const protocol = process.argv[5] ?? "plain";
const request =
  protocol === "h2"
    ? Buffer.concat([clientGreeting([]), requestFrame(1, getBlock(`/${name}`, `127.0.0.1:${port}`))])
    : Buffer.from(getRequest(port, name), "latin1");
const alpn = { rejectUnauthorized: false, ALPNProtocols: protocol === "h2" ? ALPN_H2 : ALPN_H1 };
const tls = protocol === "plain" ? false : alpn;

interface Held {
  answered: boolean;
  /** HTTP/2, until the response is there. */
  frames: FrameReader | null;
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

/** The response is there: any octets of HTTP/1.1, the stream's end in HTTP/2, whose settings are acknowledged meanwhile. */
function isWhole(self: Bun.Socket<Held>, octets: Buffer): boolean {
  if (protocol !== "h2") return true;
  let whole = false;
  self.data.frames!.push(octets, ({ type, flags, stream }) => {
    if (type === FrameType.Settings && (flags & FrameFlag.Ack) === 0) self.write(SETTINGS_ACK);
    whole ||= stream === 1 && (flags & FrameFlag.EndStream) !== 0;
  });
  return whole;
}

function openOne(): void {
  const from = source(begun++);
  const socket = {
    open(self: Bun.Socket<Held>) {
      held.push(self);
      self.write(request);
    },
    data(self: Bun.Socket<Held>, octets: Buffer) {
      if (self.data.answered || !isWhole(self, octets)) return;
      self.data.answered = true;
      self.data.frames = null;
      answered++;
      settle();
    },
    close(self: Bun.Socket<Held>) {
      if (closing) return;
      if (self.data.answered) lost++;
      else settle();
    },
  };
  const data = { answered: false, frames: protocol === "h2" ? new FrameReader() : null };
  Bun.connect<Held>({ hostname: "127.0.0.1", port, tls, ...from, data, socket }).catch(settle);
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
