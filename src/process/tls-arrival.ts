/**
 * A connection to a port of HTTPS, from its acceptance until it is known what it speaks; then that connection has it.
 *
 *     AwaitsHeader ─► AwaitsHello ─► Handshake ─► Serving ─► Closed
 *                          │  │      └► a certificate that isn't trusted, where none is required ─► Serving, a 400
 *                          │  └► the first octet isn't that of a record: plain text ─► Serving, a 400
 *                          └─► refused: HTTP/1.1 says so after the handshake, or it is closed
 *
 *   AwaitsHeader   the header of the PROXY protocol has yet to come, or the rest of it
 *   AwaitsHello    nothing of TLS has come
 *   Handshake      its first octets have: which certificate, which protocol (RFC 7301); or it is for a proof, and ends with it
 *   Serving        whoever speaks that protocol has the link and the client
 *
 * Keeps: everything before Serving takes `header_timeout_seconds` at most. One that has sent nothing gives way like any idle
 *        connection. One object per connection, reused with its link, its client and what it has spoken before.
 */
import type { CrowdedStatus, AcceptedConnection, ServedConnection } from "../serving/served-connection.ts";
import { Client, type ClientParts } from "../serving/client.ts";
import { Entrance } from "../serving/client-gate.ts";
import type { RefusalLog } from "../serving/refusal-log.ts";
import type { TlsHandlers, TlsSocket } from "../socket/runtime-socket.ts";
import type { Timed, TimerWheel } from "../socket/timer-wheel.ts";
import { TlsLink } from "../socket/tls-link.ts";
import type { Waiter, WaitingList } from "../socket/waiting-list.ts";
import { Counter } from "../stats/layout.ts";
import type { HostContexts, TlsContext } from "../tls/host-contexts.ts";
import { Hello, PROOF_PROTOCOLS, proofAskedFor } from "./handshake-proofs.ts";
import { Seconds, WheelSecond } from "../units.ts";
import { handshakeFailureOf } from "./handshake-failure.ts";
import type { SecuredClients } from "./secured-client.ts";

enum ArrivalState {
  AwaitsHeader,
  AwaitsHello,
  Handshake,
  Serving,
  Closed,
}

/** The first octet of a TLS record that holds a handshake (RFC 8446 §5.1). */
const HANDSHAKE_RECORD = 0x16;

/** How long a client may take for its first request if the server is going away when its handshake ends. */
const LAST_REQUEST_SECONDS = Seconds(1);

/** As ALPN names them. */
type Protocol = "h2" | "http/1.1";

/** What is spoken, and whether to a client whose certificate isn't trusted; what begins without TLS is "plain". */
export type Spoken = Protocol | `${Protocol} refusal` | "plain";

/** A connection that an arrival has been before. */
interface Speaker {
  readonly spoken: Spoken;
  readonly connection: ServedConnection;
}

const NOBODY: readonly Speaker[] = [];

export interface ArrivalParts extends ClientParts {
  readonly contexts: HostContexts;
  readonly clients: SecuredClients;
  /** Protocols by preference, as ALPN has them (RFC 7301 §3.1); and the one in which clients are refused. */
  readonly protocols: Buffer;
  readonly refusalProtocols: Buffer;
  readonly wheel: TimerWheel;
  readonly silent: WaitingList;
  readonly timeouts: { readonly headSeconds: Seconds };
  readonly keepAlive: { readonly idleSeconds: Seconds };
  readonly counters: Float64Array;
  readonly refusals: RefusalLog;
  /** Shows proofs by handshake, for authorities; null where none are asked for that way. */
  readonly proofs: { contextFor(name: string): Promise<unknown | null> } | null;
  /** Whether the log tells of TLS. */
  readonly logsTls: boolean;
  readonly isDraining: () => boolean;
  /** Makes a connection that speaks what was agreed on. */
  connectionFor(spoken: Spoken, link: TlsLink, client: Client): ServedConnection;
  /** Makes room for a connection, perhaps by closing an idle one; false: it was rejected, and perhaps closed. */
  makeRoomFor(connection: ServedConnection): boolean;
  onError(error: unknown): void;
}

