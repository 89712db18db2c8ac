/**
 * A request that can't be answered from the event that brought it: its head is incomplete, its content is still arriving, or
 * its reply has to be made. A request answered at once never needs one.
 *
 * In:    octets, copied as they arrive. Out: the head, as offsets into the buffer here; the state of the content.
 * Units: octets.
 * Keeps: the buffer grows by doubling, never beyond what the limits allow a head; one that has grown is not kept when it is
 *        reused.
 */
import type { Limits } from "../http/limits.ts";
import { MessageBody } from "../http/message-body.ts";
import { RequestHead, Scheme } from "../http/request-head.ts";

const BUFFER_OCTETS_MIN = 1024;

export class HeldRequest {
  readonly head: RequestHead;
  readonly body: MessageBody = new MessageBody();
  octets: Buffer = Buffer.allocUnsafeSlow(BUFFER_OCTETS_MIN);
  octetCount = 0;
  /** Octets of content that have come since its rate was last looked at. */
  contentReceived = 0;

  constructor(
    private readonly limits: Limits,
    connectionScheme: Scheme.Http | Scheme.Https = Scheme.Http,
  ) {
    this.head = new RequestHead(limits.fieldCountMax, connectionScheme);
  }

  /** Ready for a new request. */
  begin(): void {
    this.octetCount = 0;
    this.contentReceived = 0;
    this.head.reset(0);
  }

  /**
   * Copies from `bytes[start, end)` as much as a head may still take: one octet more than allowed, so that the parser
   * sees that it is too much.
   */
  append(bytes: Buffer, start: number, end: number): void {
    const room = this.limits.headOctetsMax + 1 - this.octetCount;
    const stop = Math.min(end, start + room);
    const needed = this.octetCount + stop - start;
    if (needed > this.octets.length) this.grow(needed);
    bytes.copy(this.octets, this.octetCount, start, stop);
    this.octetCount = needed;
  }

  /** Releases everything that is not reused. `isRead`: somebody still reads from its octets. */
  clear(isRead: boolean): void {
    this.octetCount = 0;
    if (isRead || this.octets.length > BUFFER_OCTETS_MIN) this.octets = Buffer.allocUnsafeSlow(BUFFER_OCTETS_MIN);
  }

  private grow(needed: number): void {
    let size = this.octets.length;
    while (size < needed) size *= 2;
    const grown = Buffer.allocUnsafeSlow(size);
    this.octets.copy(grown, 0, 0, this.octetCount);
    this.octets = grown;
  }
}
