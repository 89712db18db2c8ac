/**
 * The suite's own HTTP/2 client: sends whatever it is told to, and watches that the server keeps to RFC 9113.
 *
 * In:    frames as octets, which are noted before they leave; octets of the server.
 * Out:   streams, frames and GOAWAYs received; `breach`: the first thing that no server may do, whatever the row is about.
 * Keeps: acknowledges SETTINGS and PING and gives credit for DATA at once, unless told not to. Shares no code with src/http2.
 */
import { type Address, Wire } from "../exchange.ts";
import { Breach, contentOf, FrameReader, type ReceivedFrame } from "./frame-reader.ts";
import { HpackBreach, HpackDecoder } from "./hpack/decoder.ts";
import {
  DEFAULT_MAX_FRAME_SIZE,
  DEFAULT_TABLE_SIZE,
  DEFAULT_WINDOW,
  encodeFrame,
  errorName,
  Flag,
  type FrameHead,
  frameName,
  FrameType,
  Setting,
  uint32,
  WINDOW_MAX,
} from "./protocol.ts";
import { StreamRecord } from "./stream-record.ts";

export interface Goaway {
  readonly lastStream: number;
  readonly code: number;
}

/** What SETTINGS change once they are acknowledged. */
interface SentSettings {
  /** Added to the windows of streams that were there before. */
  readonly shrinks: number;
  readonly tableSize: number | null;
}

export class H2Client {
  wire!: Wire;
  readonly streams = new Map<number, StreamRecord>();
  readonly frames: ReceivedFrame[] = [];
  readonly goaways: Goaway[] = [];
  breach: string | null = null;
  /** Octets of DATA on streams that the client had reset. */
  unwantedOctets = 0;
  /** Whether SETTINGS and PING are acknowledged at once, and DATA credited. */
  acknowledges = true;
  credits = true;
  settingsReceived = 0;
  acksReceived = 0;
  /** What the server's SETTINGS say. */
  tableSize = DEFAULT_TABLE_SIZE;
  concurrentStreamsMax = Number.POSITIVE_INFINITY;
  frameSizeMax = DEFAULT_MAX_FRAME_SIZE;
  sendWindow = DEFAULT_WINDOW;
  receiveWindow = DEFAULT_WINDOW;
  private readonly reader = new FrameReader();
  private readonly decoder = new HpackDecoder();
  private serverInitialWindow = DEFAULT_WINDOW;
  private clientInitialWindow = DEFAULT_WINDOW;
  private readonly unacknowledged: SentSettings[] = [];
  private readonly pingsSent: string[] = [];
  private owedAcks = 0;
  private pingCount = 0;
  private held: Uint8Array[] | null = null;
  /** HEADERS that CONTINUATION must follow. */
  private openBlock: { readonly first: ReceivedFrame; readonly fragments: Uint8Array[] } | null = null;

  static async connect(address: Address): Promise<H2Client> {
    const client = new H2Client();
    client.wire = await Wire.connect(address, {
      ...(address.tls ? { applicationProtocol: "h2" } : {}),
      sink: (octets) => client.receive(octets),
    });
    return client;
  }

  get highestStream(): number {
    return Math.max(0, ...this.streams.keys());
  }

