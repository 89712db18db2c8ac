/**
 * Plays one row over HTTP/2 and says whether it passed.
 *
 * In:    a row and the server under test. Out: an `Outcome`; `reason` is null when it passed.
 * Keeps: one connection a row, always closed at the end. Whether frames were ignored shows at once: the server has read
 *        them before it answers the request that follows. Only a row that fails waits for `deadlineMs`.
 */
import { toVisible } from "../octet-text.ts";
import { MissingValidator } from "../octet-text.ts";
import type { Outcome, PlayOptions } from "../play-row.ts";
import { PROBE_CONTENT } from "../row.ts";
import type { ServerUnderTest } from "../server-under-test.ts";
import type { H2Client } from "./client.ts";
import { describeStep, encodeFragments, encodeFrameStep } from "./encode-step.ts";
import { describeExpectation, expandExpectations } from "./expectation.ts";
import { ContentSender } from "./content-sender.ts";
import { get, getOn, headers, reset } from "./frames.ts";
import { findDifference } from "./judge.ts";
import { NoOpening, openConnection } from "./opening.ts";
import {
  DEFAULT_MAX_FRAME_SIZE,
  DEFAULT_TABLE_SIZE,
  encodeFrame,
  errorCode,
  FrameType,
  uint32,
  WINDOW_MAX,
} from "./protocol.ts";
import { tableSizeUpdate } from "./hpack/encoder.ts";
import type { FragmentsStep, FrameStep, H2Expectation, H2Row, Step } from "./row.ts";

/** Long enough for a server on this machine to read the one segment before the next is there. */
const SEGMENT_PAUSE_MS = 1;
const RESERVED_BIT = 2 ** 31;
/** Frames that are gathered before they are sent. */
const SEND_OCTETS = 65_536;
const PROBE_CREDIT = 65_535;
/** Servers that allow more concurrent streams than this set no limit. */
const STREAMS_MAX = 2_000;

export async function playRow(row: H2Row, server: ServerUnderTest, options: PlayOptions): Promise<Outcome> {
  const expected = describeExpectation(row.expect);
  const sent = row.send.map(describeStep).join(" | ");
  const outcome = (verdict: Outcome["verdict"], reason: string | null, got = ""): Outcome => {
    return { row, verdict, reason, sent, expected, got };
  };
  const obstacle = await findObstacle(row, server);
  if (obstacle !== null) return outcome("inapplicable", obstacle);
  let client: H2Client | null = null;
  try {
    const alternatives = await expandExpectations(row.expect, server);
    client = await openConnection(server, row.opening ?? {}, options.deadlineMs);
    if (row.needs === "default-frames" && client.frameSizeMax > DEFAULT_MAX_FRAME_SIZE) {
      return outcome("inapplicable", `the server takes frames of ${client.frameSizeMax} octets`);
    }
    const reason = await new Player(client, server, alternatives, options.deadlineMs).play(row.send);
    return outcome(reason === null ? "passed" : "failed", reason, client.describe());
  } catch (problem) {
    if (problem instanceof MissingValidator) return outcome("inapplicable", problem.message);
    if (problem instanceof NoOpening) return outcome("failed", problem.message);
    throw problem;
  } finally {
    client?.wire.close();
  }
}

async function findObstacle({ needs }: H2Row, server: ServerUnderTest): Promise<string | null> {
  if (needs === undefined || needs === "default-frames") return null;
  if (needs === "tls" || needs === "cleartext")
    return server.address.tls === (needs === "tls") ? null : `only with ${needs}`;
  return (await server.has(needs)) ? null : `the server has no ${needs}`;
}

const isFrames = (step: Step): step is FrameStep | FragmentsStep =>
  typeof step !== "string" && ("type" in step || "fragmentsOf" in step);

class Player {
  private probeStream = 0;
  private readonly content: ContentSender;
  private readonly gathered: Uint8Array[] = [];
  private gatheredOctets = 0;

  constructor(
    private readonly client: H2Client,
    private readonly server: ServerUnderTest,
    private readonly alternatives: readonly H2Expectation[],
    private readonly deadlineMs: number,
  ) {
    this.content = new ContentSender(client, deadlineMs);
  }

  /** Null when the row passed, otherwise what went wrong. */
  async play(steps: readonly Step[]): Promise<string | null> {
    for (const step of steps) {
      if (this.client.breach !== null || this.client.wire.ending !== "open") break;
      if (isFrames(step)) {
        await this.gather(step);
        continue;
      }
      this.sendGathered();
      const problem = await this.perform(step);
      if (problem !== null) return this.client.breach ?? problem;
    }
    this.sendGathered();
    return this.settle();
  }

