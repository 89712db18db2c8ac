/** Random frames, replies, resets and slow reading: whatever comes, nothing of ours breaks and nothing is left over. */
import { expect, test } from "bun:test";
import { type ContentSource, SourceContent, SourceEnd } from "../../src/http/content.ts";
import { octetsReply, Reply } from "../../src/http/reply.ts";
import { buildResponseHead } from "../../src/http/response-head.ts";
import { Flag, FrameType } from "../../src/http2/frame.ts";
import { ContentWish } from "../../src/serving/application.ts";
import type { ContentSink, Exchange } from "../../src/serving/exchange.ts";
import { Counter, Gauge } from "../../src/stats/layout.ts";
import {
  block,
  data,
  frame,
  get,
  GET,
  headers,
  post,
  rstStream,
  settings,
  windowUpdate,
  word,
} from "../http2/support/client-frames.ts";
import { H2Bench, ping } from "./support/h2-bench.ts";

const ROUNDS = 400;
const STEPS = 60;

class Random {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** Gives random pieces, and perhaps fails. */
class RandomSource implements ContentSource {
  readonly octetCount = -1;
  readonly trailers = [["check", "sum"]] as const;
  onReady: (() => void) | null = null;
  stops = 0;
  private left: number;

  constructor(private readonly random: Random) {
    this.left = random.below(5);
  }

  read(target: Buffer, start: number, end: number): number {
    if (this.stops > 0) throw new Error("read after its end");
    if (this.random.below(3) === 0) return 0;
    if (this.left-- <= 0) return this.random.below(10) === 0 ? SourceEnd.Failed : SourceEnd.Done;
    const octets = 1 + this.random.below(end - start);
    target.fill(0x78, start, start + octets);
    return octets;
  }

  stop(): void {
    this.stops++;
  }
}

/** One client, its application, and what both do. */
class Scene {
  readonly bench: H2Bench;
  readonly sources: RandomSource[] = [];
  private readonly open: Exchange[] = [];
  /** Streams whose content hasn't ended. */
  private sending: number[] = [];
  private next = 1;

  /** `isHonest`: the client sends nothing that ends a connection. */
  constructor(
    private readonly random: Random,
    private readonly isHonest: boolean,
  ) {
    this.bench = new H2Bench({ streamsMax: 1 + random.below(6), settings: random.of([[], [[4, 10]], [[4, 100_000]]]) });
    this.bench.application.wish = random.of([ContentWish.Discard, ContentWish.Decline, ContentWish.Stream]);
    this.bench.application.onAnswer = (exchange) => {
      this.open.push(exchange);
      if (random.below(2) === 0) exchange.content.pipe(this.sink(exchange));
      if (random.below(3) === 0) this.reply();
    };
  }

  private sink(exchange: Exchange): ContentSink {
    return {
      take: () => {
        if (this.random.below(4) === 0) queueMicrotask(() => exchange.content.resume());
        return this.random.below(3) > 0;
      },
      end: () => {},
      aborted: () => {},
    };
  }

  /** Answers one of the exchanges, or gives it up. */
  reply(): void {
    const [exchange] = this.open.splice(this.random.below(this.open.length), 1);
    if (exchange === undefined) return;
    if (this.random.below(6) === 0) return exchange.abort();
    if (this.random.below(4) === 0) exchange.interim(103, [["link", "x"]]);
    if (this.random.below(2) === 0) {
      const content = Buffer.alloc(this.random.of([0, 5, 1000, 16_384, 50_000, 200_000]), "x");
      return exchange.reply(octetsReply(200, [], content));
    }
    const source = new RandomSource(this.random);
    this.sources.push(source);
    exchange.reply(new Reply(buildResponseHead(200, []), new SourceContent(source)));
  }

  /** One of the streams that were used, or one that wasn't. */
  private stream(): number {
    return this.random.below(12) === 0
      ? this.random.below(40)
      : Math.max(1, this.next - 2 * (1 + this.random.below(6)));
  }

  private newStream(): number {
    const stream = this.next;
    this.next += this.random.below(30) === 0 ? 6 : 2;
    return stream;
  }

  private frames(): Buffer {
    return this.isHonest ? this.honestFrames() : this.anyFrames();
  }

  private honestFrames(): Buffer {
    const { random } = this;
    const kind = random.below(10);
    if (kind < 3) return get(this.newStream(), random.of(["/known", "/a"]), ["priority", random.of(["u=1", "i"])]);
    if (kind < 5) {
      const stream = this.newStream();
      this.sending.push(stream);
      return post(stream, random.of(["/known", "/a"]), ["expect", random.of(["100-continue", ""])]);
    }
    if (kind < 8 && this.sending.length > 0) {
      const stream = random.of(this.sending);
      const isLast = random.below(3) === 0;
      if (isLast) this.sending = this.sending.filter((other) => other !== stream);
      return data(stream, Buffer.alloc(random.of([1, 5, 5000])), isLast);
    }
    if (kind === 8 && random.below(4) === 0) {
      const stream = Math.max(1, this.next - 2);
      this.sending = this.sending.filter((other) => other !== stream);
      return this.next > 1 ? rstStream(stream) : ping("12345678");
    }
    return windowUpdate(0, 100_000);
  }