  until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    return this.wire.until(() => this.breach !== null || condition(), timeoutMs);
  }

  sendFrame(head: FrameHead, payload: Uint8Array = new Uint8Array(0)): void {
    this.noteSent(head, payload);
    const octets = encodeFrame(head, payload);
    if (this.held) this.held.push(octets);
    else this.wire.send(octets);
  }

  /** Keeps the client's own frames back while a row's frame is under way in pieces. */
  hold(): void {
    this.held = [];
  }

  release(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const octets of held) this.wire.send(octets);
  }

  /** A request has left: a stream of this number is there from now on. */
  noteRequest(stream: number, method: string): void {
    if (this.streams.has(stream)) return;
    this.streams.set(stream, new StreamRecord(stream, method, this.clientInitialWindow, this.serverInitialWindow));
  }

  /** What a frame of ours changes; HEADERS are told by `noteRequest`. */
  noteSent({ type, flags, stream }: FrameHead, payload: Uint8Array): void {
    const record = this.streams.get(stream);
    if (type === FrameType.RST_STREAM && record) record.isResetByClient = true;
    else if (type === FrameType.PING && (flags & Flag.ACK) === 0)
      this.pingsSent.push(Buffer.from(payload).toString("latin1"));
    else if (type === FrameType.SETTINGS && (flags & Flag.ACK) === 0) this.noteSettings(payload);
    else if (type === FrameType.WINDOW_UPDATE && payload.length === 4) {
      const increment = Buffer.from(payload).readUInt32BE() & WINDOW_MAX;
      if (stream === 0) this.receiveWindow += increment;
      else if (record) record.receiveWindow += increment;
    } else if (type === FrameType.DATA) {
      this.sendWindow -= payload.length;
      if (record) record.sendWindow -= payload.length;
    }
  }

  /** Acknowledges what `acknowledges` has left. */
  acknowledge(): void {
    this.acknowledges = true;
    for (; this.owedAcks > 0; this.owedAcks--) this.sendFrame({ type: FrameType.SETTINGS, flags: Flag.ACK, stream: 0 });
  }

  private noteSettings(payload: Uint8Array): void {
    let shrinks = 0;
    let tableSize: number | null = null;
    for (const [setting, value] of pairsOf(payload)) {
      if (setting === Setting.HEADER_TABLE_SIZE) tableSize = value;
      if (setting === Setting.MAX_FRAME_SIZE) this.reader.frameSizeMax = Math.max(this.reader.frameSizeMax, value);
      if (setting !== Setting.INITIAL_WINDOW_SIZE) continue;
      const difference = value - this.clientInitialWindow;
      this.clientInitialWindow = value;
      if (difference < 0) shrinks += difference;
      else for (const record of this.streams.values()) record.receiveWindow += difference;
    }
    this.unacknowledged.push({ shrinks, tableSize });
  }

  private receive(octets: Uint8Array): void {
    if (this.breach !== null) return;
    try {
      this.reader.push(octets);
      for (let frame = this.reader.next(); frame !== null; frame = this.reader.next()) this.receiveFrame(frame);
    } catch (problem) {
      if (!(problem instanceof Breach) && !(problem instanceof HpackBreach)) throw problem;
      this.breach = this.settingsReceived > 0 ? problem.message : `no HTTP/2: ${problem.message}`;
    }
  }

  private receiveFrame(frame: ReceivedFrame): void {
    const { type, flags } = frame;
    this.frames.push(frame);
    if (this.settingsReceived === 0 && (type !== FrameType.SETTINGS || (flags & Flag.ACK) !== 0)) {
      throw new Breach(`${frameName(type)} before SETTINGS`);
    }
    if (this.openBlock && (type !== FrameType.CONTINUATION || frame.stream !== this.openBlock.first.stream)) {
      throw new Breach(`${frameName(type)} where CONTINUATION must come`);
    }
    switch (type) {
      case FrameType.SETTINGS:
        return (flags & Flag.ACK) !== 0 ? this.receiveSettingsAck() : this.receiveSettings(frame);
      case FrameType.PING:
        return this.receivePing(frame);
      case FrameType.GOAWAY:
        return this.receiveGoaway(frame.payload);
      case FrameType.WINDOW_UPDATE:
        return this.receiveWindowUpdate(frame);
      case FrameType.DATA:
        return this.receiveData(frame);
      case FrameType.HEADERS:
      case FrameType.CONTINUATION:
        return this.receiveFragment(frame);
      case FrameType.RST_STREAM:
        return this.recordOf(frame).receiveReset(Buffer.from(frame.payload).readUInt32BE());
      case FrameType.PUSH_PROMISE:
      case FrameType.PRIORITY_UPDATE:
        throw new Breach(`${frameName(type)} by a server that may not send it`);
      default:
        return;
    }
  }

  private receiveSettings({ payload }: ReceivedFrame): void {
    this.settingsReceived++;
    for (const [setting, value] of pairsOf(payload)) this.receiveSetting(setting, value);
    if (this.acknowledges) this.sendFrame({ type: FrameType.SETTINGS, flags: Flag.ACK, stream: 0 });
    else this.owedAcks++;
  }

  private receiveSetting(setting: number, value: number): void {
    switch (setting) {
      case Setting.HEADER_TABLE_SIZE:
        this.tableSize = value;
        break;
      case Setting.ENABLE_PUSH:
        if (value !== 0) throw new Breach(`SETTINGS_ENABLE_PUSH ${value} by a server`);
        break;
      case Setting.MAX_CONCURRENT_STREAMS:
        this.concurrentStreamsMax = value;
        break;
      case Setting.INITIAL_WINDOW_SIZE:
        if (value > WINDOW_MAX) throw new Breach(`SETTINGS_INITIAL_WINDOW_SIZE ${value}`);
        for (const record of this.streams.values()) record.sendWindow += value - this.serverInitialWindow;
        this.serverInitialWindow = value;
        break;
      case Setting.MAX_FRAME_SIZE:
        if (value < DEFAULT_MAX_FRAME_SIZE || value > 0xff_ffff) throw new Breach(`SETTINGS_MAX_FRAME_SIZE ${value}`);
        this.frameSizeMax = value;
    }
  }

  private receiveSettingsAck(): void {
    const sent = this.unacknowledged.shift();
    if (!sent) throw new Breach("an acknowledgement of SETTINGS that weren't sent");
    for (const record of this.streams.values()) record.receiveWindow += sent.shrinks;
    if (sent.tableSize !== null) this.decoder.setMaximum(sent.tableSize);
    this.acksReceived++;
  }

  private receivePing({ flags, payload }: ReceivedFrame): void {
    if ((flags & Flag.ACK) === 0) {
      if (this.acknowledges) this.sendFrame({ type: FrameType.PING, flags: Flag.ACK, stream: 0 }, payload);
      return;
    }
    const index = this.pingsSent.indexOf(Buffer.from(payload).toString("latin1"));
    if (index < 0) throw new Breach("an acknowledgement of a PING that wasn't sent");
    this.pingsSent.splice(index, 1);
  }

  sendPing(): void {
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(++this.pingCount, 4);
    this.sendFrame({ type: FrameType.PING, flags: 0, stream: 0 }, payload);
  }

  /** Whether every PING has been acknowledged. */
  get isUpToDate(): boolean {
    return this.pingsSent.length === 0;
  }

  private receiveGoaway(payload: Uint8Array): void {
    const view = Buffer.from(payload);
    const lastStream = view.readUInt32BE(0) & WINDOW_MAX;
    const previous = this.goaways.at(-1);
    if (previous && lastStream > previous.lastStream) throw new Breach("GOAWAY with a higher last stream than before");
    this.goaways.push({ lastStream, code: view.readUInt32BE(4) });
  }

  private receiveWindowUpdate(frame: ReceivedFrame): void {
    const increment = Buffer.from(frame.payload).readUInt32BE() & WINDOW_MAX;
    if (increment === 0) throw new Breach("WINDOW_UPDATE of 0");
    const target = frame.stream === 0 ? this : this.recordOf(frame);
    target.sendWindow += increment;
    if (target.sendWindow > WINDOW_MAX) throw new Breach(`WINDOW_UPDATE beyond 2³¹-1 on stream ${frame.stream}`);
  }

  private receiveData(frame: ReceivedFrame): void {
    const record = this.recordOf(frame);
    const octets = frame.payload.length;
    this.receiveWindow -= octets;
    record.receiveWindow -= octets;
    if (octets > 0 && this.receiveWindow < 0) throw new Breach("DATA beyond the connection's window");
    if (octets > 0 && record.receiveWindow < 0 && !record.isResetByClient) {
      throw new Breach(`DATA beyond the window of stream ${frame.stream}`);
    }
    if (record.isResetByClient) this.unwantedOctets += octets;
    record.receiveData(contentOf(frame), (frame.flags & Flag.END_STREAM) !== 0);
    if (!this.credits || octets === 0) return;
    this.sendFrame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, uint32(octets));
    if (!record.isOver)
      this.sendFrame({ type: FrameType.WINDOW_UPDATE, flags: 0, stream: frame.stream }, uint32(octets));
  }

  private receiveFragment(frame: ReceivedFrame): void {
    if (frame.type === FrameType.HEADERS) this.openBlock = { first: frame, fragments: [contentOf(frame)] };
    else if (this.openBlock) this.openBlock.fragments.push(frame.payload);
    else throw new Breach("CONTINUATION without HEADERS before it");
    if ((frame.flags & Flag.END_HEADERS) === 0) return;
    const { first, fragments } = this.openBlock!;
    this.openBlock = null;
    const lines = this.decoder.decode(Buffer.concat(fragments));
    this.recordOf(first).receiveFields(lines, (first.flags & Flag.END_STREAM) !== 0);
  }

  private recordOf({ type, stream }: FrameHead): StreamRecord {
    const record = this.streams.get(stream);
    if (!record) throw new Breach(`${frameName(type)} on stream ${stream}, which is idle`);
    return record;
  }

  /** Where things stand, for reports. */
  describe(): string {
    const streams = [...this.streams.values()].map((record) => {
      const head = record.head ? `${record.status}, ${record.contentOctets} octets` : "no response";
      const end = record.isEnded ? "" : record.resetCode === null ? ", not ended" : "";
      return `stream ${record.stream}: ${head}${end}${record.resetCode === null ? "" : `, RST_STREAM ${errorName(record.resetCode)}`}`;
    });
    const goaways = this.goaways.map(({ lastStream, code }) => `GOAWAY ${errorName(code)} (last stream ${lastStream})`);
    return [...streams, ...goaways, `connection ${this.wire.ending}`].join("; ");
  }
}

function* pairsOf(payload: Uint8Array): Generator<readonly [setting: number, value: number]> {
  const view = Buffer.from(payload);
  for (let offset = 0; offset + 6 <= view.length; offset += 6) {
    yield [view.readUInt16BE(offset), view.readUInt32BE(offset + 2)];
  }
}