export class TlsArrival implements AcceptedConnection, Timed, Waiter {
  place = -1;
  deadline = WheelSecond(0);
  scheduled = -1;
  wheelNext: Timed | null = null;
  wheelPrevious: Timed | null = null;
  waitingList: WaitingList | null = null;
  waitingSince = WheelSecond(0);
  waitingNext: Waiter | null = null;
  waitingPrevious: Waiter | null = null;
  readonly link = new TlsLink();
  private readonly client: Client;
  private state = ArrivalState.Closed;
  private context: TlsContext;
  /** Who has the link; null before it is known what is spoken. */
  served: ServedConnection | null = null;
  /** Who spoke what before, to do so again. */
  private known: readonly Speaker[] = NOBODY;
  /** The beginning of a first message that isn't whole, where it must be known what it asks for. */
  private hello: Buffer | null = null;
  /** It is for a proof, and serves nothing else. */
  private isProof = false;
  /** Counts connections: this object is one after the other. */
  private generation = 0;
  /** With which status it will be refused; 0: it won't. */
  private refusal: CrowdedStatus | 0 = 0;

  constructor(
    private readonly parts: ArrivalParts,
    private readonly handlers: TlsHandlers<TlsArrival>,
  ) {
    this.client = new Client(parts, this.link);
    this.context = parts.contexts.contextFor(null);
  }

  // ── Events of the link ─────────────────────────────────────────────────────────────────────────────────────────

  opened(hasTime: boolean): boolean {
    this.begin();
    const entrance = this.client.enter(false);
    if (entrance === Entrance.AwaitsHeader) this.state = ArrivalState.AwaitsHeader;
    return this.pass(entrance, hasTime);
  }

  begin(): void {
    const { silent, timeouts, wheel } = this.parts;
    this.state = ArrivalState.AwaitsHello;
    this.served = null;
    this.refusal = 0;
    this.hello = null;
    this.isProof = false;
    this.generation++;
    silent.add(this, wheel.tick);
    wheel.setDeadline(this, timeouts.headSeconds);
  }

  get awaitsHeader(): boolean {
    return this.state === ArrivalState.AwaitsHeader;
  }

  /** Octets as they come from the socket: before TLS, or of a connection that will never have it. */
  received(octets: Buffer): void {
    switch (this.state) {
      case ArrivalState.AwaitsHeader:
        return this.readHeader(octets);
      case ArrivalState.AwaitsHello:
        return this.readHello(octets);
      case ArrivalState.Serving:
        return this.served!.received(octets);
      case ArrivalState.Handshake:
      case ArrivalState.Closed:
    }
  }

  writable(): void {
    this.served?.writable();
  }

  ended(): void {
    if (this.served !== null) this.served.ended();
    else this.link.close();
  }

  closed(): void {
    if (this.state === ArrivalState.Handshake) this.note(Counter.TlsFailedLeft, "the client left");
    this.state = ArrivalState.Closed;
    this.parts.wheel.remove(this);
    this.waitingList?.remove(this);
    if (this.served !== null) this.served.closed();
    else this.client.leave();
    this.served = null;
  }

  // ── Before TLS ─────────────────────────────────────────────────────────────────────────────────────────────────

  private pass(entrance: Entrance, hasTime: boolean): boolean {
    if (entrance === Entrance.Closed) this.link.close();
    if (entrance === Entrance.Crowded) this.reject(429, hasTime && this.client.hasTimeForGoodbye);
    return entrance === Entrance.Open || entrance === Entrance.AwaitsHeader;
  }

  private readHeader(octets: Buffer): void {
    const next = this.client.readHeader(octets);
    const entrance = this.client.entranceAfterHeader();
    if (entrance === Entrance.AwaitsHeader) return;
    this.state = ArrivalState.AwaitsHello;
    const isWelcome = this.pass(entrance, true) && this.parts.makeRoomFor(this);
    if ((isWelcome || this.refusal !== 0) && next < octets.length) this.readHello(octets.subarray(next));
  }

