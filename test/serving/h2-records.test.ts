/** What the statistics and the access log say of requests over HTTP/2, with the site and its settings. */
import { describe, expect, test } from "bun:test";
import { Flag, FrameType } from "../../src/http2/frame.ts";
import { Counter } from "../../src/stats/layout.ts";
import { until } from "../support/deadline.ts";
import {
  frame,
  framesOf,
  FrameText,
  get,
  GET,
  headers,
  PREFACE_TEXT,
  rstStream,
  settings,
  SETTINGS_ACK,
  windowUpdate,
} from "../http2/support/client-frames.ts";
import { ServiceUnderTest } from "./support/service-under-test.ts";

const CONTENT_OCTETS = 60 * 1024;
const FILES = { "a.bin": "x".repeat(CONTENT_OCTETS), "small.txt": "hello" };
const HTTP2 = "[http2]\ncleartext = true\n";
const GREETING = Buffer.concat([
  Buffer.from(PREFACE_TEXT),
  settings([4, 0x7fff_ffff]),
  SETTINGS_ACK,
  windowUpdate(0, 0x7fff_0000),
]);

async function serve(config = "", flags: readonly string[] = []): Promise<ServiceUnderTest> {
  const under = new ServiceUnderTest({ files: FILES, config: `${config}\n${HTTP2}`, flags });
  await under.warm("GET /a.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  await under.warm("GET /small.txt HTTP/1.1\r\nHost: a\r\n\r\n");
  return under;
}

/** A client that has greeted; `room`: octets that it takes from then on. */
function greet(under: ServiceUnderTest, room = Number.POSITIVE_INFINITY) {
  const client = under.connect();
  client.connection.received(GREETING);
  client.link.take();
  client.link.room = room;
  return client;
}

const octetsOf = (line: string): number => Number(/" \d{3} (\d+) "/.exec(line)![1]);
const targetOf = (line: string): string => /"[A-Z]+ (\S+) HTTP\/2\.0"/.exec(line)![1]!;

/** Octets of content by stream, of frames of which the last may be cut. */
function contentOf(octets: Buffer): Map<number, number> {
  const counts = new Map<number, number>();
  for (let at = 0; at + 9 <= octets.length; at += 9 + octets.readUIntBE(at, 3)) {
    if (octets[at + 3] !== FrameType.Data) continue;
    const stream = octets.readUInt32BE(at + 5);
    const count = Math.min(octets.length - at - 9, octets.readUIntBE(at, 3));
    counts.set(stream, (counts.get(stream) ?? 0) + count);
  }
  return counts;
}

describe("a line", () => {
  test("tells of each of many requests in one event, whatever has become of their octets", async () => {
    using under = await serve();
    const { connection } = greet(under);
    connection.received(
      Buffer.concat(
        Array.from({ length: 20 }, (_, index) =>
          get(2 * index + 1, `/small.txt?${index}`, ["user-agent", `agent ${index}`], ["referer", `http://a/${index}`]),
        ),
      ),
    );
    expect(under.lines().map((line) => line.replace(/^.*?\] /, ""))).toEqual(
      Array.from(
        { length: 20 },
        (_, index) => `"GET /small.txt?${index} HTTP/2.0" 200 5 "http://a/${index}" "agent ${index}"`,
      ),
    );
  });

  test("tells of a request that was answered later", async () => {
    using under = await serve();
    const { connection, link } = greet(under);
    connection.received(Buffer.concat([get(1, "/missing", ["user-agent", "one"]), get(3, "/small.txt")]));
    await until(() => under.counts.inFlight === 0, "both answers");
    const lines = under.lines();
    expect(lines.find((line) => targetOf(line) === "/missing")).toMatch(/ 404 \d+ "-" "one"$/);
    expect(lines).toHaveLength(2);
    link.leave();
  });

  test("tells of one whose client has reset it meanwhile", async () => {
    using under = await serve();
    const { connection } = greet(under);
    connection.received(Buffer.concat([get(1, "/missing"), rstStream(1)]));
    await until(() => under.counts.inFlight === 0, "the end");
    expect(under.lines()[0]).toMatch(/"GET \/missing HTTP\/2\.0" 499 0 /);
    expect(under.counts.aborted).toBe(1);
  });

  test("tells of one that can't be understood what is known of it", async () => {
    using under = await serve();
    const { connection } = greet(under);
    connection.received(get(1, `/${"x".repeat(9000)}`, ["user-agent", "one"]));
    connection.received(
      headers(
        3,
        [
          [":method", "GET"],
          [":scheme", "ftp"],
          [":authority", "a"],
          [":path", "/"],
        ],
        Flag.EndStream,
      ),
    );
    const lines = under.lines();
    expect(lines.map((line) => / "[^"]*" (\d+)/.exec(line)![1])).toEqual(["414", "400"]);
    for (const line of lines) expect(line).toContain("HTTP/2.0");
  });
});

test("whatever a client takes before it goes, each line says how much of it", async () => {
  using under = await serve();
  for (let room = 1; room < 150_000; room += 2311) {
    const before = under.counts;
    const { connection, link } = greet(under, room);
    connection.received(
      Buffer.concat([get(1, "/a.bin?1"), get(3, "/small.txt?3"), get(5, "/a.bin?5", ["priority", "i"])]),
    );
    const taken = contentOf(link.octets);
    link.leave();
    const lines = under.lines();
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const stream = Number(/\?(\d)/.exec(targetOf(line))![1]);
      expect({ room, stream, octets: octetsOf(line) }).toEqual({ room, stream, octets: taken.get(stream) ?? 0 });
    }
    const now = under.counts;
    expect(now.inFlight).toBe(0);
    expect(now.finished + now.aborted - before.finished - before.aborted).toBe(3);
  }
});

