import { afterAll, describe, expect, test } from "bun:test";
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogFile, SinkState } from "../../src/log/log-file.ts";
import { LINE_OCTETS_MAX } from "../../src/log/sink.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-log-file-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const newPath = () => join(folder, `${count++}.log`);

function newFifo(): string {
  const path = newPath();
  const made = Bun.spawnSync(["mkfifo", path]);
  expect(made.exitCode).toBe(0);
  return path;
}

function openLog(target: string, trouble: string[] = []): LogFile {
  return new LogFile({ target, standardFd: 1, flushIntervalMs: 0, onTrouble: (message) => trouble.push(message) });
}

/** Reads what a non-blocking descriptor has now. */
function readAvailable(fd: number): string {
  const piece = Buffer.alloc(1 << 20);
  let text = "";
  try {
    for (let taken = 1; taken > 0;) {
      taken = readSync(fd, piece);
      text += piece.toString("latin1", 0, taken);
    }
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe("EAGAIN");
  }
  return text;
}

const READ_NOW = constants.O_RDONLY | constants.O_NONBLOCK;

describe("a regular file", () => {
  test("lines wait in the buffer until flush, and are appended to what is there", () => {
    const path = newPath();
    const first = openLog(path);
    first.writeLine("one");
    expect(readFileSync(path, "utf8")).toBe("");
    first.close();
    const second = openLog(path);
    second.writeLine("two");
    second.flush();
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
    second.close();
  });

  test("a buffer that fills writes itself out", () => {
    const path = newPath();
    const log = openLog(path);
    for (let index = 0; index < 10_000; index++) log.writeLine(`line ${index}`);
    expect(readFileSync(path, "utf8")).toStartWith("line 0\nline 1\n");
    expect(log.end).toBeLessThan(64 * 1024);
    log.close();
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(10_001);
  });

  test("the timer writes out what has gathered", async () => {
    const path = newPath();
    const log = new LogFile({ target: path, standardFd: 1, flushIntervalMs: 5 });
    log.writeLine("soon");
    while (readFileSync(path, "utf8") === "") await Bun.sleep(1);
    expect(readFileSync(path, "utf8")).toBe("soon\n");
    log.close();
  });

  test("reopen follows logrotate: old lines in the moved file, new ones in a new file", () => {
    const path = newPath();
    const log = openLog(path);
    log.writeLine("before");
    renameSync(path, `${path}.1`);
    log.reopen();
    log.writeLine("after");
    log.close();
    expect(readFileSync(`${path}.1`, "utf8")).toBe("before\n");
    expect(readFileSync(path, "utf8")).toBe("after\n");
  });

  test("a reopen that fails says so and keeps the old file", () => {
    const inner = join(folder, `folder-${count++}`);
    const path = join(inner, "a.log");
    Bun.spawnSync(["mkdir", inner]);
    const trouble: string[] = [];
    const log = openLog(path, trouble);
    renameSync(inner, `${inner}-moved`);
    expect(log.reopen()).toBe(`cannot open the log ${path}: ENOENT; the old file stays in use`);
    expect(trouble).toHaveLength(1);
    log.writeLine("still here");
    log.close();
    expect(readFileSync(join(`${inner}-moved`, "a.log"), "utf8")).toBe("still here\n");
  });

  test("a file the log creates is not readable by everyone", () => {
    const path = newPath();
    openLog(path).close();
    const mode = Bun.spawnSync(["stat", "-c", "%a", path]).stdout.toString().trim();
    expect(Number.parseInt(mode, 8) & 0o007).toBe(0);
  });
});

test.each([
  ["a folder that isn't there", "/nonexistent/saker/access.log", "ENOENT"],
  ["a folder", "/tmp", "EISDIR"],
])("cannot open %s", (_, path, code) => {
  expect(() => openLog(path)).toThrow(`cannot open the log ${path}: ${code}`);
});

