/**
 * Who is at the other end of a connection: the address as the log and the applications see it, the gate's opinion, and what was agreed
 * with TLS.
 *
 * Keeps: where no setting depends on the client there is no gate, and this is an address that is looked up when it is needed.
 */
import { canonicalAddress, formatAddress } from "../address/address-text.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { encodeAddress } from "../log/access-log.ts";
import type { LoggedClient } from "../log/logged-request.ts";
import type { Link } from "../socket/link.ts";
import type { Exemption } from "./application.ts";
import { type ClientGate, Entrance } from "./client-gate.ts";
import type { Security } from "./security.ts";
import { Visitor } from "./visitor.ts";

export interface ClientParts {
  /** Null where every client is admitted without limit. */
  readonly gate: ClientGate | null;
  /** What the access log says of clients; null: there is no log. */
  readonly clientLogging: { readonly hasPort: boolean } | null;
}

export class Client {
  /** Of a connection with TLS, once its handshake is done. */
  private security: Security | null = null;
  private visitor: Visitor | null = null;
  private logged: LoggedClient | null = null;

  constructor(
    private readonly parts: ClientParts,
    private readonly link: Link,
  ) {}

  /** A client has connected. `isAdmin`: to the listener that the gate doesn't guard. */
  enter(isAdmin: boolean): Entrance {
    const { gate } = this.parts;
    this.logged = null;
    if (gate === null) return Entrance.Open;
    this.visitor ??= new Visitor();
    return gate.meet(this.visitor, this.link.remoteAddress, isAdmin);
  }

  leave(): void {
    this.security = null;
    if (this.visitor !== null) this.parts.gate!.leave(this.visitor);
  }

  /** Its connection is secure from now on. */
  secure(security: Security): void {
    this.security = security;
    this.logged = null;
  }

  /** Whether requests for what `head` says may come on its connection at all; others are misdirected (RFC 9110 §15.5.20). */
  maySendTo(head: RequestHead): boolean {
    return this.security === null || this.security.admits(head);
  }

  /** Reads the PROXY protocol header, or a part of it; returns the offset after it. Then ask `entranceAfterHeader`. */
  readHeader(bytes: Buffer): number {
    this.logged = null;
    return this.parts.gate!.readHeader(this.visitor!, bytes);
  }

  entranceAfterHeader(): Entrance {
    return this.parts.gate!.entranceAfterHeader(this.visitor!);
  }

  /** Whether a client that was just refused can be given time to read why. */
  get hasTimeForGoodbye(): boolean {
    return this.parts.gate?.hasTimeForGoodbye ?? true;
  }

  /** Determines the client of a request. */
  identify(head: RequestHead): void {
    if (this.visitor !== null && this.parts.gate!.identify(this.visitor, head)) this.logged = null;
  }

  /** The same of one that can't be read. */
  identifyAsPeer(): void {
    if (this.visitor !== null && this.parts.gate!.identifyAsPeer(this.visitor)) this.logged = null;
  }

  /** The reply that refuses the request; null if it may be answered. Takes a token: ask once per request. */
  refusalOf(head: RequestHead, exemption: Exemption, wallMs: number): Reply | null {
    return this.visitor === null ? null : this.parts.gate!.refusalOf(this.visitor, head, exemption, wallMs);
  }

  /** Whether a request of its may be refused, whatever it asks for. */
  get isGuarded(): boolean {
    return this.visitor !== null || this.security !== null;
  }

  /**
   * The client's IP address; for an IPv4 client of an IPv6 socket the IPv4 address. "-" once it is gone. Behind
   * trusted proxies: that of the client of the present request.
   */
  get address(): string {
    if (this.visitor !== null) return formatAddress(this.visitor.client);
    const { remoteAddress } = this.link;
    return remoteAddress === "" ? "-" : canonicalAddress(remoteAddress);
  }

  /** Whether the peer is a trusted proxy. */
  get isTrusted(): boolean {
    return this.visitor !== null && this.visitor.isTrusted;
  }

  /** The client in the log's lines, null without a log; kept, as it may be gone as soon as it has its answer. */
  forLog(): LoggedClient | null {
    const { clientLogging } = this.parts;
    if (clientLogging === null) return null;
    return (this.logged ??= {
      address: encodeAddress(this.address),
      serverPort: clientLogging.hasPort ? this.link.localPort : 0,
      tls: this.security?.logged ?? null,
    });
  }
}
