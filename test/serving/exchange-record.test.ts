/** When a request has ended, and what the statistics and the access log then say of it. */
import { expect, test } from "bun:test";
import { Counter } from "../../src/stats/layout.ts";
import { until } from "../support/deadline.ts";
import { ServiceUnderTest } from "./support/service-under-test.ts";

const CONTENT_OCTETS = 60 * 1024;
const FILES = { "a.bin": "x".repeat(CONTENT_OCTETS), "small.txt": "hello" };
const get = (target: string, lines = "", method = "GET"): string =>
  `${method} ${target} HTTP/1.1\r\nHost: a.example\r\n${lines}\r\n`;

const octetsOf = (line: string): number => Number(/" \d{3} (\d+) "/.exec(line)![1]);
const statusOf = (line: string): number => Number(/" (\d{3}) \d+ "/.exec(line)![1]);

/** What is new since it was made. */
function watch(under: ServiceUnderTest) {
  const before = under.counts;
  return () => {
    const now = under.counts;
    return {
      finished: now.finished - before.finished,
      aborted: now.aborted - before.aborted,
      inFlight: now.inFlight - before.inFlight,
    };
  };
}

test("pipelined responses that the client doesn't take are in flight, and aborted when it goes", async () => {
  using under = new ServiceUnderTest({ files: FILES });
  await under.warm(get("/a.bin"));
  const counts = watch(under);
  const { link, connection } = under.connect(150_000);
  connection.received(Buffer.from(get("/a.bin").repeat(200)));
  expect(counts()).toMatchObject({ finished: 2, aborted: 0 });
  expect(under.lines().map(octetsOf)).toEqual([CONTENT_OCTETS, CONTENT_OCTETS]);
  const { inFlight } = counts();
  expect(inFlight).toBeGreaterThan(100);
  link.leave();
  expect(counts()).toEqual({ finished: 2, aborted: inFlight, inFlight: 0 });
  const [partly, ...others] = under.lines().map(octetsOf);
  expect(partly).toBeGreaterThan(0);
  expect(partly).toBeLessThan(150_000 - 2 * CONTENT_OCTETS);
  expect(others).toEqual(Array.from({ length: inFlight - 1 }, () => 0));
});

test("a response is finished when the last octet is taken, and its duration includes the wait", async () => {
  using under = new ServiceUnderTest({ files: FILES });
  await under.warm(get("/a.bin"));
  const counts = watch(under);
  const { values } = under.service.slot;
  const { link, connection } = under.connect(1000);
  const microseconds = values[Counter.LatencyMicroseconds]!;
  connection.received(Buffer.from(get("/a.bin")));
  expect(counts()).toEqual({ finished: 0, aborted: 0, inFlight: 1 });
  expect(under.lines()).toEqual([]);
  const startedMs = performance.now();
  while (performance.now() - startedMs < 5);
  link.drain(CONTENT_OCTETS - 1000);
  expect(counts().inFlight).toBe(1);
  link.drain();
  expect(counts()).toEqual({ finished: 1, aborted: 0, inFlight: 0 });
  expect(under.lines().map(octetsOf)).toEqual([CONTENT_OCTETS]);
  expect(values[Counter.LatencyMicroseconds]! - microseconds).toBeGreaterThanOrEqual(5000);
});