describe("a name of a descriptor of this process", () => {
  test("writes to what is behind it, and keeps it when logs are reopened", () => {
    const fifo = newFifo();
    const reader = openSync(fifo, READ_NOW);
    const fd = openSync(fifo, "w");
    const link = newPath();
    symlinkSync(`/dev/fd/${fd}`, link);
    for (const name of [`/dev/fd/${fd}`, `/proc/self/fd/${fd}`, link]) {
      const log = openLog(name);
      log.writeLine("one");
      expect(log.reopen()).toBeNull();
      log.writeLine("two");
      log.close();
      expect(readAvailable(reader)).toBe("one\ntwo\n");
    }
    closeSync(fd);
    closeSync(reader);
  });

  test("a regular file behind it is written where the descriptor stands", () => {
    const path = newPath();
    const fd = openSync(path, "w");
    writeSync(fd, "before\n");
    const log = openLog(`/dev/fd/${fd}`);
    log.writeLine("line");
    log.close();
    writeSync(fd, "after\n");
    closeSync(fd);
    expect(readFileSync(path, "utf8")).toBe("before\nline\nafter\n");
  });

  test("a socket, which can't be opened by a name", async () => {
    const heard = Promise.withResolvers<string>();
    const path = newPath();
    const data = (_socket: Bun.Socket, octets: Buffer) => heard.resolve(octets.toString());
    using server = Bun.listen({ unix: path, socket: { data } });
    const socket = await Bun.connect({ unix: path, socket: { data() {} } });
    const log = openLog(`/dev/fd/${(socket as Bun.Socket & { fd: number }).fd}`);
    log.writeLine("line");
    log.close();
    expect(await heard.promise).toBe("line\n");
    expect(() => openLog(path)).toThrow("it is a socket, which can't be opened by a name");
    socket.end();
    server.stop(true);
  });

  test("one that isn't open", () => {
    expect(() => openLog("/dev/fd/987654")).toThrow(
      "cannot open the log /dev/fd/987654: descriptor 987654 is not open",
    );
  });
});

test("a FIFO nobody reads is an error at once, not a wait", () => {
  expect(() => openLog(newFifo())).toThrow("no program reads from this pipe");
});

describe("a sink that can't take more", () => {
  test.skipIf(!existsSync("/dev/full"))("a full disk keeps a bounded buffer, loses the rest and says so once", () => {
    const trouble: string[] = [];
    const log = openLog("/dev/full", trouble);
    for (let index = 0; index < 100_000; index++) log.writeLine("x".repeat(100));
    expect(log.state).toBe(SinkState.Full);
    expect(log.end).toBeLessThanOrEqual(log.bytes.length);
    expect(log.linesDropped).toBeGreaterThan(90_000);
    expect(trouble).toEqual(["log /dev/full: cannot write (ENOSPC); lines may be lost until it can"]);
    log.close();
  });

  test("a pipe whose reader sleeps loses lines, then goes on where it was, with whole lines", () => {
    const path = newFifo();
    const reader = openSync(path, READ_NOW);
    const trouble: string[] = [];
    const log = openLog(path, trouble);
    const total = 20_000;
    for (let index = 0; index < total; index++) log.writeLine(`${index} ${"y".repeat(index % 200)}`);
    expect(log.state).toBe(SinkState.Busy);
    expect(trouble).toHaveLength(1);
    expect(trouble[0]).toContain("its reader doesn't keep up");

    let text = "";
    while (log.end > 0) {
      text += readAvailable(reader);
      log.flush();
    }
    expect(log.state).toBe(SinkState.Open);
    expect(trouble[1]).toBe(`log ${path}: writable again; lines lost meanwhile: ${log.linesDropped}`);
    log.writeLine("end");
    log.close();
    text += readAvailable(reader);
    closeSync(reader);

    const lines = text.trimEnd().split("\n");
    expect(lines.pop()).toBe("end");
    expect(lines).toHaveLength(total - log.linesDropped);
    for (const line of lines) expect(line).toBe(`${line.split(" ")[0]} ${"y".repeat(Number.parseInt(line, 10) % 200)}`);
  });

  test("a reader that is back is noticed without help", async () => {
    const path = newFifo();
    const reader = openSync(path, READ_NOW);
    const log = openLog(path);
    for (let index = 0; index < 2000; index++) log.writeLine("z".repeat(100));
    expect(log.state).toBe(SinkState.Busy);
    while (log.state === SinkState.Busy) {
      readAvailable(reader);
      await Bun.sleep(1);
    }
    expect(log.end).toBe(0);
    log.close();
    closeSync(reader);
  });

  test("a reader that has gone (EPIPE) ends the log, not the process; reopen brings it back", () => {
    const path = newFifo();
    const reader = openSync(path, READ_NOW);
    const trouble: string[] = [];
    const log = openLog(path, trouble);
    closeSync(reader);
    log.writeLine("lost");
    log.flush();
    expect(log.state).toBe(SinkState.Gone);
    expect(trouble).toEqual([`log ${path}: cannot write (EPIPE); lines may be lost until it can`]);
    expect(log.linesDropped).toBe(1);
    for (let index = 0; index < 10_000; index++) log.writeLine("more".repeat(20));
    expect(trouble).toHaveLength(1);

    const second = openSync(path, READ_NOW);
    log.reopen();
    expect(readAvailable(second)).toContain("moremore");
    log.close();
    closeSync(second);
  });
});