test("a request has an identifier, which is sent if that is wanted", async () => {
  using under = await serve('request_id = "send"\naccess_log_format = "json"');
  const { connection, link } = greet(under);
  connection.received(Buffer.concat([get(1, "/small.txt"), get(3, "/a.bin")]));
  const text = new FrameText();
  const ids = text.linesOf(link.octets).flatMap((line) => /x-request-id=([0-9a-f]{32})/.exec(line)?.[1] ?? []);
  expect(ids).toHaveLength(2);
  for (const [index, line] of under.lines().entries()) expect(line).toContain(ids[index]!);
});

test("each request takes a token of its client's", async () => {
  using under = await serve("[rate_limit]\nrequests_per_second = 1\nburst = 3");
  const { connection, link } = greet(under);
  connection.received(Buffer.concat(Array.from({ length: 5 }, (_, index) => get(2 * index + 1, "/small.txt"))));
  const statuses = new FrameText().linesOf(link.octets).flatMap((line) => /^HEADERS \d+ (\d+)/.exec(line)?.[1] ?? []);
  // Two were taken by those that warmed the cache.
  expect(statuses.filter((status) => status === "429").length).toBeGreaterThanOrEqual(2);
  expect(statuses).toHaveLength(5);
});

test("a user whose password was verified is named", async () => {
  const hash = await Bun.password.hash("secret", { algorithm: "argon2id", memoryCost: 1024, timeCost: 1 });
  using under = new ServiceUnderTest({
    files: { "a.txt": "a" },
    config: `${HTTP2}\n[[basic_auth]]\npath = "/*"\nusers = ["ann:${hash}"]\n`,
  });
  const { connection, link } = greet(under);
  const authorization = `Basic ${Buffer.from("ann:secret").toString("base64")}`;
  for (const stream of [1, 3]) {
    connection.received(get(stream, "/a.txt", ["authorization", authorization]));
    await until(() => framesOf(link.octets).some((one) => one.stream === stream), "an answer");
  }
  for (const line of under.lines()) expect(line).toContain(" - ann [");
});

test("octets are counted once, also those of the preface", async () => {
  using under = await serve();
  const { values } = under.service.slot;
  const before = values[Counter.OctetsIn]!;
  const octets = Buffer.concat([
    GREETING,
    frame(FrameType.Headers, 5, 1, Buffer.alloc(0)),
    headers(3, GET, Flag.EndStream),
  ]);
  for (const cut of [0, 10, 24, 30]) {
    const { connection } = under.connect();
    if (cut > 0) connection.received(octets.subarray(0, cut));
    connection.received(octets.subarray(cut));
  }
  expect(values[Counter.OctetsIn]! - before).toBe(4 * octets.length);
});
