/**
 * Who a connection's requests come from, as far as a client gate has to know (client-gate.ts).
 *
 * Keeps: one object per connection, used again with it; changed by the gate alone.
 */
import { Address } from "../address/address.ts";
import type { ProxyHeader } from "../address/proxy-header.ts";
import type { BucketPlace } from "../quota/bucket-table.ts";
import type { ClientKey } from "../quota/client-key.ts";

export class Visitor implements BucketPlace {
  /** At the other end of the connection; or, once it is read, who the header of the PROXY protocol names. */
  readonly peer = new Address();
  /** Who the current request is from: the peer, or who a trusted one names. */
  readonly client = new Address();
  /** The header of the PROXY protocol while it is awaited. */
  header: ProxyHeader | null = null;
  /** It came by way of `admin_listen`. */
  isAdmin = false;
  /** Whether an address that the header names is believed. */
  mayName = false;
  /** Whether the peer is a trusted proxy: its fields name the client. */
  isTrusted = false;
  /** Whether the client may have anything. */
  isWelcome = true;
  /** Whether the client has to do with the tokens of a bucket. */
  isLimited = false;
  /** Requests of this connection refused in a row for want of a token. */
  refusals = 0;
  /** The client's bucket. */
  key0 = 0;
  key1 = 0;
  entry = -1;
  sequence = 0;
  /** Whose connection this is counted as, while it is. */
  readonly counted: ClientKey = { key0: 0, key1: 0 };
  isCounted = false;
  /** Its client had too many connections: it has been told so, and is on its way out. */
  isDismissed = false;
}
