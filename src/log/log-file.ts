/**
 * A log: a bounded buffer of whole lines in front of one descriptor (`Sink`), which several processes may share.
 *
 * In:    octets written straight into `bytes` at `end` after `reserve` returned true, ended by `commit`.
 * Out:   `write(2)` calls that hold whole lines only.
 * Units: octets; milliseconds.
 * Keeps: the buffer never grows. A line is at most LINE_OCTETS_MAX octets. When the sink can't take more, new lines are
 *        dropped and counted; the server goes on. `reserve` and `commit` allocate nothing and never throw.
 */
import {
  closeSink,
  LINE_OCTETS_MAX,
  type LogOpenError,
  openSink,
  ownDescriptorOf,
  type Sink,
  writeToSink,
} from "./sink.ts";

/** Room in the buffer. What exceeds FLUSH_OCTETS is for a reader that lags: a tenth of a second at 2.5 MB/s. */
const BUFFER_OCTETS = 256 * 1024;

/** A buffer this full is written at once: one call for some 300 lines, which are still in the CPU cache. */
const FLUSH_OCTETS = 32 * 1024;

const FLUSH_INTERVAL_MS = 1000;

/** First and longest wait before a sink that answered EAGAIN is tried again. */
const RETRY_MS_MIN = 2;
const RETRY_MS_MAX = 256;

/** How long the exit of the process may wait for a reader that lags. */
const EXIT_PATIENCE_MS = 500;

const LF = 0x0a;
const DOT = 0x2e;

const encoder = new TextEncoder();

/** The outcome of a write. `Gone` sinks are not tried again until `reopen`. */
export enum SinkState {
  Open,
  Busy,
  Full,
  Gone,
  Closed,
}

export interface LogFileOptions {
  /** `-` is `standardFd`; anything else is a path, opened for appending and created with mode 0640. */
  target: string;
  /** The descriptor meant by `-`: 1 or 2. */
  standardFd: 1 | 2;
  /** How often to write out what has gathered, in milliseconds; 0 = only by `flush`. Default 1000. */
  flushIntervalMs?: number;
  /** What becomes of lines when it can't be opened at first: it throws; they are lost; or standardFd gets them. Until `reopen`. */
  whenMissing?: "throw" | "lose" | "standard";
  /**
   * Called once when lines begin to be lost, and once when writing works again, with their number. Must not write to this log.
   */
  onTrouble?: (message: string) => void;
}

export class LogFile {
  /** The buffer; a writer may write at `[end, end + LINE_OCTETS_MAX)` after `reserve()` returned true. */
  readonly bytes: Uint8Array = new Uint8Array(BUFFER_OCTETS);
  /** Octets of finished lines in `bytes`. */
  end = 0;
  /** Lines lost since the start, because the sink could not take them. */
  linesDropped = 0;
  state: SinkState = SinkState.Open;

  readonly target: string;
  private readonly standardFd: 1 | 2;
  private readonly onTrouble: (message: string) => void;
  private readonly timer: ReturnType<typeof setInterval> | null;
  private readonly flushAtExit: () => void;
  private retryTimer: ReturnType<typeof setTimeout> | null = null;
  private retryMs = RETRY_MS_MIN;
  private sink: Sink;
  private troubleSaid = false;
  private dropsReported = 0;

  /** Throws LogOpenError, unless told otherwise. Starts an unref'd timer: a log never keeps a process alive. */
  constructor(options: LogFileOptions) {
    this.target = options.target;
    this.standardFd = options.standardFd;
    this.onTrouble = options.onTrouble ?? (() => {});
    this.sink = this.openAtFirst(options.whenMissing ?? "throw");
    const intervalMs = options.flushIntervalMs ?? FLUSH_INTERVAL_MS;
    this.timer = intervalMs > 0 ? setInterval(() => this.flush(), intervalMs) : null;
    this.timer?.unref();
    this.flushAtExit = () => this.flushPatiently(EXIT_PATIENCE_MS);
    process.on("exit", this.flushAtExit);
  }

  private openAtFirst(whenMissing: "throw" | "lose" | "standard"): Sink {
    try {
      return openSink(this.target, this.standardFd);
    } catch (error) {
      if (whenMissing === "throw") throw error;
      const isLost = whenMissing === "lose";
      if (isLost) this.state = SinkState.Gone;
      this.troubleSaid = isLost;
      const fate = isLost ? "are lost" : "go to standard error";
      this.onTrouble(`${(error as LogOpenError).message}; its lines ${fate} until the next reload`);
      return openSink("-", this.standardFd);
    }
  }

  /** Makes sure that a line of the greatest length fits at `end`; false = this line is lost (and counted). */
  reserve(): boolean {
    if (this.end + LINE_OCTETS_MAX <= BUFFER_OCTETS) return true;
    return this.reserveSlowly();
  }

  /** Ends the line written at the old `end`; `lineEnd` is the offset after its LF. */
  commit(lineEnd: number): void {
    this.end = lineEnd;
    if (lineEnd >= FLUSH_OCTETS && this.state === SinkState.Open) this.flush();
  }

