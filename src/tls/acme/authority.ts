/**
 * An authority as the helper deals with it: one session for all certificates, an account when the first one needs it.
 *
 * Keeps: the account's key is in the storage, one for each directory. Orders keep to a pace of our own (attempt-limits.ts).
 */
import { type AccountWish, enterAccount } from "./account.ts";
import { ORDERS_PERIOD_MS, orderAllowedMs } from "./attempt-limits.ts";
import { AcmeSession } from "./session.ts";
import type { AcmeStorage } from "./storage.ts";
import type { Clock, Transport } from "./transport.ts";

export interface AuthorityParts {
  readonly url: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly storage: AcmeStorage;
  /** Read when an account is needed: it throws an AcmeError when what the settings name isn't there. */
  readonly account: () => AccountWish;
}

export class Authority {
  private session: AcmeSession | null = null;
  private orders: number[] = [];

  constructor(private readonly parts: AuthorityParts) {}

  get url(): string {
    return this.parts.url;
  }

  /** Without an account: enough to ask when to renew. */
  async open(): Promise<AcmeSession> {
    if (this.session === null) {
      const { url: directoryUrl, transport, clock, storage } = this.parts;
      const key = await storage.accountKey(directoryUrl);
      this.session = new AcmeSession({ transport, directoryUrl, key, clock });
    }
    return this.session;
  }

  /** With an account. */
  async enter(): Promise<AcmeSession> {
    const session = await this.open();
    if (session.account === null) await enterAccount(session, this.parts.account());
    return session;
  }

  /** Before each order. */
  async awaitTurn(): Promise<void> {
    const { clock } = this.parts;
    const allowedMs = orderAllowedMs(this.orders, clock.now());
    if (allowedMs > 0) await clock.sleep(allowedMs - clock.now());
    const nowMs = clock.now();
    this.orders = [...this.orders.filter((atMs) => atMs > nowMs - ORDERS_PERIOD_MS), nowMs];
  }
}
