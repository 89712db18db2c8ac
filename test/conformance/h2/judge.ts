/**
 * Compares what a server did with what a row allows.
 *
 * In:    one expectation, the client as it stands. Out: null when all of it has come, otherwise a sentence.
 * Keeps: streams of the probe aren't looked at; whether the connection stays is `play-row.ts`'s business.
 */
import { compareResponse } from "../judge.ts";
import type { H2Client } from "./client.ts";
import { errorName, Flag, frameName, FrameType } from "./protocol.ts";
import type { FramePattern, H2Expectation } from "./row.ts";
import type { StreamRecord } from "./stream-record.ts";

export function findDifference(expected: H2Expectation, client: H2Client, probeStream: number): string | null {
  for (const record of client.streams.values()) {
    if (record.stream === probeStream) continue;
    const difference = compareStream(expected, record, client);
    if (difference !== null) return `stream ${record.stream}: ${difference}`;
  }
  for (const stream of [...Object.keys(expected.responses ?? {}), ...Object.keys(expected.resets ?? {})]) {
    if (!client.streams.has(Number(stream))) return `stream ${stream} was never opened`;
  }
  return (
    compareGoaways(expected, client) ?? compareFrames(expected.frames ?? [], client) ?? compareOrder(expected, client)
  );
}

function compareStream(expected: H2Expectation, record: StreamRecord, client: H2Client): string | null {
  const { stream } = record;
  const response = expected.responses?.[stream];
  const codes = expected.resets?.[stream];
  const wasReset = record.resetCode === null ? null : `RST_STREAM ${errorName(record.resetCode)}`;
  if (response) {
    if (!record.isComplete) return wasReset ?? "no complete response";
    const previous = client.streams.get(stream - 2);
    const difference = compareResponse(
      response,
      record.toReceived(),
      previous?.isComplete ? previous.toReceived() : null,
    );
    if (difference !== null) return difference;
  }
  if (codes) {
    const isRefusal = record.status >= 400 && record.status < 500;
    if (!response && record.isComplete && !isRefusal) return `a response with status ${record.status}`;
    const { beforeReset } = expected;
    if (beforeReset !== undefined && record.status !== beforeReset) return `status ${record.status || "none"}`;
    if (record.resetCode === null) return record.isComplete ? `status ${record.status} without a reset` : "no reset";
    return codes.some((code) => code === errorName(record.resetCode!)) ? null : wasReset;
  }
  // A complete response may be followed by a reset that asks for no more content (RFC 9113 §8.1).
  const isUnasked = record.resetCode !== null && record.resetCode !== 0;
  if (response) return isUnasked ? `${wasReset} after the response` : null;
  if (expected.then === "closed") return null;
  if (record.isResetByClient) return isUnasked ? `${wasReset} in answer to RST_STREAM` : null;
  return record.isComplete ? `a response with status ${record.status}` : wasReset;
}

function compareGoaways(expected: H2Expectation, client: H2Client): string | null {
  const last = client.goaways.at(-1);
  if (!last) return expected.isAnnounced ? "no GOAWAY" : null;
  const name = errorName(last.code);
  if (!expected.goaway?.some((code) => code === name)) return `GOAWAY ${name}`;
  if (expected.lastStream !== undefined && last.lastStream !== expected.lastStream) {
    return `GOAWAY with last stream ${last.lastStream}`;
  }
  return null;
}

function compareFrames(patterns: readonly FramePattern[], client: H2Client): string | null {
  const rest = [...client.frames];
  for (const { type, flags, stream, payload } of patterns) {
    const index = rest.findIndex(
      (frame) =>
        frame.type === type &&
        (flags === undefined || frame.flags === flags) &&
        (stream === undefined || frame.stream === stream) &&
        (payload === undefined || Buffer.from(frame.payload).toString("latin1") === payload),
    );
    if (index < 0) return `no ${frameName(type)}${payload === undefined ? "" : ` with ${JSON.stringify(payload)}`}`;
    rest.splice(index, 1);
  }
  return null;
}

function compareOrder({ endInOrder = [], interleave }: H2Expectation, client: H2Client): string | null {
  const content = client.frames.filter((frame) => frame.type === FrameType.DATA);
  const ends = client.frames
    .filter(
      ({ type, flags }) => (type === FrameType.DATA || type === FrameType.HEADERS) && (flags & Flag.END_STREAM) !== 0,
    )
    .map((frame) => frame.stream)
    .filter((stream) => endInOrder.includes(stream));
  if (ends.join() !== endInOrder.join()) return `the streams ended in the order ${ends.join()}`;
  if (!interleave) return null;
  const placesOf = (stream: number): number[] =>
    content.flatMap((frame, place) => (frame.stream === stream ? [place] : []));
  const [a, b] = [placesOf(interleave[0]), placesOf(interleave[1])];
  return a[0]! < b.at(-1)! && b[0]! < a.at(-1)! ? null : "one stream's content came after all of the other's";
}
