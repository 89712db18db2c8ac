import { expect, test } from "bun:test";
import { textOf } from "../../src/http/octets.ts";
import { LoggedRequest } from "../../src/log/logged-request.ts";
import { LogRoom } from "../../src/serving/log-room.ts";

const TEXT = "GET|/path/to?query|host.example:80|http://referer/|agent";

function requestIn(bytes: Buffer): LoggedRequest {
  const request = new LoggedRequest();
  const starts = [0, 4, 19, 35, 51];
  request.bytes = bytes;
  [request.methodStart, request.methodEnd] = [0, 3];
  [request.targetStart, request.targetEnd] = [4, 18];
  [request.pathStart, request.pathEnd] = [4, 12];
  [request.authorityStart, request.hostEnd, request.authorityEnd] = [19, 31, 34];
  [request.refererStart, request.refererEnd] = [35, 50];
  [request.userAgentStart, request.userAgentEnd] = [starts[4]!, TEXT.length];
  return request;
}

function partsOf(request: LoggedRequest): string[] {
  const part = (start: number, end: number): string => (start < 0 ? "none" : textOf(request.bytes, start, end));
  return [
    part(request.methodStart, request.methodEnd),
    part(request.targetStart, request.targetEnd),
    part(request.pathStart, request.pathEnd),
    part(request.authorityStart, request.hostEnd),
    part(request.authorityStart, request.authorityEnd),
    part(request.refererStart, request.refererEnd),
    part(request.userAgentStart, request.userAgentEnd),
  ];
}

const PARTS = ["GET", "/path/to?query", "/path/to", "host.example", "host.example:80", "http://referer/", "agent"];

test("what a line will say of a request outlives the octets it came in, however many there are", () => {
  const room = new LogRoom();
  const bytes = Buffer.from(TEXT, "latin1");
  const requests = Array.from({ length: 5000 }, () => {
    bytes.write(TEXT, "latin1");
    const request = requestIn(bytes);
    room.keep(request);
    bytes.fill(0x21);
    return request;
  });
  for (const request of requests) expect(partsOf(request)).toEqual(PARTS);
  expect(new Set(requests.map(({ bytes: octets }) => octets)).size).toBeLessThan(10);
});

test("what isn't there is still not there", () => {
  const request = requestIn(Buffer.from(TEXT, "latin1"));
  for (const part of ["authority", "referer", "userAgent", "method"] as const) {
    request[`${part}Start`] = -1;
    request[`${part}End`] = -1;
  }
  request.hostEnd = -1;
  new LogRoom().keep(request);
  expect(partsOf(request)).toEqual(["none", "/path/to?query", "/path/to", "none", "none", "none", "none"]);
  expect([request.authorityStart, request.hostEnd, request.authorityEnd]).toEqual([-1, -1, -1]);
});

test("more than a room's octets are kept, too", () => {
  const bytes = Buffer.alloc(100_000, "a");
  const request = new LoggedRequest();
  request.bytes = bytes;
  [request.methodStart, request.methodEnd] = [0, 1];
  [request.targetStart, request.targetEnd] = [0, bytes.length];
  new LogRoom().keep(request);
  bytes.fill("b");
  expect(textOf(request.bytes, request.targetStart, request.targetEnd)).toBe("a".repeat(100_000));
});
