/**
 * What both ends of an HTTP/2 connection tell each other about it: SETTINGS, PING, GOAWAY (RFC 9113 §6.5, §6.7, §6.8).
 *
 *   begin ─► the client's SETTINGS ─► (acknowledged by it in time, or SETTINGS_TIMEOUT)
 *   announce (GOAWAY with the highest number, PING) ─► the PING comes back: it has heard ─► nameLast (GOAWAY with the last stream)
 *   fail (GOAWAY with an error)
 *
 * Keeps: acknowledgements leave in the order of what they acknowledge.
 */
import {
  ErrorCode,
  Flag,
  FRAME_HEAD_OCTETS,
  FrameType,
  goAwayFrame,
  putFrameHead,
  STREAM_MAX,
} from "../http2/frame.ts";
import { PING_OCTETS } from "../http2/frame-reader.ts";
import { PeerSettings, putSettings, SettingId, SETTING_OCTETS } from "../http2/settings.ts";
import type { Limits } from "../http/limits.ts";
import { type H2Life, Phase, Step } from "./h2-life.ts";
import type { H2Streams } from "./h2-streams.ts";
import type { H2Writer } from "./h2-writer.ts";

export interface H2ControlParts {
  readonly limits: Limits;
  /** `max_concurrent_streams`. */
  readonly streamsMax: number;
}

const GOAWAY_OCTETS = FRAME_HEAD_OCTETS + 8;

/** What our PING says; a client's answer to another one is none to ours. */
const ANNOUNCEMENT = Buffer.from("leaving.", "latin1");

export class H2Control {
  /** What the client has said about itself. */
  readonly peer = new PeerSettings();
  /** Our SETTINGS have not been acknowledged yet. */
  awaitsAck = true;
  /** The last stream that the client was told of. */
  private lastNamed = STREAM_MAX;

  constructor(
    private readonly parts: H2ControlParts,
    private readonly life: H2Life,
    private readonly writer: H2Writer,
    private readonly streams: H2Streams,
  ) {}

  /** Sends our SETTINGS, the first thing that is sent (§3.4). */
  begin(): void {
    const { limits, streamsMax } = this.parts;
    const settings = [
      [SettingId.MaxConcurrentStreams, streamsMax],
      [SettingId.MaxHeaderListSize, limits.headOctetsMax],
      [SettingId.NoRfc7540Priorities, 1],
    ] as const;
    const octets = settings.length * SETTING_OCTETS;
    this.writer.control(FRAME_HEAD_OCTETS + octets, (target, at) =>
      putSettings(target, putFrameHead(target, at, octets, FrameType.Settings, Flag.None, 0), settings),
    );
  }

  /** The client's SETTINGS: takes and acknowledges them. */
  takeSettings(bytes: Buffer, start: number, end: number): ErrorCode {
    const { life, peer, writer } = this;
    const before = peer.initialWindow;
    const error = peer.take(bytes, start, end);
    if (error !== ErrorCode.NoError) return error;
    if (!this.adjustWindows(peer.initialWindow - before)) return ErrorCode.FlowControlError;
    if (peer.hasShrunkTable) writer.giveUpTable();
    if (life.phase === Phase.Preface) life.step(Step.SettingsRead);
    writer.control(FRAME_HEAD_OCTETS, (target, at) => putFrameHead(target, at, 0, FrameType.Settings, Flag.Ack, 0));
    return ErrorCode.NoError;
  }

  /** What streams may send changes by as much as what they begin with (§6.9.2). */
  private adjustWindows(difference: number): boolean {
    if (difference === 0) return true;
    let isValid = true;
    this.streams.forEach((stream) => {
      if (!stream.sendWindow.grow(difference)) isValid = false;
      else if (stream.sendWindow.octets > 0) this.writer.wake(stream);
    });
    return isValid;
  }

  /** The client acknowledges ours; false: there is nothing to acknowledge. */
  takeAck(): boolean {
    const { awaitsAck } = this;
    this.awaitsAck = false;
    return awaitsAck;
  }

  /** Sends back what the client's PING holds. */
  answerPing(bytes: Buffer, start: number): void {
    this.ping(bytes, start, Flag.Ack);
  }

  /** Whether an answer to a PING is that to our announcement. */
  isHeard(bytes: Buffer, start: number): boolean {
    const isOurs = bytes.compare(ANNOUNCEMENT, 0, PING_OCTETS, start, start + PING_OCTETS) === 0;
    return isOurs && this.life.phase === Phase.Leaving;
  }

  /** Tells the client that the server leaves, and asks whether it has heard. */
  announce(): void {
    this.life.step(Step.Announced);
    this.goAway(STREAM_MAX, ErrorCode.NoError);
    this.ping(ANNOUNCEMENT, 0, Flag.None);
  }

  /** Tells it which stream was the last. */
  nameLast(code: ErrorCode = ErrorCode.NoError): void {
    this.life.step(Step.LastNamed);
    this.goAway(this.streams.last, code);
  }

  /** The same of a connection that can't go on, whatever it has been told before. */
  fail(code: ErrorCode): void {
    if (this.life.phase !== Phase.Last) this.life.step(Step.LastNamed);
    this.goAway(this.streams.last, code);
  }

  private goAway(last: number, code: ErrorCode): void {
    this.lastNamed = Math.min(this.lastNamed, last); // it may not rise (§6.8)
    this.writer.control(GOAWAY_OCTETS, (target, at) => goAwayFrame(target, at, this.lastNamed, code));
  }

  private ping(bytes: Buffer, start: number, flags: Flag): void {
    this.writer.control(FRAME_HEAD_OCTETS + PING_OCTETS, (target, at) => {
      const next = putFrameHead(target, at, PING_OCTETS, FrameType.Ping, flags, 0);
      return next + bytes.copy(target, next, start, start + PING_OCTETS);
    });
  }
}
