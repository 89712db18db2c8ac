/** Unexpected request content: read to its end and dropped, so that the next request is found. */
import { describe, expect, test } from "bun:test";
import { randomOctets } from "../support/octets.ts";
import { requestOctets } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const server = useSaker({ config: "max_body_bytes = 4000000", site: { "a.txt": "a" } });

const BIG = randomOctets(3_000_000, 5).toString("latin1");
const withLength = (content: string, method = "POST") =>
  requestOctets("/a.txt", [`Content-Length: ${content.length}`], method) + content;
const withChunks = (body: string, method = "POST") =>
  requestOctets("/a.txt", ["Transfer-Encoding: chunked"], method) + body;

const BODIES: [what: string, octets: string, status: number][] = [
  ["Content-Length: 0", withLength(""), 405],
  ["a few octets", withLength("abc"), 405],
  ["content that looks like a request", withLength(requestOctets("/smuggled")), 405],
  ["content that looks like chunks", withLength("0\r\n\r\n"), 405],
  ["three megabytes", withLength(BIG), 405],
  ["content of a GET", withLength("abc", "GET"), 200],
  ["content of a HEAD", withLength("abc", "HEAD"), 200],
  ["content of an unknown method", withLength("abc", "BREW"), 501],
  ["one chunk", withChunks("3\r\nabc\r\n0\r\n\r\n"), 405],
  ["no chunk but the last", withChunks("0\r\n\r\n"), 405],
  ["a last chunk of many zeros", withChunks("0000\r\n\r\n"), 405],
  ["sizes in capitals and with zeros", withChunks("00A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"), 405],
  ["extensions", withChunks('3;a;b=c;d="e;\\"f"\r\nabc\r\n0;x\r\n\r\n'), 405],
  ["trailers", withChunks("3\r\nabc\r\n0\r\nA: b\r\nC: d\r\n\r\n"), 405],
  ["chunks that look like requests", withChunks(`1d\r\n${requestOctets("/").slice(0, 29)}\r\n0\r\n\r\n`), 405],
  ["three megabytes in one chunk", withChunks(`${BIG.length.toString(16)}\r\n${BIG}\r\n0\r\n\r\n`), 405],
  ["a thousand chunks", withChunks(`${"5\r\nhello\r\n".repeat(1000)}0\r\n\r\n`), 405],
  ["chunks of a GET", withChunks("3\r\nabc\r\n0\r\n\r\n", "GET"), 200],
];

describe.each(BODIES)("%s", (_, octets, status) => {
  const method = octets.slice(0, octets.indexOf(" "));

  test(`gets ${status}; the request pipelined behind it is answered`, async () => {
    await using client = await server.saker.connect();
    const sending = client.send(octets + requestOctets("/a.txt"));
    expect((await client.readResponse({ method })).status).toBe(status);
    const next = await client.readResponse();
    expect([next.status, next.text]).toEqual([200, "a"]);
    await sending;
  });

  test("three in a row, each in two pieces", async () => {
    await using client = await server.saker.connect();
    for (let round = 0; round < 3; round++) {
      const split = (octets.length * (round + 1)) >> 2;
      await client.send(octets.slice(0, split));
      await Bun.sleep(0);
      const sending = client.send(octets.slice(split));
      expect((await client.readResponse({ method })).status).toBe(status);
      await sending;
    }
  });
});

describe("Expect: 100-continue (RFC 9110 §10.1.1)", () => {
  const expecting = (method: string, version = "1.1") =>
    `${method} /a.txt HTTP/${version}\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`;

  test.each([
    ["GET", 200],
    ["POST", 405],
  ])("%s: the client is told to go on or gets its answer, and is never left waiting", async (method, status) => {
    await using client = await server.saker.connect();
    await client.send(expecting(method));
    await client.waitFor(25);
    const isContinue = client.unread.toString("latin1").startsWith("HTTP/1.1 100 ");
    if (isContinue) await client.send("hello");
    const response = await client.readResponse({ method });
    expect(response.status).toBe(status);
    if (response.field("Connection") === "close") return await client.expectClose();
    // The content still belongs to that request: without a close the server has to read it.
    if (!isContinue) await client.send("hello");
    expect((await client.request(requestOctets("/a.txt"))).text).toBe("a");
  });

  test("a client that doesn't wait is understood", async () => {
    await using client = await server.saker.connect();
    await client.send(`${expecting("POST")}hello${requestOctets("/a.txt")}`);
    const response = await client.readResponse();
    expect(response.status).toBe(405);
    if (response.field("Connection") === "close") return await client.expectClose();
    expect((await client.readResponse()).text).toBe("a");
  });

  test("HTTP/1.0 clients know no 100", async () => {
    await using client = await server.saker.connect();
    await client.send(expecting("POST", "1.0"));
    await client.send("hello");
    const response = await client.readResponse();
    expect([response.status, response.interim.length]).toEqual([405, 0]);
  });

  test("without content there is nothing to continue", async () => {
    await using client = await server.saker.connect();
    const response = await client.request(requestOctets("/a.txt", ["Expect: 100-continue"]));
    expect([response.status, response.interim.length]).toEqual([200, 0]);
  });
});
