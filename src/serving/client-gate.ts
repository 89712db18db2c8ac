/**
 * Which clients are admitted, and how often: `[deny]`, `[allow]`, `[rate_limit]`, `max_connections_per_ip`; and the real client
 * behind a proxy: `trusted_proxies`, `proxy_protocol`.
 *
 *   accept ─► meet ─► (readHeader: PROXY protocol) ─► admit ─► for each request: identify ─► refusalOf
 *                                                      │ denied, or too many connections
 *                                                      └─► the connection ends
 *
 * In:    a connection's visitor; the peer's address; heads of requests.
 * Out:   `Entrance` for a connection; for a request null or the reply that refuses it.
 * Keeps: without any of these settings there is no gate, and connections have no visitor. A trusted proxy is not a client: it
 *        may have any number of connections, and its clients are judged request by request. `admin_listen` is
 *        guarded by `admin_allow` alone, and takes no PROXY protocol header.
 * Cost:  a request from an untrusted peer costs one access to its bucket, a connection that is counted one search per worker
 *        (bench/micro/client-limits.bench.ts).
 */
import { Address, parseAddress, parseAddressOctets } from "../address/address.ts";
import { AddressList } from "../address/address-list.ts";
import { ProxyHeader, ProxyOutcome } from "../address/proxy-header.ts";
import { ForwardedNodes } from "../http/forwarded.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { BucketTable } from "../quota/bucket-table.ts";
import { setClientKey } from "../quota/client-key.ts";
import type { ConnectionTable } from "../quota/connection-table.ts";
import { Counter } from "../stats/layout.ts";
import { Exemption } from "./application.ts";
import type { Visitor } from "./visitor.ts";

/** The decision about a connection. */
export enum Entrance {
  Open,
  /** The header of the PROXY protocol has to come first, or the rest of it. */
  AwaitsHeader,
  /** Closed without an answer. */
  Closed,
  /** 429 and a close. */
  Crowded,
}

/** The settings that depend on who the client is, by their names. */
export interface ClientPolicy {
  readonly allow: { readonly addresses: readonly string[] };
  readonly deny: { readonly addresses: readonly string[] };
  readonly trusted_proxies: readonly string[];
  readonly proxy_protocol: boolean;
  readonly admin_allow: readonly string[];
  readonly max_connections_per_ip: number;
  readonly rate_limit: {
    readonly requests_per_second: number;
    readonly burst: number;
    readonly allow: readonly string[];
  };
}

/** What is known of clients; null where there is no limit. */
export interface ClientTables {
  readonly bucketWords: Int32Array | null;
  readonly connections: ConnectionTable | null;
}

/** Who words the refusals: the site. */
export interface Refusals {
  refusal(status: number, head: RequestHead): Reply;
  tooManyRequests(seconds: number, isBrief: boolean, head: RequestHead): Reply;
}

/**
 * Refused clients that are given time to read the reason; others are cut off at once, or the connections of one client could
 * still take all places, some seconds each.
 */
const GOODBYES_MAX = 64;

const LOOPBACK = new AddressList(["127.0.0.0/8", "::1"]);

export class ClientGate {
  private readonly denied: AddressList;
  private readonly allowed: AddressList;
  private readonly trusted: AddressList;
  private readonly unlimited: AddressList;
  private readonly admins: AddressList;
  private readonly connectionsMax: number;
  private readonly hasHeader: boolean;
  private readonly nodes = new ForwardedNodes();
  private readonly candidate = new Address();
  /** Connections that have been refused and are still there. */
  private dismissed = 0;

  /** Null where the settings admit every client without limit. */
  static from(
    settings: ClientPolicy,
    quotas: ClientTables,
    refusals: Refusals,
    values: Float64Array,
  ): ClientGate | null {
    const { allow, deny, proxy_protocol, rate_limit, trusted_proxies } = settings;
    const { bucketWords, connections } = quotas;
    const isListed = [allow, deny].some(({ addresses }) => addresses.length > 0) || trusted_proxies.length > 0;
    if (!isListed && !proxy_protocol && bucketWords === null && connections === null) return null;
    const { requests_per_second, burst } = rate_limit;
    const buckets = bucketWords === null ? null : new BucketTable(bucketWords, requests_per_second, burst);
    return new ClientGate(settings, buckets, connections, refusals, values);
  }

  private constructor(
    settings: ClientPolicy,
    private readonly buckets: BucketTable | null,
    private readonly connections: ConnectionTable | null,
    private readonly refusals: Refusals,
    /** The counters of this worker. */
    private readonly values: Float64Array,
  ) {
    this.denied = new AddressList(settings.deny.addresses);
    this.allowed = new AddressList(settings.allow.addresses);
    this.trusted = new AddressList(settings.trusted_proxies);
    this.unlimited = new AddressList(settings.rate_limit.allow);
    this.admins = new AddressList(settings.admin_allow);
    this.connectionsMax = settings.max_connections_per_ip;
    this.hasHeader = settings.proxy_protocol;
  }

  /** A client has connected from an address. */
  meet(visitor: Visitor, remoteAddress: string, isAdmin: boolean): Entrance {
    parseAddress(remoteAddress, visitor.peer);
    visitor.header = null;
    visitor.isCounted = false;
    visitor.isDismissed = false;
    visitor.isAdmin = isAdmin;
    visitor.isBehindGateway = !isAdmin && this.trusted.includes(visitor.peer);
    visitor.refusals = 0;
    if (!this.hasHeader || isAdmin) return this.admit(visitor);
    visitor.mayName = this.trusted.isEmpty || visitor.isBehindGateway;
    // A health check from this machine sends LOCAL, and so claims no other address.
    if (!visitor.mayName && !LOOPBACK.includes(visitor.peer)) return this.close(Counter.RejectedProxyHeader);
    visitor.header = new ProxyHeader();
    this.becomePeer(visitor);
    return Entrance.AwaitsHeader;
  }

