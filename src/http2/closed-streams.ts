/**
 * What is remembered of streams that are closed: how, for as long as a frame of theirs may be under way.
 *
 * A stream that both sides have ended leaves nothing behind, and most do: so there is no memory before the first reset.
 *
 * In:    numbers of streams, odd, opened in rising order.
 * Keeps: one octet for each of the last streams, at least twice as many as may be open at a time: what was sent before the client
 *        knew of a reset is about a stream that was open then, and between that and now no more were opened than fit here. Of what
 *        is forgotten is said that it ended.
 */
import { StreamState } from "./stream-state.ts";

export class ClosedStreams {
  /** The highest number that was used. */
  last = 0;
  private ways: Uint8Array | null = null;
  private readonly places: number;

  /** `concurrentMax`: streams that may be open at a time. */
  constructor(concurrentMax: number) {
    this.places = 2 ** Math.ceil(Math.log2(2 * concurrentMax + 2));
  }

  /** Whether it is the client's to open, and hasn't been: its state is Idle. */
  isNew(stream: number): boolean {
    return stream > this.last && (stream & 1) === 1;
  }

  /** `stream`, higher than the last, is used. */
  open(stream: number): void {
    if (this.ways !== null || stream - this.last > 2) this.mark(stream);
    this.last = stream;
  }

  /** It was closed by a reset. */
  noteReset(stream: number, way: StreamState.ResetByUs | StreamState.ResetByPeer): void {
    this.ways ??= new Uint8Array(this.places);
    if (this.remembers(stream)) this.ways[this.placeOf(stream)] = way;
  }

  /** The state of a stream that isn't open. */
  stateOf(stream: number): StreamState {
    if ((stream & 1) === 0) return StreamState.Foreign;
    if (stream > this.last) return StreamState.Idle;
    if (this.ways === null || !this.remembers(stream)) return StreamState.Ended;
    return this.ways[this.placeOf(stream)]! || StreamState.Ended;
  }

  /** Those between the last and `stream` are skipped (§5.1.1); its own place is for what becomes of it. */
  private mark(stream: number): void {
    const ways = (this.ways ??= new Uint8Array(this.places));
    const first = Math.max(this.firstAfterLast, stream - 2 * this.places + 2);
    for (let skipped = first; skipped < stream; skipped += 2) ways[this.placeOf(skipped)] = StreamState.Skipped;
    ways[this.placeOf(stream)] = 0;
  }

  private get firstAfterLast(): number {
    return this.last === 0 ? 1 : this.last + 2;
  }

  private remembers(stream: number): boolean {
    return stream > this.last - 2 * this.places;
  }

  private placeOf(stream: number): number {
    return (stream >>> 1) % this.places;
  }
}