  /**
   * For messages: puts a line of text (without LF) into the buffer, as UTF-8; one that is too long is truncated and ends in
   * `...`.
   */
  writeLine(line: string): void {
    if (!this.reserve()) return;
    const room = this.bytes.subarray(this.end, this.end + LINE_OCTETS_MAX - 4);
    const { read, written } = encoder.encodeInto(line, room);
    let at = this.end + written;
    if (read < line.length) {
      this.bytes.fill(DOT, at, at + 3);
      at += 3;
    }
    this.bytes[at] = LF;
    this.commit(at + 1);
  }

  /** Writes what it can now; what the sink doesn't take stays, up to the buffer's size. */
  flush(): void {
    if (this.end === 0 || this.state === SinkState.Gone || this.state === SinkState.Closed) return;
    let from = 0;
    let state = SinkState.Open;
    while (from < this.end && state === SinkState.Open) {
      const octets = wholeLines(this.bytes, from, this.end, this.sink.pieceOctets);
      try {
        const taken = writeToSink(this.sink, this.bytes, from, octets);
        if (taken === 0) state = SinkState.Busy;
        from += taken;
      } catch (error) {
        state = stateAfter((error as NodeJS.ErrnoException).code);
        if (state === SinkState.Gone) from = this.lose(from);
        this.noteTrouble(state, error as NodeJS.ErrnoException);
      }
    }
    if (from > 0) this.bytes.copyWithin(0, from, this.end);
    this.end -= from;
    if (from > 0) this.retryMs = RETRY_MS_MIN;
    this.state = state;
    if (state === SinkState.Open) this.noteRecovery();
    if (state === SinkState.Busy) this.retrySoon();
  }

  /**
   * Reopens the path (after logrotate moved the old file). If that fails the old descriptor stays, and the reason is
   * reported to `onTrouble` and returned; null = done. An inherited descriptor (`-`, `/dev/stdout`) has no name that could be moved: it is
   * only retried if it was gone. Never throws.
   */
  reopen(): string | null {
    if (this.state === SinkState.Closed) return null;
    if (this.isInherited) {
      this.state = SinkState.Open;
      this.flush();
      return null;
    }
    let next: Sink;
    try {
      next = openSink(this.target, this.standardFd);
    } catch (error) {
      const problem = `${(error as LogOpenError).message}; the old file stays in use`;
      this.onTrouble(problem);
      return problem;
    }
    this.flush();
    closeSink(this.sink);
    this.sink = next;
    this.state = SinkState.Open;
    this.flush();
    return null;
  }

  /** Writes what is buffered, waiting briefly for a slow reader, and releases descriptor and timers. */
  close(): void {
    if (this.state === SinkState.Closed) return;
    this.flushPatiently(EXIT_PATIENCE_MS);
    process.off("exit", this.flushAtExit);
    if (this.timer !== null) clearInterval(this.timer);
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    closeSink(this.sink);
    this.state = SinkState.Closed;
  }

  private get isInherited(): boolean {
    const { standsFor } = this.sink;
    return standsFor !== null && standsFor === ownDescriptorOf(this.target, this.standardFd);
  }

  private reserveSlowly(): boolean {
    if (this.state === SinkState.Open) this.flush();
    if (this.end + LINE_OCTETS_MAX <= BUFFER_OCTETS) return true;
    this.linesDropped++;
    if (!this.troubleSaid) this.sayLost("its reader doesn't keep up");
    return false;
  }

  private noteTrouble(state: SinkState, error: NodeJS.ErrnoException): void {
    // A busy sink is no trouble until lines are lost: reserveSlowly() reports that.
    if (state !== SinkState.Busy && !this.troubleSaid) this.sayLost(error.code ?? error.message);
  }

  private sayLost(reason: string): void {
    this.troubleSaid = true;
    this.onTrouble(`log ${this.target}: cannot write (${reason}); lines may be lost until it can`);
  }

  private noteRecovery(): void {
    if (!this.troubleSaid) return;
    this.troubleSaid = false;
    const lost = this.linesDropped - this.dropsReported;
    this.dropsReported = this.linesDropped;
    this.onTrouble(`log ${this.target}: writable again; lines lost meanwhile: ${lost}`);
  }

  /** Discards what is buffered from `from` on; returns the new `from`. */
  private lose(from: number): number {
    for (let index = from; index < this.end; index++) if (this.bytes[index] === LF) this.linesDropped++;
    return this.end;
  }

  private retrySoon(): void {
    if (this.retryTimer !== null) return;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = null;
      this.flush();
    }, this.retryMs);
    this.retryTimer.unref();
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
  }

  private flushPatiently(patienceMs: number): void {
    const deadline = performance.now() + patienceMs;
    this.flush();
    while (this.state === SinkState.Busy && performance.now() < deadline) {
      Bun.sleepSync(RETRY_MS_MIN);
      this.flush();
    }
  }
}

/** Octets of as many whole lines from `start` as fit into `pieceOctets`; all the rest if it fits. */
function wholeLines(bytes: Uint8Array, start: number, end: number, pieceOctets: number): number {
  if (end - start <= pieceOctets) return end - start;
  const last = bytes.lastIndexOf(LF, start + pieceOctets - 1);
  return last >= start ? last + 1 - start : pieceOctets;
}

/** What a failed write means for the sink. */
function stateAfter(code: string | undefined): SinkState {
  switch (code) {
    case "EAGAIN":
    case "EINTR":
      return SinkState.Busy;
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return SinkState.Full;
    default: // EPIPE, EIO, EBADF …: the reader is gone
      return SinkState.Gone;
  }
}
