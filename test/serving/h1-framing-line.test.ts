/** What a response says of its connection, its framing and its request. */
import { expect, test } from "bun:test";
import { LoggedRequest } from "../../src/log/logged-request.ts";
import { endingFor, endingWithId, FramingLine } from "../../src/serving/h1-framing-line.ts";

const CASES: readonly (readonly [line: FramingLine, fields: string, isChunked: boolean])[] = [
  [FramingLine.None, "", false],
  [FramingLine.Close, "Connection: close\r\n", false],
  [FramingLine.KeepAlive, "Connection: keep-alive\r\n", false],
  [FramingLine.Chunked, "Transfer-Encoding: chunked\r\n", true],
  [FramingLine.ChunkedClose, "Transfer-Encoding: chunked\r\nConnection: close\r\n", true],
];

test.each(CASES)("framing line %p", (line, fields, chunked) => {
  const ending = endingFor(line);
  expect(ending?.octets.toString("latin1") ?? null).toBe(fields === "" ? null : `${fields}\r\n`);
  expect(ending?.isChunked ?? false).toBe(chunked);
  const request = Object.assign(new LoggedRequest(), { id: Buffer.from("abc"), idOctets: 2 });
  const withId = endingWithId(line, request);
  expect(withId.octets.toString("latin1")).toBe(`X-Request-Id: ab\r\n${fields}\r\n`);
  expect(withId.isChunked).toBe(chunked);
});
