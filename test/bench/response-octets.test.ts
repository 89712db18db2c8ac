/** The bench's own reading of responses, and its plain client. */
import { describe, expect, test } from "bun:test";
import { findMistake } from "../../bench/load/body-check.ts";
import { exchange } from "../../bench/load/plain-client.ts";
import { expectedEnd, parseResponse } from "../../bench/load/response-octets.ts";
import type { Exchange } from "../../bench/load/workloads.ts";

const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (content: Uint8Array): string => Buffer.from(content).toString("latin1");

describe("parseResponse", () => {
  test.each([
    ["Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"],
    ["no content", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""],
    ["304 with a length that doesn't come", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, ""],
    ["no reason phrase", "HTTP/1.1 404 \r\ncontent-length:2\r\n\r\nno", 404, "no"],
    ["chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 200, "hello"],
  ])("%s", (_description, response, status, content) => {
    for (let end = 0; end < response.length; end++) {
      expect(parseResponse(octets(response.slice(0, end)), 0)).toBeNull();
    }
    const parsed = parseResponse(octets(`before${response}HTTP/1.1 next`), 6)!;
    expect([parsed.status, text(parsed.content), parsed.end]).toEqual([status, content, 6 + response.length]);
  });

  test.each([
    ["no status line", "HTP/1.1 200 OK\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
    ["a line without a colon", "HTTP/1.1 200 OK\r\nServer\r\n\r\n"],
    ["neither length nor chunks", "HTTP/1.1 200 OK\r\n\r\nhello"],
    ["a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello"],
    ["a chunk size that is no number", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n"],
  ])("throws at %s", (_description, response) => {
    expect(() => parseResponse(octets(response), 0)).toThrow();
  });

  test("foresees the end of a response as soon as its head is there", () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    expect(expectedEnd(octets(head.slice(0, -1)), 0)).toBe(0);
    expect(expectedEnd(octets(head), 0)).toBe(head.length + 1000);
  });
});

describe("findMistake", () => {
  const file = { name: "a.bin", octets: 10 };
  const expected: Exchange = { request: "GET /a.bin HTTP/1.1\r\n\r\n", status: 200, file, first: 0, octets: 10 };
  const range: Exchange = { ...expected, status: 206, first: 2, octets: 3 };
  const response = (head: string, content: string) =>
    parseResponse(octets(`HTTP/1.1 ${head}\r\nContent-Length: ${content.length}\r\n\r\n${content}`), 0)!;
  const whole = octets("0123456789");

  test.each([
    ["nothing wrong", expected, response("200 OK", "0123456789"), whole, null],
    ["another status", expected, response("500 Oops", "0123456789"), whole, "status 500, expected 200"],
    ["too short", expected, response("200 OK", "012345678"), whole, "9 octets of content, expected 10"],
    ["one octet differs", expected, response("200 OK", "012345678X"), whole, "content differs"],
    ["any content will do", { ...expected, file: null }, response("200 OK", "?"), null, null],
    ["a range", range, response("206 P\r\nContent-Range: bytes 2-4/10", "234"), octets("234"), null],
    ["another range", range, response("206 P\r\nContent-Range: bytes 2-5/10", "234"), octets("234"), "bytes 2-4/10"],
    ["an unnamed range", range, response("206 P", "234"), octets("234"), "Content-Range missing"],
  ])("%s", (_description, exchanged, answer, content, mistake) => {
    const found = findMistake(exchanged, answer, content);
    if (mistake === null) expect(found).toBeNull();
    else expect(found).toContain(mistake);
  });
});

describe("the plain client", () => {
  /** A server that answers the first octets it gets with `pieces`, one write each, and then closes if told to. */
  function answering(pieces: readonly string[], close: boolean) {
    return Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket) {
          for (const piece of pieces) socket.write(piece);
          if (close) socket.end();
        },
      },
    });
  }
  const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  test("reads several responses, and sees that the connection stays", async () => {
    using server = answering([OK, OK], false);
    const answer = await exchange(server.port, "x", 2, { closeWaitMs: 20 });
    expect(answer.responses.map(({ content }) => text(content))).toEqual(["ok", "ok"]);
    expect(answer.closed).toBe(false);
  });

  test("sees that the connection is closed", async () => {
    using server = answering([OK], true);
    expect((await exchange(server.port, "x", 1, { closeWaitMs: 2000 })).closed).toBe(true);
  });

  test.each([
    ["a close before the last response", [OK], true, 2, "closed after 1 of 2"],
    ["a close amid a response", [OK.slice(0, -1)], true, 1, "closed after 0 of 1"],
    ["unsolicited octets", [`${OK}more`], false, 1, "4 octets after the last response"],
    ["what isn't HTTP", ["hello\r\n\r\n"], false, 1, "not a status line"],
    ["silence", [], false, 1, "no response within 50 ms"],
  ])("rejects at %s", async (_description, pieces, close, count, message) => {
    using server = answering(pieces, close);
    await expect(
      exchange(server.port, "x", count, { timeoutMs: message.includes("50 ms") ? 50 : 5000 }),
    ).rejects.toThrow(message);
  });
});
