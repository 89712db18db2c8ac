/**
 * What connections that speak HTTP/2 share, besides what they share with those that speak HTTP/1.1.
 *
 * Keeps: one store of fields and one room for frames serve all of a worker's: both are in use for the length of an event.
 */
import type { Limits } from "../http/limits.ts";
import { RequestHead, type Scheme } from "../http/request-head.ts";
import { FieldStore } from "../http2/field-store.ts";
import { FrameRoom } from "../serving/frame-room.ts";
import type { H1Parts } from "../serving/h1-connection.ts";
import type { H2Parts } from "../serving/h2-session.ts";
import { LogRoom } from "../serving/log-room.ts";

export class H2Shared {
  private readonly fields: FieldStore;
  private readonly room = new FrameRoom();
  private readonly logRoom = new LogRoom();

  /** `streamsMax`: `max_concurrent_streams`. */
  constructor(
    limits: Limits,
    private readonly streamsMax: number,
  ) {
    this.fields = new FieldStore(limits.headOctetsMax);
  }

  /** Parts for connections that answer as `parts` say, to requests by one scheme. */
  partsFor(parts: H1Parts, scheme: Scheme.Http | Scheme.Https): H2Parts {
    const { fields, logRoom, room, streamsMax } = this;
    // Spelt out: in an object that is spread from another, each request pays for a detour to every part.
    return {
      application: parts.application,
      clock: parts.clock,
      wheel: parts.wheel,
      keptAlive: parts.keptAlive,
      silent: parts.silent,
      timeouts: parts.timeouts,
      counters: parts.counters,
      limits: parts.limits,
      head: new RequestHead(fields.fieldCountMax, scheme),
      fields,
      room,
      logRoom,
      streamsMax,
      records: parts.records,
      unfinished: parts.unfinished,
      turns: parts.turns,
      gate: parts.gate,
      clientLogging: parts.clientLogging,
      requestIds: parts.requestIds,
      refusals: parts.refusals,
      keepAlive: parts.keepAlive,
      onError: parts.onError,
    };
  }
}