test.each<[what: string, octets: string, status: number, contentOctets: number]>([
  ["HEAD", get("/a.bin", "", "HEAD"), 200, 0],
  ["304", get("/a.bin", "If-None-Match: *\r\n"), 304, 0],
  ["a range", get("/a.bin", "Range: bytes=0-9999\r\n"), 206, 10_000],
  ["several ranges", get("/a.bin", "Range: bytes=0-999,5000-5999\r\n"), 206, 2000],
  ["an error", get("/missing"), 404, 1],
  ["a malformed request", "GET / HTTP/1.1\r\n\r\n", 400, 1],
  ["an admin endpoint", get("/health", "", "HEAD"), 200, 0],
  ["a method that is refused", get("/a.bin", "Content-Length: 0\r\n", "POST"), 405, 1],
])("%s: taken in two pieces, given up in the middle, given up at the end", async (_, octets, status, contentMin) => {
  using under = new ServiceUnderTest({ files: FILES });
  await under.warm(get("/a.bin"));
  const answered = async (room: number) => {
    const { link, connection } = under.connect(room);
    connection.received(Buffer.from(octets));
    await until(() => link.octets.length > 0, "an answer");
    return link;
  };
  const whole = await answered(Number.POSITIVE_INFINITY);
  const octetCount = whole.octets.length;
  const [line] = under.lines();
  expect(statusOf(line!)).toBe(status);
  const contentOctets = octetCount - whole.octets.indexOf("\r\n\r\n") - 4;
  expect(octetsOf(line!)).toBe(contentOctets);
  expect(contentOctets).toBeGreaterThanOrEqual(contentMin);

  const slow = await answered(octetCount - 1);
  const counts = watch(under);
  expect(under.lines()).toEqual([]);
  slow.drain(1);
  expect(counts()).toEqual({ finished: 1, aborted: 0, inFlight: -1 });
  expect(under.lines().map(octetsOf)).toEqual([contentOctets]);

  for (const room of [1, octetCount - 1]) {
    const gone = await answered(room);
    const before = watch(under);
    gone.terminate();
    expect(before()).toEqual({ finished: 0, aborted: 1, inFlight: -1 });
    const headOctets = octetCount - contentOctets;
    expect(under.lines().map(octetsOf)).toEqual([Math.max(0, room - headOctets)]);
  }
});

test("a client that is gone when the answer is written", async () => {
  using under = new ServiceUnderTest({ files: FILES });
  await under.warm(get("/a.bin"));
  const counts = watch(under);
  const { link, connection } = under.connect();
  link.write = () => -1;
  connection.received(Buffer.from(get("/a.bin").repeat(3)));
  expect(counts()).toEqual({ finished: 0, aborted: 3, inFlight: 0 });
  expect(under.lines().map(octetsOf)).toEqual([0, 0, 0]);
});

test("a client that goes while its reply is being made has a line, too", async () => {
  using under = new ServiceUnderTest({ files: FILES });
  const counts = watch(under);
  const { link, connection } = under.connect();
  connection.received(Buffer.from(get("/a.bin")));
  link.leave();
  expect(counts()).toEqual({ finished: 0, aborted: 1, inFlight: 0 });
  expect(under.lines().map(statusOf)).toEqual([499]);
});

test("100 (Continue) before a response is not part of it", async () => {
  using under = new ServiceUnderTest({ files: FILES });
  await under.warm(get("/small.txt"));
  const before = under.counts.finished;
  const { link, connection } = under.connect(10);
  connection.received(Buffer.from(get("/small.txt", "Content-Length: 3\r\nExpect: 100-continue\r\n")));
  connection.received(Buffer.from("abc")); // waits: the client doesn't take what was sent
  expect(under.counts).toMatchObject({ finished: before, inFlight: 0 });
  link.drain(20); // the rest of 100, and 5 octets of the response
  expect(under.counts).toMatchObject({ finished: before, inFlight: 1 });
  link.drain();
  expect(under.counts).toMatchObject({ finished: before + 1, inFlight: 0 });
  expect(under.lines().map(octetsOf)).toEqual([5]);
});

test("the lines of requests in pieces say what was asked for, when they are written later", async () => {
  using under = new ServiceUnderTest({ files: FILES });
  await under.warm(get("/small.txt"));
  const { link, connection } = under.connect(1);
  const first = get("/small.txt?first", "User-Agent: one\r\n");
  connection.received(Buffer.from(first.slice(0, 20)));
  connection.received(Buffer.from(first.slice(20)));
  const other = under.connect();
  const second = get("/small.txt?second", "User-Agent: two\r\n");
  other.connection.received(Buffer.from(second.slice(0, 20)));
  other.connection.received(Buffer.from(second.slice(20)));
  link.drain();
  const lines = under.lines();
  expect(lines[0]).toContain(`"GET /small.txt?second HTTP/1.1" 200 5 "-" "two"`);
  expect(lines[1]).toContain(`"GET /small.txt?first HTTP/1.1" 200 5 "-" "one"`);
});
