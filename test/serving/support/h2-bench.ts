/** A connection over HTTP/2 on a fake link, with an application that the test plays. */
import { RequestHead, Scheme } from "../../../src/http/request-head.ts";
import { FieldStore } from "../../../src/http2/field-store.ts";
import { FrameType, Flag } from "../../../src/http2/frame.ts";
import { Client } from "../../../src/serving/client.ts";
import { FrameRoom } from "../../../src/serving/frame-room.ts";
import type { Timeouts } from "../../../src/serving/timeouts.ts";
import { H2Connection } from "../../../src/serving/h2-connection.ts";
import type { H2Parts } from "../../../src/serving/h2-session.ts";
import { LogRoom } from "../../../src/serving/log-room.ts";
import { frame, FrameText, framesOf, PREFACE_TEXT, SETTINGS_ACK, settings } from "../../http2/support/client-frames.ts";
import { H1Bench } from "./h1-bench.ts";

export interface H2Options {
  readonly timeouts?: Partial<Timeouts>;
  readonly requestsMax?: number;
  readonly idleSeconds?: number;
  readonly streamsMax?: number;
  readonly contentOctetsMax?: number;
  /** The client has said nothing yet. */
  readonly isSilent?: boolean;
  /** What the client says about itself. */
  readonly settings?: readonly (readonly [id: number, value: number])[];
}

export class H2Bench {
  readonly connection: H2Connection;
  readonly parts: H2Parts;
  private readonly h1: H1Bench;
  private readonly text = new FrameText();

  constructor(options: H2Options = {}) {
    const { requestsMax = Number.POSITIVE_INFINITY, idleSeconds = 60, timeouts } = options;
    const h1 = new H1Bench({ requestsMax, idleSeconds, ...timeouts });
    this.h1 = h1;
    h1.link.leave();
    const { parts } = h1;
    const limits = { ...parts.limits, contentOctetsMax: options.contentOctetsMax ?? parts.limits.contentOctetsMax };
    const fields = new FieldStore(limits.headOctetsMax);
    this.parts = {
      ...parts,
      limits,
      head: new RequestHead(fields.fieldCountMax, Scheme.Http),
      fields,
      room: new FrameRoom(),
      logRoom: new LogRoom(),
      streamsMax: options.streamsMax ?? 10,
    };
    const { link } = this;
    link.isGone = false;
    link.deeds.length = 0;
    this.connection = new H2Connection(this.parts, link, new Client(parts, link));
    link.owner = this.connection;
    this.connection.begin();
    if (options.isSilent !== true) this.greet(options.settings ?? []);
  }

  get link() {
    return this.h1.link;
  }

  get application() {
    return this.h1.application;
  }

  get errors() {
    return this.h1.errors;
  }

  get counters() {
    return this.parts.counters;
  }

  /** Both sides have said what there is to say before the first request. */
  private greet(values: readonly (readonly [id: number, value: number])[]): void {
    this.send(PREFACE_TEXT, settings(...values), SETTINGS_ACK);
  }

  /** The client sends octets; the frames that the server has sent by then, one line each. */
  send(...pieces: readonly (Uint8Array | string)[]): string[] {
    if (this.link.isPaused) throw new Error("the client's octets aren't read");
    this.connection.received(Buffer.concat(pieces.map((piece) => Buffer.from(piece as string, "latin1"))));
    return this.lines();
  }

  /** The same of as much as takes the server several turns: until all of it has been read. */
  async sendAll(...pieces: readonly (Uint8Array | string)[]): Promise<string[]> {
    const lines = this.send(...pieces);
    while (this.link.isPaused && this.link.deeds.length === 0) {
      await nextTurn();
      lines.push(...this.lines());
    }
    return lines;
  }

  /** What the server has sent since. */
  lines(): string[] {
    return this.text.linesOf(this.takeOctets());
  }

  takeOctets(): Buffer {
    return Buffer.from(this.link.take(), "latin1");
  }

  /** The same, without what isn't about a stream. */
  streamLines(): string[] {
    return this.lines().filter((line) => !/^(SETTINGS|PING|GOAWAY|WINDOW_UPDATE 0)/.test(line));
  }

  wait(seconds: number): void {
    this.h1.wait(seconds);
  }
}

/** Others have had their turns. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Octets of content in frames, by stream. */
export function contentOctetsOf(octets: Buffer): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { type, stream, payload } of framesOf(octets)) {
    if (type === FrameType.Data) counts.set(stream, (counts.get(stream) ?? 0) + payload.length);
  }
  return counts;
}

export function ping(text: string, isAck = false): Buffer {
  return frame(FrameType.Ping, isAck ? Flag.Ack : Flag.None, 0, text);
}
