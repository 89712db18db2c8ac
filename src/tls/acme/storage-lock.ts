/**
 * One machine at a time: a lock that is a file, for folders that several machines share and whose clocks differ.
 *
 * In:    the path. Out: the lock, held and refreshed until it is released.
 * Keeps: the file is made by O_EXCL and changed every REFRESH_MS. Who waits watches it: when it hasn't changed for STALE_MS of the
 *        watcher's own clock, its holder is gone, whatever the file holds: nothing, garbage, or a time. A holder that was
 *        asleep for so long notices that the file isn't its own any more (`isHeld`).
 * Fails: AcmeError of kind `local`.
 */
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { messageOf } from "../../sys/errno.ts";
import { AcmeError } from "./acme-error.ts";

export interface LockTimes {
  readonly refreshMs: number;
  readonly staleMs: number;
  readonly pollMs: number;
}

const TIMES: LockTimes = { refreshMs: 5000, staleMs: 10_000, pollMs: 1000 };

export class StorageLock implements Disposable {
  private readonly timer: ReturnType<typeof setInterval>;
  private turn = 0;

  private constructor(
    private readonly path: string,
    private readonly owner: string,
    { refreshMs }: LockTimes,
  ) {
    this.timer = setInterval(() => this.refresh(), refreshMs);
    this.timer.unref();
  }

  /** Waits for whoever holds it. */
  static async acquire(path: string, times = TIMES): Promise<StorageLock> {
    const owner = randomUUID();
    const watch = new Watch(times.staleMs);
    for (;;) {
      if (create(path, owner)) return new StorageLock(path, owner, times);
      const content = read(path);
      if (content !== null && watch.isStale(content)) takeAway(path, content);
      else await Bun.sleep(times.pollMs);
    }
  }

  /** False once another has taken it for lost. */
  get isHeld(): boolean {
    return ownerOf(read(this.path)) === this.owner;
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
    if (this.isHeld) remove(this.path);
  }

  private refresh(): void {
    if (!this.isHeld) return clearInterval(this.timer);
    try {
      writeFileSync(this.path, contentOf(this.owner, ++this.turn));
    } catch {
      // The storage is full, or away: whoever waits will think that we are gone, and isHeld will say so.
    }
  }
}

/** How long a lock has stayed as it is, as far as it was watched: who was asleep has seen nothing. */
class Watch {
  private seen: string | null = null;
  private sinceMs = 0;
  private lookedMs = 0;

  constructor(private readonly staleMs: number) {}

  isStale(content: string): boolean {
    const nowMs = performance.now();
    if (content !== this.seen || nowMs - this.lookedMs > this.staleMs / 2) {
      this.seen = content;
      this.sinceMs = nowMs;
    }
    this.lookedMs = nowMs;
    return nowMs - this.sinceMs >= this.staleMs;
  }
}

const OWNER_OCTETS = 36;

/** The owner comes first, on a line of its own; the rest is for people, and so that each refresh changes the file. */
function contentOf(owner: string, turn: number): string {
  return `${owner}\n${hostname()} ${process.pid} ${new Date().toISOString()} ${turn}\n`;
}

const ownerOf = (content: string | null): string | null => content?.slice(0, OWNER_OCTETS) ?? null;

function create(path: string, owner: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cantBeMade(path, error);
  }
  try {
    writeFileSync(path, contentOf(owner, 0), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw cantBeMade(path, error);
  }
}

function cantBeMade(path: string, error: unknown): AcmeError {
  return new AcmeError("local", `${path} can't be made: ${messageOf(error)}`, { cause: error });
}

/** Null when it is gone; what can't be read is as good as empty. */
function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? null : "";
  }
}

/**
 * Of several that find it stale, one takes it away: a rename moves whatever is there, so who has moved a lock that somebody else
 * has made meanwhile puts it back.
 */
function takeAway(path: string, content: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    if (read(aside) !== content) linkSync(aside, path);
  } catch {
    // Another was faster.
  } finally {
    remove(aside);
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true, recursive: true });
  } catch {
    // It goes stale.
  }
}
