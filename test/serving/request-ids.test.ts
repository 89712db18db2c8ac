/** Where a request's identifier comes from, and where it goes. */
import { describe, expect, test } from "bun:test";
import { parseRequestHead } from "../../src/http/parse-request-head.ts";
import { RequestHead } from "../../src/http/request-head.ts";
import { LoggedRequest } from "../../src/log/logged-request.ts";
import { RequestIds } from "../../src/serving/request-ids.ts";
import { until } from "../support/deadline.ts";
import { ServiceUnderTest } from "./support/service-under-test.ts";

const LIMITS = {
  targetOctetsMax: 1000,
  headOctetsMax: 4000,
  fieldCountMax: 100,
  contentOctetsMax: 1000,
};
const MADE = /^[0-9a-f]{32}$/;

function idOf(lines: string, isTrusted: boolean): string {
  const bytes = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`, "latin1");
  const head = new RequestHead(LIMITS.fieldCountMax);
  expect(parseRequestHead(bytes, bytes.length, head, LIMITS)).toBe(bytes.length);
  const request = new LoggedRequest();
  RequestIds.from("send", false)!.assign(request, head, isTrusted);
  return Buffer.from(request.id.subarray(0, request.idOctets)).toString("latin1");
}

describe("a trusted proxy's", () => {
  test.each(["a", "7b1c-4.2_~", "Root=1-67891233:abc/+@", "x".repeat(128)])("%s is taken", (id) => {
    expect(idOf(`X-Request-Id: ${id}\r\n`, true)).toBe(id);
    expect(idOf(`X-Request-Id: ${id}\r\n`, false)).toMatch(MADE);
  });

  test.each(["", "x".repeat(129), "a b", 'a"', "a,b", "a;b", "a<b", "a\\b", "\xe9", "a%0a", "$(x)"])(
    "%j is replaced",
    (id) => {
      expect(idOf(`X-Request-Id: ${id}\r\n`, true)).toMatch(MADE);
    },
  );

  test("one that stands there twice, or not at all, is replaced", () => {
    expect(idOf("X-Request-Id: a\r\nX-Request-Id: a\r\n", true)).toMatch(MADE);
    expect(idOf("", true)).toMatch(MADE);
  });
});

test("new ones differ", () => {
  const ids = RequestIds.from("send", false)!;
  const head = new RequestHead(1);
  const seen = new Set<string>();
  for (let count = 0; count < 1000; count++) {
    const request = new LoggedRequest();
    ids.assign(request, head, false);
    seen.add(Buffer.from(request.id.subarray(0, request.idOctets)).toString("latin1"));
  }
  expect(seen.size).toBe(1000);
});

test("there are none where nobody would see them", () => {
  expect(RequestIds.from("off", true)).toBeNull();
  expect(RequestIds.from("log", false)).toBeNull();
  expect(RequestIds.from("log", true)!.isSent).toBe(false);
  expect(RequestIds.from("send", false)!.isSent).toBe(true);
});

const get = (target: string, lines = "", version = "1.1"): string =>
  `GET ${target} HTTP/${version}\r\nHost: a.example\r\n${lines}\r\n`;

test.each<[what: string, octets: string, status: number]>([
  ["a file from memory", get("/a.txt"), 200],
  ["a piece of a file on disk", get("/large.bin", "Range: bytes=0-9\r\n"), 206],
  ["several ranges", get("/a.txt", "Range: bytes=0-0,2-2\r\n"), 206],
  ["304", get("/a.txt", "If-None-Match: *\r\n"), 304],
  ["an error", get("/missing"), 404],
  ["an admin endpoint", get("/health"), 200],
  ["what is malformed", get("/\x01"), 400],
  ["HTTP/1.0, kept alive", get("/a.txt", "Connection: keep-alive\r\n", "1.0"), 200],
  ["HTTP/1.0", get("/a.txt", "", "1.0"), 200],
])("sent and logged with %s; the head stays whole", async (_, octets, status) => {
  const files = { "a.txt": "abc", "large.bin": "x".repeat(2 << 20) };
  const flags = ["--request-id", "send", "--access-log-format", "json", "--max-cached-file-kb", "100"];
  using under = new ServiceUnderTest({ files, flags });
  using plain = new ServiceUnderTest({ files, flags: ["--max-cached-file-kb", "100"] });
  const answer = async (server: ServiceUnderTest, room?: number) => {
    const { link, connection } = server.connect(room);
    connection.received(Buffer.from(octets));
    await until(() => {
      if (link.room === 0) link.drain();
      return link.octets.includes("\r\n\r\n");
    }, "an answer");
    link.leave();
    const head = link.octets.toString("latin1", 0, link.octets.indexOf("\r\n\r\n") + 4);
    return { head, contentOctets: link.octets.length - head.length };
  };
  const changing = /^(Date|Content-Length|Last-Modified|ETag|Content-Type: multipart.*|X-Cache)[^\r]*\r\n/gm;
  const expected = (await answer(plain)).head.replace(changing, "");
  const ids = new Set<string>();
  for (const room of [undefined, 30, undefined]) {
    const { head } = await answer(under, room);
    expect(head).toStartWith(`HTTP/1.1 ${status} `);
    const [line, id] = /X-Request-Id: ([0-9a-f]{32})\r\n/.exec(head)!;
    expect(head.replace(line, "").replace(changing, "")).toBe(expected);
    ids.add(id!);
  }
  expect(ids.size).toBe(3);
  expect(under.lines().map((line) => (JSON.parse(line) as { request_id: string }).request_id)).toEqual([...ids]);
});

test("pipelined requests have one each, and those of a trusted proxy keep theirs", async () => {
  const flags = ["--request-id", "send", "--access-log-format", "json", "--trusted-proxies", "127.0.0.1"];
  using under = new ServiceUnderTest({ files: { "a.txt": "abc" }, flags });
  await under.warm(get("/a.txt"));
  const { link, connection } = under.connect();
  const names = Array.from({ length: 40 }, (_, index) => `id-${index}`);
  connection.received(Buffer.from(names.map((name) => get("/a.txt", `X-Request-Id: ${name}\r\n`)).join("")));
  const sent = link.octets.toString("latin1").matchAll(/X-Request-Id: (\S+)\r\n\r\nabc/g);
  expect(Array.from(sent, ([, id]) => id!)).toEqual(names);
  expect(under.lines().map((line) => (JSON.parse(line) as { request_id: string }).request_id)).toEqual(names);
});

test("logged only: responses stay as they are", async () => {
  using under = new ServiceUnderTest({
    files: { "a.txt": "abc" },
    flags: ["--request-id", "log", "--access-log-format", "json"],
  });
  await under.warm(get("/a.txt"));
  const { link, connection } = under.connect();
  connection.received(Buffer.from(get("/a.txt")));
  expect(link.octets.toString("latin1")).not.toContain("X-Request-Id");
  expect(JSON.parse(under.lines()[0]!)).toMatchObject({ request_id: expect.stringMatching(MADE) as string });
});
