/**
 * A connection that speaks HTTP/2, as those around it see it (served-connection.ts): for each client that it is given a session of its
 * own (h2-session.ts), so that nothing of one can be left for the next.
 *
 * Keeps: between clients it holds nothing.
 */
import type { Link } from "../socket/link.ts";
import type { Client } from "./client.ts";
import { type H2Parts, H2Session } from "./h2-session.ts";
import type { CrowdedStatus, ServedConnection } from "./served-connection.ts";

export class H2Connection implements ServedConnection {
  place = -1;
  private session: H2Session | null = null;

  constructor(
    private readonly parts: H2Parts,
    private readonly link: Link,
    private readonly client: Client,
  ) {}

  begin(): void {
    this.session = new H2Session(this.parts, this.link, this.client);
  }

  received(octets: Buffer): void {
    this.session!.received(octets);
  }

  writable(): void {
    this.session!.writable();
  }

  ended(): void {
    this.session!.ended();
  }

  closed(): void {
    this.client.leave();
    this.session!.closed();
    this.session = null;
  }

  drain(): void {
    this.session!.drain();
  }

  giveWay(): void {
    this.session!.giveWay();
  }

  reject(_status: CrowdedStatus, hasTime: boolean): void {
    this.session!.reject(hasTime);
  }

  fail(error: unknown): void {
    this.session!.fail(error);
  }
}