describe("several processes, one sink", () => {
  const WRITER = join(import.meta.dir, "fixtures/log-writer.ts");
  const LETTERS = ["a", "b", "c", "d"];
  const LINES = 2000;
  const LINE = /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/(a+|b+|c+|d+)(\.\.\.)? HTTP\/1\.1" 200 (\d+) "-" "-"$/;

  /** Every line whole, and each writer's lines complete and in order. */
  function checkLines(text: string): void {
    const next: Record<string, number> = { a: 0, b: 0, c: 0, d: 0 };
    for (const line of text.trimEnd().split("\n")) {
      const match = LINE.exec(line);
      if (match === null) throw new Error(`broken line: ${line}`);
      const index = Number(match[3]);
      expect(match[1]!.length).toBe(Math.min(1 + ((index * 37) % 2500), 2047));
      expect(index).toBe(next[match[1]![0]!]!++);
    }
    expect(next).toEqual({ a: LINES, b: LINES, c: LINES, d: LINES });
  }

  test("a file: lines never interleave", async () => {
    const path = newPath();
    const writers = LETTERS.map((letter) =>
      Bun.spawn([process.execPath, WRITER, path, letter, String(LINES)], { stderr: "pipe" }),
    );
    for (const writer of writers) expect(await writer.stderr.text()).toBe("0\n");
    checkLines(readFileSync(path, "latin1"));
  });

  test.each([
    ["pipe", "| cat"],
    ["socket, as under systemd", ""],
  ])("standard output that is a %s: lines never interleave", async (_, tail) => {
    const commands = LETTERS.map((letter) => `"$0" "$1" - ${letter} ${LINES} 2>/dev/null &`).join(" ");
    // Bun's "pipe" is a socket pair; `| cat` puts a real pipe before it.
    const shell = Bun.spawn(["sh", "-c", `(${commands} wait) ${tail}`, process.execPath, WRITER], { stdout: "pipe" });
    checkLines(await shell.stdout.text());
  });

  test.each(["pipe", "socket"])("a %s whose reader sleeps doesn't stop the process", async (kind) => {
    const fifo = newFifo();
    const held = openSync(fifo, constants.O_RDWR); // a reader that never reads
    const writer = Bun.spawn([process.execPath, WRITER, "-", "a", "20000", "hurry"], {
      stdout: kind === "pipe" ? held : "pipe",
      stderr: "pipe",
    });
    expect(Number(await writer.stderr.text())).toBeGreaterThan(0);
    expect(await writer.exited).toBe(0);
    closeSync(held);
  });

  test("a pipe's inherited description stays blocking for the processes that share it", async () => {
    const script = `"$0" "$1" - a 1 2>/dev/null >&3; grep ^flags: /proc/self/fdinfo/3`;
    const shell = Bun.spawn(["sh", "-c", `(${script}) 3>&1 | cat`, process.execPath, WRITER], { stdout: "pipe" });
    const flags = /flags:\s*(\d+)/.exec(await shell.stdout.text());
    expect(Number.parseInt(flags![1]!, 8) & constants.O_NONBLOCK).toBe(0);
  });

  test("at exit what is buffered is written", async () => {
    const path = newPath();
    const writer = Bun.spawn([process.execPath, WRITER, path, "a", "3"], { stderr: "ignore" });
    await writer.exited;
    expect(readFileSync(path, "latin1").split("\n")).toHaveLength(4);
  });
});

test("LINE_OCTETS_MAX is no more than PIPE_BUF", () => {
  const pipeBuf = Number(Bun.spawnSync(["getconf", "PIPE_BUF", "/"]).stdout.toString());
  expect(LINE_OCTETS_MAX).toBeLessThanOrEqual(pipeBuf);
});
