import { expect, test } from "bun:test";
import { HTTP_DATE_OCTETS } from "../../src/http/http-date.ts";
import { buildResponseHead, encodeFieldLines } from "../../src/http/response-head.ts";

test("puts status-line, field lines and empty line in order", () => {
  const { h1, h2, fields, status } = buildResponseHead(404, [
    ["Server", "saker"],
    ["Content-Length", "0"],
    ["X-Empty", ""],
  ]);
  expect(h1.octets.toString("latin1")).toBe(
    "HTTP/1.1 404 Not Found\r\nServer: saker\r\nContent-Length: 0\r\nX-Empty: \r\n\r\n",
  );
  expect([h1.dateOffset, h1.expiresOffset, h1.end]).toEqual([-1, -1, h1.octets.length]);
  expect(h1.octets.toString("latin1", h1.fieldsEnd)).toBe("\r\n");
  expect([status, fields.length, h2]).toEqual([404, 3, null]);
});

test("leaves room for the date, and says where", () => {
  const { octets, dateOffset } = buildResponseHead(200, [
    ["Server", "saker"],
    ["Date", null],
    ["X", "y"],
  ]).h1;
  const date = "Sun, 06 Nov 1994 08:49:37 GMT";
  expect(date.length).toBe(HTTP_DATE_OCTETS);
  octets.write(date, dateOffset, "latin1");
  expect(octets.toString("latin1")).toBe(`HTTP/1.1 200 OK\r\nServer: saker\r\nDate: ${date}\r\nX: y\r\n\r\n`);
});

test("leaves room for Expires, and says where and how much later", () => {
  const { octets, dateOffset, expiresOffset, expiresSeconds } = buildResponseHead(200, [
    ["Expires", null, 3600],
    ["Date", null],
  ]).h1;
  expect(expiresSeconds).toBe(3600);
  expect(octets.toString("latin1", 0, expiresOffset)).toEndWith("\r\nExpires: ");
  expect(octets.toString("latin1", 0, dateOffset)).toEndWith("\r\nDate: ");
});

test("content lies behind the head, in a buffer of their own", () => {
  const content = Buffer.from("content");
  const { octets, end, fieldsEnd } = buildResponseHead(200, [["X", "y"]], content).h1;
  content.fill(0);
  expect(octets.toString("latin1", 0, end)).toBe("HTTP/1.1 200 OK\r\nX: y\r\n\r\n");
  expect(octets.toString("latin1", fieldsEnd)).toBe("\r\ncontent");
});

test("an undated head is well-formed already", () => {
  expect(buildResponseHead(200, [["Date", null]]).h1.octets.toString("latin1")).toContain(
    "Date: Thu, 01 Jan 1970 00:00:00 GMT",
  );
});

test("values keep ISO 8859-1 octets and the SP at their end", () => {
  const { octets } = buildResponseHead(206, [
    ["Content-Range", "bytes "],
    ["X", "\xe9"],
  ]).h1;
  expect(octets.toString("latin1")).toEndWith("Content-Range: bytes \r\nX: \xe9\r\n\r\n");
});

test.each([
  ["a value that would begin another field line", "X", "a\r\nSet-Cookie: b"],
  ["a value that would end the head", "X", "a\r\n\r\n<script>"],
  ["LF in a value", "X", "a\nb"],
  ["CR in a value", "X", "a\rb"],
  ["NUL in a value", "X", "a\0b"],
  ["DEL in a value", "X", "a\x7f"],
  ["what ISO 8859-1 lacks", "X", "\u20ac"],
  ["what would be LF if cut to an octet", "X", "\u010a"],
  ["no name", "", "a"],
  ["SP in a name", "X Y", "a"],
  ["a colon in a name", "X:", "a"],
  ["a line end in a name", "X\r\nY", "a"],
  ["what ISO 8859-1 lacks in a name", "\u0141", "a"],
])("refuses %s", (_what, name, value) => {
  expect(() => buildResponseHead(200, [[name, value]])).toThrow(TypeError);
});

test("further lines have no empty line, and are as strict", () => {
  expect(
    encodeFieldLines([
      ["X", "\xe9"],
      ["Y", ""],
    ]).toString("latin1"),
  ).toBe("X: \xe9\r\nY: \r\n");
  expect(() => encodeFieldLines([["X", "a\r\nSet-Cookie: b"]])).toThrow(TypeError);
});

test.each([99, 1000, NaN])("refuses status code %d", (status) => {
  expect(() => buildResponseHead(status, [])).toThrow(RangeError);
});
