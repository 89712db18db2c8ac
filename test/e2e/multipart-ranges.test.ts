/** Several ranges in one request: parts of files in memory and on disk, to quick and slow readers; and requests that get none. */
import { describe, expect, test } from "bun:test";
import { truncateSync } from "node:fs";
import { partsOf } from "../support/byte-ranges-body.ts";
import { until } from "../support/deadline.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { requestOctets, type Saker, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const SMALL = randomOctets(5000, 1);
const MEDIUM = randomOctets(200_000, 2);
const LARGE = randomOctets(6 << 20, 3);
/** Kept in memory whole. */
const DENSE = randomOctets(60_000, 4);
const FILES = { "dense.bin": DENSE, "small.txt": SMALL, "medium.bin": MEDIUM, "large.mp4": LARGE, "empty.txt": "" };

/** Waits until the server has begun to send a 206 that `send` asks for. */
async function untilPartsAreSent(saker: Saker, send: () => Promise<void>): Promise<void> {
  const count = async () => (await saker.metrics()).sum("http_responses_total", { code: "206" });
  const before = await count();
  await send();
  await until(async () => (await count()) > before, "the server begins to send parts");
}

/** As many ranges as are served, of blocks that lie apart. */
const BLOCKS = Array.from({ length: 256 }, (_, index) => `${index * 24_000}-${index * 24_000 + 8191}`);

/** As many of a small content. */
const OCTETS = Array.from({ length: 200 }, (_, index) => `${index * 290}-${index * 290 + 9}`);

const range = (value: string) => [`Range: bytes=${value}`];

describe.each([
  ["sendfile(2)", {}],
  ["without FFI", { SAKER_NO_FFI: "1" }],
] as const)("%s", (_, env) => {
  const server = useSaker({ env, site: FILES, config: "max_cached_file_kb = 1024" });

  test.each([
    ["/small.txt", SMALL, "0-0,-1", "0-0 4999-4999"],
    ["/small.txt", SMALL, "100-199, 300-399 ,500-", "100-199 300-399 500-4999"],
    ["/small.txt", SMALL, "300-399,100-199", "300-399 100-199"],
    ["/small.txt", SMALL, "0-9,5-14,100-109", "0-14 100-109"],
    ["/small.txt", SMALL, "0-9,100-109,9000-", "0-9 100-109"],
    ["/medium.bin", MEDIUM, "0-99,100000-199998", "0-99 100000-199998"],
    ["/medium.bin", MEDIUM, "10-20,30-40,50-60,70-80", "10-20 30-40 50-60 70-80"],
    ["/large.mp4", LARGE, "0-2999999,3000001-6000000", "0-2999999 3000001-6000000"],
    ["/large.mp4", LARGE, "-5,1000000-1999999,7-7", "6291451-6291455 1000000-1999999 7-7"],
    [
      "/large.mp4",
      LARGE,
      Array.from({ length: 16 }, (_, index) => `${index * 300_000}-${index * 300_000 + 99_999}`).join(),
      Array.from({ length: 16 }, (_, index) => `${index * 300_000}-${index * 300_000 + 99_999}`).join(" "),
    ],
    ["/large.mp4", LARGE, BLOCKS.join(), BLOCKS.join(" ")],
    ["/dense.bin", DENSE, OCTETS.join(), OCTETS.join(" ")],
  ])("%s, bytes=%3$s", async (target, content, value, expected) => {
    const whole = await server.saker.get(target);
    const response = await server.saker.get(target, range(value));
    expect(response.status).toBe(206);
    expect(response.field("Content-Range")).toBeNull();
    for (const name of ["ETag", "Last-Modified", "Accept-Ranges", "X-Content-Type-Options"]) {
      expect(response.field(name)).toBe(whole.field(name));
    }
    const parts = partsOf(response);
    expect(parts.map(({ first, last }) => `${first}-${last}`).join(" ")).toBe(expected);
    for (const part of parts) {
      expect(firstDifference(part.content, content.subarray(part.first, part.last + 1))).toBeNull();
      expect(part.size).toBe(content.length);
      expect(part.contentType).toBe(whole.field("Content-Type")!);
    }
  });

  test.each([
    ["three long parts", "1-2000000,2000002-4000000,4000002-6000000", 3],
    ["256 short ones", BLOCKS.join(), 256],
  ])("a slow reader gets every octet of %s", async (_, value, count) => {
    await using client = await server.saker.connect({ receiveBufferOctets: 32_768 });
    client.pause(); // so that the server meets a full socket
    await untilPartsAreSent(server.saker, () => client.send(requestOctets("/large.mp4", range(value))));
    client.resume();
    const parts = partsOf(await client.readResponse());
    for (const { first, last, content } of parts) {
      expect(firstDifference(content, LARGE.subarray(first, last + 1))).toBeNull();
    }
    expect(parts).toHaveLength(count);
    expect((await client.request(requestOctets("/small.txt"))).body).toHaveLength(SMALL.length);
  });

  test("pipelined behind and before others, in order", async () => {
    await using client = await server.saker.connect();
    const targets = ["/small.txt", "/large.mp4", "/medium.bin", "/small.txt"];
    await client.send(
      targets.map((target) => requestOctets(target, range("10-19,30-39")) + requestOctets("/empty.txt")).join(""),
    );
    for (const content of [SMALL, LARGE, MEDIUM, SMALL]) {
      const parts = partsOf(await client.readResponse());
      expect(parts.map((part) => part.content)).toEqual([content.subarray(10, 20), content.subarray(30, 40)]);
      expect((await client.readResponse()).body).toHaveLength(0);
    }
  });

  test("the last response of a connection says so and ends it", async () => {
    await using client = await server.saker.connect();
    const response = await client.request(requestOctets("/large.mp4", [...range("0-9,20-29"), "Connection: close"]));
    expect(response.field("Connection")).toBe("close");
    expect(partsOf(response)).toHaveLength(2);
    await until(() => client.ending === "closed", "the server closes");
  });
});

