/**
 * A client that makes a connection for every request: `bun handshake-client.ts PORT TOGETHER MILLISECONDS NAME OCTETS`.
 *
 * In:    the port on 127.0.0.1, how many connections at a time, for how long, the file to ask for and its size.
 * Out:   `HandshakeReport` as JSON on stdout.
 * Units: microseconds, from the connect(2) to the last octet of the response.
 * Keeps: every handshake is a full one: no session is ever kept or offered. X25519 is the only group offered, so that all servers do
 *        the same work (those on BoringSSL would choose X25519MLKEM768). The server closes; nothing is asked twice on a connection.
 */
import { medianOf } from "./spread.ts";

export interface HandshakeReport {
  responses: number;
  octets: number;
  failed: number;
  unexpected: number;
  microseconds: number;
  p50Microseconds: number;
  p99Microseconds: number;
}

interface Attempt {
  began: number;
  status: number;
  headOctets: number;
  octets: number;
  pieces: Buffer | null;
  isSettled: boolean;
}

const port = Number(process.argv[2]);
const together = Number(process.argv[3]);
const milliseconds = Number(process.argv[4]);
const [, , , , , name = "", octetsText] = process.argv;
const contentOctets = Number(octetsText);
const request = `GET /${name} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`;
const HEAD_END = "\r\n\r\n";

const latencies: number[] = [];
const report: HandshakeReport = {
  responses: 0,
  octets: 0,
  failed: 0,
  unexpected: 0,
  microseconds: 0,
  p50Microseconds: 0,
  p99Microseconds: 0,
};
const started = performance.now();
let underWay = 0;

function take(attempt: Attempt, piece: Buffer): void {
  attempt.octets += piece.length;
  if (attempt.headOctets > 0) return;
  attempt.pieces = attempt.pieces === null ? Buffer.from(piece) : Buffer.concat([attempt.pieces, piece]);
  const end = attempt.pieces.indexOf(HEAD_END);
  if (end < 0) return;
  attempt.headOctets = end + HEAD_END.length;
  attempt.status = Number(attempt.pieces.toString("latin1", 9, 12));
}

function settle(attempt: Attempt): void {
  if (attempt.isSettled) return;
  attempt.isSettled = true;
  underWay--;
  if (attempt.status === 0 || attempt.octets - attempt.headOctets !== contentOctets) report.failed++;
  else {
    report.responses++;
    report.octets += attempt.octets;
    if (attempt.status !== 200) report.unexpected++;
    latencies.push((performance.now() - attempt.began) * 1000);
  }
  next();
}

const handlers: Bun.SocketHandler<Attempt> = {
  handshake(socket, isGood) {
    if (isGood) socket.write(request);
    else socket.terminate();
  },
  data: (socket, piece) => take(socket.data, piece),
  end: (socket) => void socket.end(),
  close: (socket) => settle(socket.data),
  error: () => {},
};

function next(): void {
  if (performance.now() - started < milliseconds) return void connectOnce();
  if (underWay === 0) finish();
}

function connectOnce(): void {
  underWay++;
  const attempt = {
    began: performance.now(),
    status: 0,
    headOctets: 0,
    octets: 0,
    pieces: null,
    isSettled: false,
  };
  const tls = { rejectUnauthorized: false, ecdhCurve: "X25519" };
  Bun.connect<Attempt>({ hostname: "127.0.0.1", port, tls, data: attempt, socket: handlers }).catch(() =>
    settle(attempt),
  );
}

function finish(): never {
  const sorted = latencies.toSorted((a, b) => a - b);
  report.microseconds = (performance.now() - started) * 1000;
  report.p50Microseconds = medianOf(sorted) || 0;
  report.p99Microseconds = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? 0;
  console.log(JSON.stringify(report));
  process.exit(0);
}

for (let index = 0; index < together; index++) connectOnce();