  private readHello(octets: Buffer): void {
    if (this.hello !== null || octets[0] === HANDSHAKE_RECORD) return this.beginHandshake(octets);
    this.parts.counters[isLetter(octets[0]!) ? Counter.TlsFailedPlainHttp : Counter.TlsFailedOther]! += 1;
    if (!isLetter(octets[0]!)) return this.link.close();
    this.serve("plain");
    this.served!.received(octets);
  }

  // ── The handshake ──────────────────────────────────────────────────────────────────────────────────────────────

  private beginHandshake(octets: Buffer): void {
    const { proofs } = this.parts;
    if (proofs === null) return this.shakeHands(octets);
    const held = this.hello === null ? octets : Buffer.concat([this.hello, octets]);
    const asked = proofAskedFor(held);
    if (asked === Hello.Incomplete) {
      this.hello = Buffer.from(held); // which are lent
      return;
    }
    this.hello = null;
    if (asked === Hello.Ordinary) return this.shakeHands(held);
    void this.prove(asked, Buffer.from(held));
  }

  /** A handshake that shows a certificate with a proof, if there is one for the name, and ends. */
  private async prove(name: string, octets: Buffer): Promise<void> {
    const { generation } = this;
    this.state = ArrivalState.Handshake;
    this.waitingList?.remove(this);
    try {
      const native = await this.parts.proofs!.contextFor(name);
      if (this.generation !== generation || this.state !== ArrivalState.Handshake) return;
      if (native === null) return this.shakeHands(octets);
      this.isProof = true;
      this.context = { native, policy: "off", label: "a proof" };
      const options = { requestCert: false, rejectUnauthorized: false, ALPNProtocols: PROOF_PROTOCOLS };
      this.link.upgrade(octets, { secureContext: native, ...options }, this.handlers, this);
    } catch (error) {
      this.fail(error);
    }
  }

  private shakeHands(octets: Buffer): void {
    const { contexts, protocols, refusalProtocols } = this.parts;
    this.state = ArrivalState.Handshake;
    this.waitingList?.remove(this);
    this.context = contexts.contextFor(null);
    const { native, policy } = this.context;
    const options = {
      secureContext: native,
      ALPNProtocols: this.refusal === 0 ? protocols : refusalProtocols,
      requestCert: policy !== "off",
      rejectUnauthorized: policy === "required",
    };
    this.link.upgrade(octets, options, this.handlers, this);
  }

  /** The client names a host. Returns the context for it; false ends the handshake. */
  chooseContext(name: string, socket: TlsSocket<TlsArrival>): unknown {
    if (this.isProof) return this.context.native;
    try {
      const context = this.parts.contexts.contextFor(name);
      const { policy } = context;
      if (policy !== this.context.policy) socket.setVerifyMode(policy !== "off", policy === "required");
      this.context = context;
      return context.native;
    } catch (error) {
      this.parts.onError(error);
      return false;
    }
  }

  /** With `isDone`, `error` says what is wrong with the client's certificate, and something is whenever there is none. */
  shaken(socket: TlsSocket<TlsArrival>, isDone: boolean, error: Error | null): void {
    if (this.state !== ArrivalState.Handshake) return;
    if (!isDone) return this.failHandshake(handshakeFailureOf(error!), error!.message);
    if (this.isProof) return this.link.close();
    const isTrusted = this.trusts(socket);
    if (!isTrusted) this.note(Counter.TlsFailedClientCertificate, `the client's certificate: ${error!.message}`);
    if (!isTrusted && this.context.policy === "required") {
      this.state = ArrivalState.Closed;
      return this.link.close();
    }
    const protocol: Protocol = socket.alpnProtocol === "h2" ? "h2" : "http/1.1";
    this.link.established(protocol === "h2");
    this.noteSecurity(socket);
    this.serve(isTrusted ? protocol : `${protocol} refusal`);
    if (this.refusal !== 0) this.served!.reject(this.refusal, true);
    else if (this.parts.isDraining()) this.parts.wheel.setDeadline(this, LAST_REQUEST_SECONDS);
  }

