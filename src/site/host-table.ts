/**
 * Which host a request is for: from the authority of its target or its Host field to one of the configured hosts
 * (RFC 9110 §7.2, RFC 9112 §3.2).
 *
 *   1 the same octets as last time   one comparison; most requests in a row are for one host
 *   2 a text seen before             one string and one Map look-up
 *   3 the rules                      without port, final dot and case: the exact name, then the longest wildcard, then none
 *
 * In:    names and wildcards, each with its host; a request head.
 * Out:   the host, or null for one that no name means.
 * Keeps: the result of 3 is remembered for as many texts as REMEMBERED_MAX; no client can make it remember more.
 */
import { textOf } from "../http/octets.ts";
import type { RequestHead } from "../http/request-head.ts";
import { type HostMatch, HostNames } from "../syntax/host-names.ts";

const REMEMBERED_MAX = 1024;

/** A longer authority is not worth remembering: host names have 253 octets at most. */
const AUTHORITY_OCTETS_MAX = 270;

export class HostTable<Host> {
  private readonly names: HostNames<Host>;
  private readonly remembered = new Map<string, Host | null>();
  private readonly last = new Uint8Array(AUTHORITY_OCTETS_MAX);
  private lastOctets = -1;
  private lastHost: Host | null = null;

  /** `names`: exact ones, `*.example.com`, and `*`; each once. */
  constructor(names: Iterable<readonly [name: string, host: Host]>) {
    this.names = new HostNames(names);
  }

  /** The host of a request that has an authority. */
  of(head: RequestHead): Host | null {
    const { bytes, authorityStart, authorityEnd } = head;
    if (this.isLast(bytes, authorityStart, authorityEnd)) return this.lastHost;
    const text = textOf(bytes, authorityStart, authorityEnd);
    let host = this.remembered.get(text);
    if (host === undefined) {
      host = this.find(textOf(bytes, authorityStart, head.hostEnd));
      if (this.remembered.size === REMEMBERED_MAX) this.remembered.clear();
      if (text.length <= AUTHORITY_OCTETS_MAX) this.remembered.set(text, host);
    }
    this.remember(bytes, authorityStart, authorityEnd, host);
    return host;
  }

  /** The host of a name without port. */
  find(name: string): Host | null {
    return this.match(name)?.host ?? null;
  }

  /** The same, and which of the configured names leads to it. */
  match(name: string): HostMatch<Host> | null {
    return this.names.match(name);
  }

  private isLast(bytes: Uint8Array, start: number, end: number): boolean {
    const { last } = this;
    if (end - start !== this.lastOctets) return false;
    for (let index = start; index < end; index++) {
      if (bytes[index] !== last[index - start]) return false;
    }
    return true;
  }

  private remember(bytes: Uint8Array, start: number, end: number, host: Host | null): void {
    if (end - start > AUTHORITY_OCTETS_MAX) return;
    for (let index = start; index < end; index++) this.last[index - start] = bytes[index]!;
    this.lastOctets = end - start;
    this.lastHost = host;
  }
}