  /** Takes the header from `bytes`; returns the offset after it. Then check `entranceAfterHeader`. */
  readHeader(visitor: Visitor, bytes: Uint8Array): number {
    return visitor.header!.consume(bytes, 0, bytes.length);
  }

  /** What the part of the header received so far means for the connection. */
  entranceAfterHeader(visitor: Visitor): Entrance {
    const { outcome, source } = visitor.header!;
    if (outcome === ProxyOutcome.Incomplete) return Entrance.AwaitsHeader;
    const isClaim = outcome === ProxyOutcome.Named;
    if (outcome === ProxyOutcome.Malformed || (isClaim && !visitor.mayName)) {
      return this.close(Counter.RejectedProxyHeader);
    }
    if (isClaim) visitor.peer.copyFrom(source);
    visitor.header = null;
    return this.admit(visitor);
  }

  /** The connection has ended. */
  leave(visitor: Visitor): void {
    if (visitor.isCounted) this.connections!.leave(visitor.counted);
    if (visitor.isDismissed) this.dismissed--;
    visitor.isCounted = false;
    visitor.isDismissed = false;
    visitor.header = null;
  }

  /** Whether a client that was refused just now can be given time to read why. */
  get hasTimeForGoodbye(): boolean {
    return this.dismissed <= GOODBYES_MAX;
  }

  /** Determines the client of a request. True when it differs from that of the previous request. */
  identify(visitor: Visitor, head: RequestHead): boolean {
    if (!visitor.isTrusted) return false;
    this.resolve(visitor.peer, head);
    if (this.candidate.isEqual(visitor.client)) return false;
    this.become(visitor, this.candidate);
    return true;
  }

  /** A malformed request is attributed to the peer. True when the previous request came from another client. */
  identifyAsPeer(visitor: Visitor): boolean {
    if (visitor.client.isEqual(visitor.peer)) return false;
    this.becomePeer(visitor);
    return true;
  }

  /** The reply that refuses a request, or null. Takes a token, so ask once per request. */
  refusalOf(visitor: Visitor, head: RequestHead, exemption: Exemption, wallMs: number): Reply | null {
    if (exemption === Exemption.Everybody) return null;
    if (!visitor.isWelcome) {
      this.values[Counter.RejectedDeny]! += 1;
      return this.refusals.refusal(403, head);
    }
    if (!visitor.isLimited || (exemption === Exemption.Admins && this.admins.includes(visitor.client))) return null;
    const seconds = this.buckets!.take(visitor.bucket, wallMs);
    if (seconds === 0) {
      visitor.refusals = 0;
      return null;
    }
    this.values[Counter.RejectedRateLimit]! += 1;
    // A person gets a page; a program that keeps asking gets few octets in return.
    return this.refusals.tooManyRequests(seconds, visitor.refusals++ > 0, head);
  }

  /** Once a second. */
  tick(wallMs: number): void {
    this.buckets?.refresh(wallMs);
  }

  /** The peer is now known. */
  private admit(visitor: Visitor): Entrance {
    const { peer } = visitor;
    visitor.isTrusted = this.trusted.includes(peer);
    this.becomePeer(visitor);
    if (visitor.isTrusted || visitor.isAdmin) return Entrance.Open;
    if (!visitor.isWelcome) return this.close(Counter.RejectedDeny);
    if (this.connections === null || this.unlimited.includes(peer)) return Entrance.Open;
    const { bucket, counted } = visitor;
    counted.key0 = bucket.key0;
    counted.key1 = bucket.key1;
    visitor.isCounted = this.connections.enter(counted, this.connectionsMax);
    if (visitor.isCounted) return Entrance.Open;
    visitor.isDismissed = true;
    this.dismissed++;
    this.values[Counter.RejectedConnectionsPerIp]! += 1;
    return Entrance.Crowded;
  }

  private close(reason: Counter): Entrance {
    this.values[reason]! += 1;
    return Entrance.Closed;
  }

  private becomePeer(visitor: Visitor): void {
    this.become(visitor, visitor.peer);
  }

  private become(visitor: Visitor, client: Address): void {
    visitor.client.copyFrom(client);
    setClientKey(visitor.bucket, client.family, client.word0, client.word1);
    visitor.bucket.entry = -1;
    const isAllowed = this.allowed.isEmpty || this.allowed.includes(client);
    visitor.isWelcome = visitor.isAdmin || (isAllowed && !this.denied.includes(client));
    visitor.isLimited = !visitor.isAdmin && this.buckets !== null && !this.unlimited.includes(client);
  }

  /**
   * Leaves in `candidate` the client that a trusted peer names: the nearest address that is not a trusted proxy, or the
   * farthest one if all are. If an address on the way there can't be parsed, it is the peer.
   */
  private resolve(peer: Address, head: RequestHead): void {
    const { candidate, nodes, trusted } = this;
    candidate.copyFrom(peer);
    nodes.begin(head);
    while (nodes.next()) {
      if (!parseAddressOctets(nodes.bytes, nodes.start, nodes.end, candidate)) {
        candidate.copyFrom(peer);
        return;
      }
      if (!trusted.includes(candidate)) return;
    }
  }
}
