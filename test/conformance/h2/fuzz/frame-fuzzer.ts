/**
 * The fuzzer of frames: lists of frames from seed and index, each on a connection of its own, whole or in pieces.
 *
 * In:    server, seed, number of inputs, connections at a time. Out: as for HTTP/1.1's fuzzer.
 * Keeps: after an input the client waits for an answer to PING and shuts down its sending side; a server that doesn't close then hangs. Now and then, and at
 *        the end, a request on a new connection must be answered.
 */
import { Wire } from "../../exchange.ts";
import type { Finding, FuzzOptions, FuzzReport } from "../../fuzz/fuzzer.ts";
import { makeSplit } from "../../fuzz/mutate.ts";
import { Random } from "../../fuzz/random.ts";
import { HANG_MS } from "../../fuzz/verdict.ts";
import { PROBE_CONTENT } from "../../row.ts";
import type { ServerUnderTest } from "../../server-under-test.ts";
import { fetchOverHttp2 } from "../fetch.ts";
import { ping, settings } from "../frames.ts";
import { encodeFrame, FRAME_HEAD_OCTETS, FrameType, PREFACE, Setting } from "../protocol.ts";
import { makeFrameCorpus } from "./corpus.ts";
import { makeFrames } from "./mutate.ts";
import { LAST_PING_PAYLOAD, Observer } from "./observer.ts";

const FINDINGS_MAX = 10;
const PROGRESS_EVERY = 10_000;
const PROBE_EVERY = 500;
const SHOWN_OCTETS = 2_000;

/** The preface and SETTINGS without a push; most inputs get no further without it. */
const OPENING = Buffer.concat([
  Buffer.from(PREFACE),
  encodeFrame(settings(), Uint8Array.of(0, Setting.ENABLE_PUSH, 0, 0, 0, 0)),
]);

/** Acknowledged when all before it has been read. */
const LAST_PING = encodeFrame(ping(LAST_PING_PAYLOAD), Buffer.from(LAST_PING_PAYLOAD));
const ANSWER_MS = 40;

interface Verdict {
  readonly outcome: string;
  readonly fault: string | null;
  readonly wasReset: boolean;
}

export async function fuzzFrames(server: ServerUnderTest, options: FuzzOptions): Promise<FuzzReport> {
  const corpus = await makeFrameCorpus(server);
  const findings: Finding[] = [];
  const outcomes = new Map<string, number>();
  const end = options.first + options.inputs;
  let [next, exchanges, resets] = [options.first, 0, 0];

  const work = async (): Promise<void> => {
    while (next < end && findings.length < FINDINGS_MAX) {
      const index = next++;
      const random = new Random(options.seed, index);
      const input = makeFrames(corpus, random);
      const pieces = random.oneIn(4) ? makeSplit(input, random) : [input];
      const verdict = await play(server, pieces);
      const fault = verdict.fault ?? ((index + 1) % PROBE_EVERY === 0 ? await probe(server) : null);
      exchanges++;
      resets += Number(verdict.wasReset);
      outcomes.set(verdict.outcome, (outcomes.get(verdict.outcome) ?? 0) + 1);
      if (fault !== null) findings.push({ index, what: fault, input: showFrames(input) });
      if ((index + 1) % PROGRESS_EVERY === 0) options.onProgress?.(index + 1 - options.first);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  const lost = await probe(server);
  if (lost !== null) findings.push({ index: end, what: lost, input: "" });
  return {
    inputs: next - options.first,
    exchanges,
    resets,
    outcomes: [...outcomes].sort((a, b) => b[1] - a[1]),
    findings,
  };
}

async function play(server: ServerUnderTest, pieces: readonly Uint8Array[]): Promise<Verdict> {
  const observer = new Observer(changesTable(pieces));
  const wire = await Wire.connect(server.address, {
    ...(server.address.tls ? { applicationProtocol: "h2" } : {}),
    sink: (octets) => observer.receive(octets),
  });
  try {
    wire.send(Buffer.concat([OPENING, pieces[0] ?? new Uint8Array(0)]));
    for (const piece of pieces.slice(1)) {
      await new Promise((resolve) => setImmediate(resolve));
      wire.send(piece);
    }
    wire.send(LAST_PING);
    // An input that ends within a frame takes the PING for its rest, and waits for more.
    await wire.until(() => observer.hasSeenPing, ANSWER_MS);
    wire.halfClose();
    // Whether a response that waits for credit is given up then is for a row of the suite to say.
    await wire.until(() => false, observer.isUnfinished ? ANSWER_MS : HANG_MS);
    const hangs = wire.ending === "open" && !observer.isUnfinished ? `did not close within ${HANG_MS} ms` : null;
    const outcome = observer.statuses.slice(0, 4).join(" ") || "nothing";
    return { outcome, fault: observer.fault ?? hangs, wasReset: wire.ending === "reset" };
  } finally {
    wire.close();
  }
}

/** Whether one of the frames, as far as they are any, is SETTINGS that name the size of the encoder's table. */
function changesTable(pieces: readonly Uint8Array[]): boolean {
  const input = Buffer.concat(pieces);
  for (let offset = 0; offset + FRAME_HEAD_OCTETS <= input.length;) {
    const end = offset + FRAME_HEAD_OCTETS + input.readUIntBE(offset, 3);
    const payload = input.subarray(offset + FRAME_HEAD_OCTETS, end);
    const isSettings = input[offset + 3] === FrameType.SETTINGS;
    for (let at = 0; isSettings && at + 2 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) === Setting.HEADER_TABLE_SIZE) return true;
    }
    offset = end;
  }
  return false;
}

async function probe(server: ServerUnderTest): Promise<string | null> {
  try {
    const { status, body } = await fetchOverHttp2(server, "/probe.txt", []);
    if (status === 200 && Buffer.from(body).toString("latin1") === PROBE_CONTENT) return null;
    return `afterwards a request got status ${status}`;
  } catch (problem) {
    return `afterwards: ${(problem as Error).message}`;
  }
}

function showFrames(input: Uint8Array): string {
  const text = Buffer.from(input).toString("hex");
  return text.length <= SHOWN_OCTETS * 2 ? text : `${text.slice(0, SHOWN_OCTETS * 2)}… (${input.length} octets)`;
}
