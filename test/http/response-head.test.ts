import { expect, test } from "bun:test";
import { HTTP_DATE_OCTETS } from "../../src/http/http-date.ts";
import { buildResponseHead } from "../../src/http/response-head.ts";

test("puts status-line, field lines and empty line in order", () => {
  const { octets, dateOffset } = buildResponseHead(404, [
    ["Server", "saker"],
    ["Content-Length", "0"],
    ["X-Empty", ""],
  ]);
  expect(octets.toString("latin1")).toBe(
    "HTTP/1.1 404 Not Found\r\nServer: saker\r\nContent-Length: 0\r\nX-Empty: \r\n\r\n",
  );
  expect(dateOffset).toBe(-1);
});

test("leaves room for the date, and says where", () => {
  const { octets, dateOffset } = buildResponseHead(200, [
    ["Server", "saker"],
    ["Date", null],
    ["X", "y"],
  ]);
  const date = "Sun, 06 Nov 1994 08:49:37 GMT";
  expect(date.length).toBe(HTTP_DATE_OCTETS);
  octets.write(date, dateOffset, "latin1");
  expect(octets.toString("latin1")).toBe(`HTTP/1.1 200 OK\r\nServer: saker\r\nDate: ${date}\r\nX: y\r\n\r\n`);
});

test("an undated head is well-formed already", () => {
  expect(buildResponseHead(200, [["Date", null]]).octets.toString("latin1")).toContain(
    "Date: Thu, 01 Jan 1970 00:00:00 GMT",
  );
});

test("values keep ISO 8859-1 octets and the SP at their end", () => {
  const { octets } = buildResponseHead(206, [
    ["Content-Range", "bytes "],
    ["X", "\xe9"],
  ]);
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

test.each([99, 1000, NaN])("refuses status code %d", (status) => {
  expect(() => buildResponseHead(status, [])).toThrow(RangeError);
});
