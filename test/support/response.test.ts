/** The response reader forgives nothing: a lenient one would make every other test worthless. */
import { describe, expect, test } from "bun:test";
import { bodyFraming, fieldOf, parseChunkedBody, parseResponseHead, ResponseError } from "./response.ts";

const head = (text: string) => parseResponseHead(Buffer.from(text, "latin1"), 0);

describe("response head", () => {
  test("reads status line and fields", () => {
    const parsed = head("HTTP/1.1 200 OK\r\nA: b\r\nContent-Length:  3 \r\n\r\nabc")!;
    expect(parsed).toMatchObject({ minorVersion: 1, status: 200, reason: "OK" });
    expect(fieldOf(parsed, "content-length")).toBe("3");
    expect(parsed.octets).toBe("HTTP/1.1 200 OK\r\nA: b\r\nContent-Length:  3 \r\n\r\n".length);
  });

  test("an empty reason keeps its space (RFC 9112 §4)", () => expect(head("HTTP/1.1 200 \r\n\r\n")!.reason).toBe(""));

  test("waits for the empty line", () => expect(head("HTTP/1.1 200 OK\r\nA: b\r\n")).toBeNull());

  test.each([
    ["no space before the reason", "HTTP/1.1 200\r\n\r\n"],
    ["another major version", "HTTP/2.0 200 OK\r\n\r\n"],
    ["two spaces", "HTTP/1.1  200 OK\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
    ["a space before the colon", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n"],
    ["an empty name", "HTTP/1.1 200 OK\r\n: b\r\n\r\n"],
    ["obs-fold", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"],
    ["a bare LF", "HTTP/1.1 200 OK\nA: b\r\n\r\n"],
    ["a NUL in a value", "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n"],
    ["octets before the status line", "\r\nHTTP/1.1 200 OK\r\n\r\n"],
  ])("refuses %s", (_, text) => expect(() => head(text)).toThrow(ResponseError));
});

describe("message body length (RFC 9112 §6.3)", () => {
  test.each([
    ["GET", "200 OK\r\nContent-Length: 7", { kind: "length", octets: 7 }],
    ["GET", "200 OK\r\nTransfer-Encoding: chunked", { kind: "chunked" }],
    ["GET", "200 OK", { kind: "until-close" }],
    ["HEAD", "200 OK\r\nContent-Length: 7", { kind: "none" }],
    ["GET", "304 Not Modified\r\nContent-Length: 7", { kind: "none" }],
    ["GET", "204 No Content", { kind: "none" }],
  ])("%s %s", (method, text, framing) =>
    expect<unknown>(bodyFraming(head(`HTTP/1.1 ${text}\r\n\r\n`)!, method)).toEqual(framing),
  );

  test.each([
    ["200 OK\r\nContent-Length: 7\r\nContent-Length: 7"],
    ["200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked"],
    ["200 OK\r\nContent-Length: -1"],
    ["200 OK\r\nContent-Length: 7, 7"],
    ["200 OK\r\nTransfer-Encoding: gzip"],
    ["204 No Content\r\nContent-Length: 0"],
    ["100 Continue\r\nContent-Length: 0"],
  ])("refuses %j", (text) =>
    expect(() => bodyFraming(head(`HTTP/1.1 ${text}\r\n\r\n`)!, "GET")).toThrow(ResponseError),
  );
});

describe("chunked body (RFC 9112 §7.1)", () => {
  const chunked = (text: string) => parseChunkedBody(Buffer.from(text, "latin1"), 0);

  test("joins chunks and stops after the last", () => {
    const whole = chunked("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nHTTP/1.1")!;
    expect(Buffer.from(whole.body).toString()).toBe("abc0123456789");
    expect(whole.end).toBe("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n".length);
  });

  test.each(["", "3", "3\r\nab", "3\r\nabc\r\n", "0\r\n", "0\r\n\r"])("%j is not whole", (text) =>
    expect(chunked(text)).toBeNull(),
  );

  test.each(["g\r\nabc\r\n", "-1\r\n\r\n", " 3\r\nabc\r\n", "3\r\nabcd\r\n0\r\n\r\n", "\r\n\r\n"])(
    "refuses %j",
    (text) => expect(() => chunked(text)).toThrow(ResponseError),
  );
});