const server = useSaker({ site: FILES });

describe("one part is no multipart body (RFC 9110 §15.3.7.2)", () => {
  test.each([
    ["0-9,5-19", 0, 19],
    ["0-9,10-19", 0, 19],
    ["0-9,90000-", 0, 9],
    ["0-9,0-9", 0, 9],
    ["0-2499,2500-", 0, 4999],
  ])("bytes=%s", async (value, first, last) => {
    const response = await server.saker.get("/small.txt", range(value));
    expect(response.status).toBe(206);
    expect(response.field("Content-Range")).toBe(`bytes ${first}-${last}/5000`);
    expect(firstDifference(response.body, SMALL.subarray(first, last + 1))).toBeNull();
  });
});

describe("the whole representation", () => {
  test.each([
    ["257 ranges", "/large.mp4", `${BLOCKS.join()},-1`],
    ["a thousand ranges", "/small.txt", Array.from({ length: 1000 }, (_, index) => `${index}-${index}`).join()],
    ["everything four times", "/large.mp4", "0-,0-,0-,0-"],
    ["ranges that overlap again and again", "/large.mp4", "0-9,5-14,10-19,15-24"],
    ["ranges backwards", "/large.mp4", "60-61,40-41,20-21,0-1"],
    ["crumbs that cost more than the file", "/small.txt", "0-1000,1002-2000,2002-3000,3002-4000,4002-4999"],
    ["a mistake in the last range", "/small.txt", "0-1,5-6,9-8"],
    ["two ranges of an empty file", "/empty.txt", "0-1,5-6"],
  ])("%s", async (_, target, value) => {
    const response = await server.saker.get(target, range(value));
    expect(response.status).toBe(200);
    expect(response.field("Content-Length")).toBe(String(FILES[target.slice(1) as keyof typeof FILES].length));
    expect(response.body).toHaveLength(FILES[target.slice(1) as keyof typeof FILES].length);
  });

  test.each([
    ["HEAD", requestOctets("/small.txt", range("0-1,5-6"), "HEAD"), "HEAD"],
    ["If-Range that doesn't match", requestOctets("/small.txt", [...range("0-1,5-6"), 'If-Range: "other"']), "GET"],
    ["two Range lines", requestOctets("/small.txt", [...range("0-1"), ...range("5-6")]), "GET"],
  ])("%s", async (_, octets, method) => {
    await using client = await server.saker.connect();
    const response = await client.request(octets, { method });
    expect(response.status).toBe(200);
    expect(response.field("Content-Length")).toBe("5000");
  });
});

test("several ranges of which none is satisfiable are 416", async () => {
  const response = await server.saker.get("/small.txt", range("5000-,6000-7000,-0"));
  expect(response.status).toBe(416);
  expect(response.field("Content-Range")).toBe("bytes */5000");
});

test("If-Range with the entity tag gets the parts", async () => {
  const etag = (await server.saker.get("/small.txt")).field("ETag")!;
  const response = await server.saker.get("/small.txt", [...range("0-1,5-6"), `If-Range: ${etag}`]);
  expect(partsOf(response)).toHaveLength(2);
});

test("a file that becomes shorter between two parts ends the connection, not the promise", async () => {
  await using saker = await startSaker({ site: { "large.bin": LARGE } });
  await using client = await saker.connect({ receiveBufferOctets: 32_768 });
  client.pause();
  await untilPartsAreSent(saker, () => client.send(requestOctets("/large.bin", range("0-4999999,5000001-6000000"))));
  truncateSync(saker.site.path("large.bin"), 5_500_000);
  client.resume();
  await until(() => client.ending !== "open", "the server gives up");
  expect(client.octetsReceived).toBeLessThan(6_000_000);
});

test("what was sent is counted to the octet", async () => {
  await using saker = await startSaker({ site: FILES });
  await using client = await saker.connect();
  let octets = 0;
  for (const target of ["/small.txt", "/medium.bin", "/large.mp4"]) {
    const response = await client.request(requestOctets(target, range("0-99,200-40000")));
    octets += response.head.octets + response.body.length;
  }
  const metrics = await saker.metrics();
  const sent = metrics.value("http_sent_bytes_total");
  expect(sent).toBe(octets);
});