  /** Frames leave together, as they would from a client in a hurry. */
  private async gather(step: FrameStep | FragmentsStep): Promise<void> {
    const octets = await this.encode(step);
    this.gathered.push(octets);
    this.gatheredOctets += octets.length;
    if (this.gatheredOctets >= SEND_OCTETS) this.sendGathered();
  }

  private sendGathered(): void {
    if (this.gathered.length === 0) return;
    this.client.wire.send(Buffer.concat(this.gathered));
    this.gathered.length = 0;
    this.gatheredOctets = 0;
  }

  private async perform(step: Exclude<Step, FrameStep | FragmentsStep>): Promise<string | null> {
    const { client } = this;
    if (typeof step === "string") client.wire.send(step);
    else if ("inSegments" in step) await this.sendInSegments(step.inSegments, step.octets);
    else if ("contentOn" in step) return this.content.send(step.contentOn, step.octets, step.padding);
    else if ("overrun" in step) await this.content.overrun(step.overrun);
    else if ("exceedStreams" in step) return this.exceedStreams(step.exceedStreams);
    else if ("roundTrip" in step) return this.roundTrip();
    else if ("nothingUnwanted" in step) return this.checkNothingUnwanted();
    else if ("heldAt" in step) return this.checkHeld(step.heldAt, step.octets);
    else if ("acknowledge" in step) client.acknowledge();
    else if ("halfClose" in step) client.wire.halfClose();
    else return this.awaitOnStream(step);
    return null;
  }

  /** The octets of a frame or of several, noted as sent. */
  private async encode(step: FrameStep | FragmentsStep): Promise<Uint8Array> {
    const frames =
      "type" in step ? [await encodeFrameStep(step, this.server)] : await encodeFragments(step, this.server);
    for (const { head, payload, method } of frames) {
      const stream = head.stream % RESERVED_BIT;
      if (head.type === FrameType.HEADERS) this.client.noteRequest(stream, method);
      this.client.noteSent({ ...head, stream }, payload);
    }
    return Buffer.concat(frames.map(({ head, payload, length }) => encodeFrame(head, payload, length)));
  }

  private async sendInSegments(parts: readonly (FrameStep | string)[], octets: number): Promise<void> {
    const encoded: Uint8Array[] = [];
    for (const part of parts)
      encoded.push(typeof part === "string" ? Buffer.from(part, "latin1") : await this.encode(part));
    const whole = Buffer.concat(encoded);
    this.client.hold();
    for (let start = 0; start < whole.length; start += octets) {
      if (start > 0) await Bun.sleep(SEGMENT_PAUSE_MS);
      this.client.wire.send(whole.subarray(start, start + octets));
    }
    this.client.release();
  }

  private async roundTrip(): Promise<string | null> {
    const { client } = this;
    client.sendPing();
    await client.until(() => client.isUpToDate, this.deadlineMs);
    return client.isUpToDate || client.wire.ending !== "open" ? null : "PING was not acknowledged";
  }

  private async checkNothingUnwanted(): Promise<string | null> {
    const problem = await this.roundTrip();
    const { unwantedOctets } = this.client;
    return problem ?? (unwantedOctets > 0 ? `${unwantedOctets} octets of DATA on a stream that had been reset` : null);
  }

  private async exceedStreams(path: string): Promise<string | null> {
    const { client } = this;
    const limit = client.concurrentStreamsMax;
    if (limit > STREAMS_MAX) return null;
    const requests = Array.from({ length: limit + 1 }, (_, index) => this.encode(getOn(index * 2 + 1, path)));
    client.wire.send(Buffer.concat(await Promise.all(requests)));
    const beyond = client.streams.get(limit * 2 + 1)!;
    await client.until(() => beyond.isOver, this.deadlineMs);
    if (client.wire.ending !== "open") return null;
    const refusals = [errorCode("REFUSED_STREAM"), errorCode("PROTOCOL_ERROR")];
    if (beyond.resetCode === null || !refusals.includes(beyond.resetCode)) {
      return `${limit} streams are allowed, but of ${limit + 1}: ${client.describe().split("; ").at(-2)}`;
    }
    for (const { stream } of client.streams.values()) {
      if (stream !== beyond.stream) client.wire.send(await this.encode(reset(stream)));
    }
    client.streams.delete(beyond.stream);
    return null;
  }

  private async checkHeld(stream: number, octets: number): Promise<string | null> {
    const problem = await this.roundTrip();
    if (problem !== null) return problem;
    const got = this.client.streams.get(stream)?.contentOctets ?? 0;
    return got <= octets ? null : `stream ${stream}: ${got} octets of content where ${octets} may have come`;
  }