  private noteSecurity(socket: TlsSocket<TlsArrival>): void {
    const { clients, counters, logsTls } = this.parts;
    const version = socket.getTLSVersion();
    const isResumed = socket.isSessionReused();
    counters[counterOf(version, isResumed)]! += 1;
    const agreed = logsTls ? { version, suite: socket.getCipher().standardName, isResumed } : null;
    this.client.secure(clients.of(this.context, socket.getServername() || null, agreed));
  }

  /** What a policy wants of the client's certificate; where it is optional, one that is there must be good all the same. */
  private trusts(socket: TlsSocket<TlsArrival>): boolean {
    const { policy } = this.context;
    if (policy === "off" || socket.authorized) return true;
    return policy === "optional" && socket.getPeerX509Certificate() === undefined;
  }

  /** It ends by itself. */
  private failHandshake(counter: Counter, reason: string): void {
    this.state = ArrivalState.Closed;
    this.note(counter, reason);
  }

  private note(counter: Counter, reason: string): void {
    const { counters, refusals } = this.parts;
    counters[counter]! += 1;
    if (refusals.isOn) refusals.noteHandshake(this.client.address, reason);
  }

  private serve(spoken: Spoken): void {
    const { parts } = this;
    const served = this.speakerOf(spoken);
    parts.wheel.remove(this);
    this.waitingList?.remove(this);
    this.state = ArrivalState.Serving;
    this.served = served;
    served.begin();
  }

  private speakerOf(spoken: Spoken): ServedConnection {
    const before = this.known.find((speaker) => speaker.spoken === spoken);
    if (before !== undefined) return before.connection;
    const connection = this.parts.connectionFor(spoken, this.link, this.client);
    this.known = [...this.known, { spoken, connection }];
    return connection;
  }

  // ── Events of the server ───────────────────────────────────────────────────────────────────────────────────────

  /** A handshake that goes on is finished, and a request answered. */
  drain(): void {
    const { keepAlive, wheel } = this.parts;
    if (this.served !== null) return this.served.drain();
    if (!this.isSilent) return;
    if (keepAlive.idleSeconds > 0 || this.link.hasQueuedOctets()) wheel.setDeadline(this, keepAlive.idleSeconds);
    else this.link.close();
  }

  giveWay(): void {
    if (this.isSilent) this.link.close();
  }

  /** It is refused in HTTP/1.1, once that can be said. */
  reject(status: CrowdedStatus, hasTime: boolean): void {
    this.refusal = status;
    this.waitingList?.remove(this);
    if (!hasTime) this.link.close();
  }

  fail(error: unknown): void {
    if (this.served !== null) return this.served.fail(error);
    this.parts.onError(error);
    this.link.terminate();
  }

  expired(): void {
    try {
      this.expire();
    } catch (error) {
      this.fail(error);
    }
  }

  private expire(): void {
    if (this.served !== null) return this.served.drain();
    this.parts.counters[Counter.TimeoutsHeader]! += 1;
    if (this.state === ArrivalState.Handshake) this.failHandshake(Counter.TlsFailedTimeout, "it takes too long");
    this.link.close();
  }

  private get isSilent(): boolean {
    return this.state === ArrivalState.AwaitsHeader || this.state === ArrivalState.AwaitsHello;
  }
}

function counterOf(version: string, isResumed: boolean): Counter {
  if (version === "TLSv1.3") return isResumed ? Counter.TlsHandshakes13Resumed : Counter.TlsHandshakes13;
  return isResumed ? Counter.TlsHandshakes12Resumed : Counter.TlsHandshakes12;
}

/** What a request in plain text begins with. */
function isLetter(octet: number): boolean {
  return (octet >= 0x41 && octet <= 0x5a) || (octet >= 0x61 && octet <= 0x7a);
}