  private anyFrames(): Buffer {
    const { random } = this;
    switch (random.below(20)) {
      case 0:
      case 1:
      case 2:
        return get(this.newStream(), random.of(["/known", "/a"]), ["priority", random.of(["u=1", "i", "u=7, i", "x"])]);
      case 3:
      case 4:
        return post(this.newStream(), random.of(["/known", "/a"]), ["expect", random.of(["100-continue", ""])]);
      case 5:
        return post(this.newStream(), "/a", ["content-length", random.of(["0", "5", "10000"])]);
      case 6:
      case 7:
      case 8:
        return data(this.stream(), Buffer.alloc(random.of([0, 5, 5000, 16_384])), random.below(3) === 0);
      case 9:
        return headers(
          this.stream(),
          random.of([[["a", "b"]], [[":path", "/"]], []]),
          random.of([Flag.EndStream, Flag.None]),
        );
      case 10:
      case 11:
        return rstStream(this.stream());
      case 12:
      case 13:
        return windowUpdate(random.of([0, 0, this.stream()]), random.of([1, 5000, 100_000, 100_000, 0x7fff_ffff]));
      case 14:
        return settings(
          random.of([
            [4, 0],
            [4, 70_000],
            [4, 10],
            [1, 0],
            [3, 5],
          ] as const),
        );
      case 15:
        return ping("12345678", random.below(2) === 0);
      case 16:
        return random.of([
          frame(FrameType.Priority, 0, this.stream(), Buffer.concat([word(this.stream()), Buffer.from([1])])),
          frame(FrameType.PriorityUpdate, 0, 0, Buffer.concat([word(this.stream()), Buffer.from("u=0")])),
        ]);
      case 17: {
        const stream = this.newStream();
        const whole = block([...GET, [":path", "/known"]]);
        return Buffer.concat([
          frame(FrameType.Headers, Flag.EndStream, stream, whole.subarray(0, 5)),
          frame(FrameType.Continuation, Flag.EndHeaders, stream, whole.subarray(5)),
        ]);
      }
      case 18:
        return frame(
          random.below(20),
          random.below(256),
          this.stream(),
          Buffer.alloc(random.below(12), random.below(256)),
        );
      default:
        return get(
          this.newStream(),
          "/a",
          random.of([
            ["connection", "x"],
            ["x-long", "x".repeat(2000)],
            ["expect", "y"],
          ]),
        );
    }
  }

  step(): void {
    const { bench, random } = this;
    const { link } = bench;
    if (link.isGone) return;
    switch (random.below(12)) {
      case 0:
        link.room = random.of([0, 1, 100, 70_000]);
        return;
      case 1:
      case 2:
        link.room = random.of([10, 1000, 100_000, Number.POSITIVE_INFINITY]);
        return bench.connection.writable();
      case 3:
      case 4:
        return this.reply();
      case 5: {
        const source = random.of(this.sources);
        return source?.onReady?.();
      }
      case 6:
        if (random.below(30) === 0) bench.connection.drain();
        if (random.below(60) === 0 && !link.isGone) bench.connection.ended();
        if (random.below(10) === 0 && !link.isGone) bench.wait(random.below(20));
        return;
      default: {
        if (link.isPaused) return;
        const octets = Buffer.concat(Array.from({ length: 1 + random.below(4) }, () => this.frames()));
        const cut = random.below(octets.length);
        bench.connection.received(octets.subarray(0, cut));
        if (!link.isPaused && !link.isGone) bench.connection.received(octets.subarray(cut));
      }
    }
  }

  /** The client goes; the application finishes what it has begun. */
  end(): void {
    this.bench.link.leave();
    while (this.open.length > 0) this.reply();
  }
}

test("nothing of ours breaks, and nothing is left over", async () => {
  let finished = 0;
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const scene = new Scene(new Random(seed), seed % 2 === 0);
    const { bench } = scene;
    for (let step = 0; step < STEPS; step++) {
      scene.step();
      if (step % 8 === 0) await Promise.resolve();
      expect({ seed, step, errors: bench.errors, isEmpty: bench.parts.room.isEmpty }).toEqual({
        seed,
        step,
        errors: [],
        isEmpty: true,
      });
    }
    scene.end();
    const { counters } = bench;
    const left = [counters[Gauge.RequestsInFlight], counters[Gauge.Http2StreamsOpen]];
    expect({ seed, errors: bench.errors, left }).toEqual({ seed, errors: [], left: [0, 0] });
    expect({ seed, stops: scene.sources.map(({ stops }) => stops) }).toEqual({
      seed,
      stops: scene.sources.map(() => 1),
    });
    finished += counters[Counter.Requests]! - counters[Counter.RequestsAborted]!;
  }
  expect(finished).toBeGreaterThan(500); // and most of it isn't errors
});