  private async awaitOnStream(
    step: Extract<
      Step,
      { awaitHead: number } | { awaitInterim: number } | { awaitContent: number } | { awaitEnd: number }
    >,
  ): Promise<string | null> {
    const [[what, stream]] = Object.entries(step) as [[string, number]];
    const record = this.client.streams.get(stream)!;
    const holds = (): boolean => {
      if ("awaitHead" in step) return record.head !== null || record.isOver;
      if ("awaitInterim" in step) return record.interim.length > 0 || record.head !== null || record.isOver;
      if ("awaitContent" in step) return record.contentOctets >= step.octets || record.isOver;
      return record.isOver;
    };
    await this.client.until(holds, this.deadlineMs);
    return holds() || this.client.wire.ending !== "open" ? null : `${what} on stream ${stream}: nothing came`;
  }

  private async settle(): Promise<string | null> {
    const { client } = this;
    const open = this.alternatives.filter((one) => one.then === "open");
    const differences = (list: readonly H2Expectation[]): (string | null)[] =>
      list.map((one) => findDifference(one, client, this.probeStream));
    const isReady = (): boolean => differences(open).includes(null);
    const hasEnded = (): boolean => client.wire.ending !== "open";
    await client.until(() => hasEnded() || isReady() || this.isDecided(), this.deadlineMs);
    // What is decided may still be followed by frames that belong to it.
    if (!hasEnded() && !isReady() && this.isDecided()) await this.roundTrip();
    if (client.breach !== null) return client.breach;
    if (!hasEnded() && isReady()) {
      await this.sendProbe();
      await client.until(() => hasEnded() || this.isProbeOver(), this.deadlineMs);
      if (client.breach !== null) return client.breach;
      if (!hasEnded()) return isReady() ? this.judgeProbe() : this.explain(differences(open));
    }
    const allowed = hasEnded() ? this.alternatives.filter((one) => one.then === "closed") : open;
    if (allowed.length === 0) {
      const goaway = client.goaways.length > 0 ? ` after ${client.describe()}` : "";
      return hasEnded() ? `the connection was ${client.wire.ending}${goaway}` : "the connection was not closed";
    }
    return this.explain(differences(allowed));
  }

  /** Nothing more can come of any stream, and the connection isn't expected to end. */
  private isDecided(): boolean {
    if (this.alternatives.some((one) => one.then === "closed" || one.frames !== undefined)) return false;
    const streams = [...this.client.streams.values()];
    return streams.length > 0 && streams.every((record) => record.isOver);
  }

  private explain(differences: readonly (string | null)[]): string | null {
    return differences.includes(null) ? null : differences.join("; or ");
  }

  /** A request that only a server in step answers. It gets credit of its own, whatever the row has left. */
  private async sendProbe(): Promise<void> {
    const { client } = this;
    client.acknowledge();
    const next = client.highestStream + 1;
    this.probeStream = next % 2 === 0 ? next + 1 : next;
    // No identifier is left: an acknowledged PING must do.
    if (this.probeStream > WINDOW_MAX) return client.sendPing();
    client.credits = true;
    if (client.receiveWindow < PROBE_CREDIT) this.credit(0, PROBE_CREDIT - client.receiveWindow);
    const update = client.tableSize < DEFAULT_TABLE_SIZE ? [tableSizeUpdate(client.tableSize)] : [];
    client.wire.send(await this.encode(headers(this.probeStream, [...update, ...get("/probe.txt")])));
    const { receiveWindow } = client.streams.get(this.probeStream)!;
    if (receiveWindow < PROBE_CREDIT) this.credit(this.probeStream, PROBE_CREDIT - receiveWindow);
  }

  private credit(stream: number, octets: number): void {
    const increment = uint32(Math.min(octets, WINDOW_MAX));
    this.client.sendFrame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream }, increment);
  }

  private isProbeOver(): boolean {
    if (this.probeStream > WINDOW_MAX) return this.client.isUpToDate;
    return this.client.streams.get(this.probeStream)?.isOver ?? false;
  }

  private judgeProbe(): string | null {
    if (this.probeStream > WINDOW_MAX) return this.client.isUpToDate ? null : "PING was not acknowledged";
    const record = this.client.streams.get(this.probeStream);
    if (!record?.isComplete) return "a further request on the connection was not answered";
    const { status, body } = record.toReceived();
    if (status === 200 && Buffer.from(body).toString("latin1") === PROBE_CONTENT) return null;
    return `a further request got something else: status ${status}, ${toVisible(body, 60)}`;
  }
}
