/**
 * The client of a connection's requests, as far as the client gate needs to know (client-gate.ts).
 *
 * Keeps: one object per connection, reused with it; changed by the gate alone.
 */
import { Address } from "../address/address.ts";
import type { ProxyHeader } from "../address/proxy-header.ts";
import type { BucketPlace } from "../quota/bucket-table.ts";
import type { ClientKey } from "../quota/client-key.ts";

export class Visitor {
  /** The other end of the connection; or, once it is read, the client that the PROXY protocol header names. */
  readonly peer = new Address();
  /** The client of the current request: the peer, or the one that a trusted peer names. */
  readonly client = new Address();
  /** The header of the PROXY protocol while it is awaited. */
  header: ProxyHeader | null = null;
  /** It came through `admin_listen`. */
  isAdmin = false;
  /** Whether an address named by the header is trusted. */
  mayName = false;
  /** Whether the other end is a trusted proxy, whomever its header names. */
  isBehindGateway = false;
  /** Whether the peer is a trusted proxy: its fields name the client. */
  isTrusted = false;
  /** Whether the client is admitted at all. */
  isWelcome = true;
  /** Whether the client is rate-limited. */
  isLimited = false;
  /** Consecutive requests of this connection refused for lack of a token. */
  refusals = 0;
  /** The client's bucket. */
  readonly bucket: BucketPlace = { key0: 0, key1: 0, entry: -1, sequence: 0 };
  /** The client this connection is counted for, while it is. */
  readonly counted: ClientKey = { key0: 0, key1: 0 };
  isCounted = false;
  /** Its client had too many connections: it has been refused, and the connection is closing. */
  isDismissed = false;
}
