import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AccessLog, type AccessLogFormat, createAccessLog, encodeAddress } from "../../src/log/access-log.ts";
import { LoggedRequest } from "../../src/log/logged-request.ts";
import { LINE_OCTETS_MAX } from "../../src/log/sink.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-access-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

let path = "";
let count = 0;
beforeEach(() => {
  path = join(folder, `${count++}.log`);
});

interface Request {
  address?: string;
  method?: string;
  target?: string;
  version?: number;
  status?: number;
  octets?: number;
  micros?: number;
  referer?: string;
  agent?: string;
  user?: string;
  host?: string;
  id?: string;
}

/** Records a request laid out in one buffer, as a connection holds it. */
function record(log: AccessLog, request: Request): void {
  const method = request.method ?? "GET";
  const target = request.target ?? "/";
  const head = `PP${method} ${target} HTTP/1.1\r\n`;
  const referer = request.referer ?? "";
  const agent = request.agent ?? "";
  const bytes = Buffer.from(`${head}${referer}\r\n${agent}\r\n${request.host ?? ""}PP`, "latin1");
  const hostStart = request.host === undefined ? -1 : bytes.length - 2 - request.host.length;
  const name = /^(\[.*?\]|[^:]*)/.exec(request.host ?? "")![0];
  const targetStart = 2 + method.length + 1;
  const agentStart = head.length + referer.length + 2;
  const logged = Object.assign(new LoggedRequest(), {
    client: { address: encodeAddress(request.address ?? "127.0.0.1"), serverPort: 8080, tls: null },
    bytes,
    methodStart: 2,
    methodEnd: targetStart - 1,
    targetStart,
    targetEnd: targetStart + target.length,
    version: request.version ?? 11,
    refererStart: request.referer === undefined ? -1 : head.length,
    refererEnd: head.length + referer.length,
    userAgentStart: request.agent === undefined ? -1 : agentStart,
    userAgentEnd: agentStart + agent.length,
    authorityStart: hostStart,
    hostEnd: hostStart === -1 ? -1 : hostStart + name.length,
    authorityEnd: hostStart === -1 ? -1 : bytes.length - 2,
    user: request.user === undefined ? null : Buffer.from(request.user),
    id: Buffer.from(request.id ?? ""),
    idOctets: (request.id ?? "").length,
  });
  log.record(logged, request.status ?? 200, request.octets ?? 0, request.micros ?? 0);
}

function written(format: AccessLogFormat, ...requests: Request[]): string {
  const log = createAccessLog({ target: path, format })!;
  for (const request of requests) record(log, request);
  log.close();
  return readFileSync(path, "latin1");
}

describe("combined", () => {
  const time = /^(.* - \S+ )\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]( .*)\n$/s;
  const line = (request: Request) => written("combined", request).replace(time, "$1[T]$2");

  test.each<[string, Request, string]>([
    ["a plain request", { target: "/a", octets: 612 }, '127.0.0.1 - - [T] "GET /a HTTP/1.1" 200 612 "-" "-"'],
    [
      "referer and user agent",
      { referer: "http://a.example/", agent: "curl/8.5.0" },
      '127.0.0.1 - - [T] "GET / HTTP/1.1" 200 0 "http://a.example/" "curl/8.5.0"',
    ],
    ["fields that are there but empty", { referer: "", agent: "" }, '127.0.0.1 - - [T] "GET / HTTP/1.1" 200 0 "" ""'],
    ["HTTP/1.0 and an IPv6 peer", { address: "::1", version: 10 }, '::1 - - [T] "GET / HTTP/1.0" 200 0 "-" "-"'],
    ["HTTP/2", { version: 20 }, '127.0.0.1 - - [T] "GET / HTTP/2.0" 200 0 "-" "-"'],
    ["a large file", { octets: 5_000_000_000 }, '127.0.0.1 - - [T] "GET / HTTP/1.1" 200 5000000000 "-" "-"'],
    [
      "a forged line in the user agent",
      { agent: 'x"\n10.0.0.1 - - [T] "GET /admin HTTP/1.1" 200 1 "-" "-' },
      '127.0.0.1 - - [T] "GET / HTTP/1.1" 200 0 "-" ' +
        '"x\\x22\\x0A10.0.0.1 - - [T] \\x22GET /admin HTTP/1.1\\x22 200 1 \\x22-\\x22 \\x22-"',
    ],
    ["a terminal sequence", { target: "/\x1b[2J" }, '127.0.0.1 - - [T] "GET /%1B[2J HTTP/1.1" 200 0 "-" "-"'],
    ["octets above ASCII", { target: "/\xe9" }, '127.0.0.1 - - [T] "GET /%E9 HTTP/1.1" 200 0 "-" "-"'],
    ["a user", { user: "ann" }, '127.0.0.1 - ann [T] "GET / HTTP/1.1" 200 0 "-" "-"'],
    [
      "a user whose name could be taken for other parts of the line",
      { user: 'a b"[x]\\\n' },
      '127.0.0.1 - a\\x20b\\x22\\x5Bx\\x5D\\x5C\\x0A [T] "GET / HTTP/1.1" 200 0 "-" "-"',
    ],
    ["a user beyond ASCII", { user: "é" }, '127.0.0.1 - \\xC3\\xA9 [T] "GET / HTTP/1.1" 200 0 "-" "-"'],
    ["a user who is called -", { user: "-" }, '127.0.0.1 - \\x2D [T] "GET / HTTP/1.1" 200 0 "-" "-"'],
    ["no version", { version: -1 }, '127.0.0.1 - - [T] "GET /" 200 0 "-" "-"'],
    ["a hostile address", { address: '1.1.1.1"\n' }, '1.1.1.1?? - - [T] "GET / HTTP/1.1" 200 0 "-" "-"'],
  ])("%s", (_, request, result) => {
    expect(line(request)).toBe(result);
  });

  test("an unreadable request line is a dash", () => {
    const log = createAccessLog({ target: path, format: "combined" })!;
    log.record(
      Object.assign(new LoggedRequest(), {
        client: { address: encodeAddress("::1"), serverPort: 8080, tls: null },
        version: -1,
      }),
      400,
      0,
      0,
    );
    log.close();
    expect(readFileSync(path, "latin1").replace(time, "$1[T]$2")).toBe('::1 - - [T] "-" 400 0 "-" "-"');
  });

  test("the time is that of the last tick, in combined form", () => {
    const log = createAccessLog({ target: path, format: "combined" })!;
    log.tick(new Date(2026, 0, 2, 3, 4, 5).getTime());
    record(log, {});
    log.close();
    expect(readFileSync(path, "latin1")).toContain("[02/Jan/2026:03:04:05 ");
  });

  test("long parts are cut, marked and keep the line within one pipe write", () => {
    const all = written("combined", {
      method: "M".repeat(9000),
      target: "/\n".repeat(9000),
      referer: "\x01".repeat(9000),
      agent: "\xff".repeat(9000),
      address: "f".repeat(500),
      user: " ".repeat(500),
      octets: Number.MAX_SAFE_INTEGER,
    });
    expect(all.length).toBeLessThanOrEqual(LINE_OCTETS_MAX);
    expect(all.indexOf("\n")).toBe(all.length - 1);
    expect(all.match(/\.\.\./g)).toHaveLength(5);
  });
});

describe("vhost_combined", () => {
  test.each([
    ["example.org", "example.org:8080"],
    ["example.org:", "example.org:8080"],
    ["example.org:81", "example.org:81"],
    ["[::1]:81", "[::1]:81"],
    ["[::1]", "[::1]:8080"],
    [`${"a".repeat(300)}:81`, `${"a".repeat(255)}...:81`],
    [undefined, "-:8080"],
  ])("host %p", (host, word) => {
    const line = written("vhost_combined", { host, user: "ann" });
    expect(line).toStartWith(`${word} 127.0.0.1 - ann [`);
    expect(line).toEndWith(`] "GET / HTTP/1.1" 200 0 "-" "-"\n`);
  });
});

describe("json", () => {
  const parse = (request: Request) =>
    JSON.parse(Buffer.from(written("json", request), "latin1").toString("utf8")) as Record<string, unknown>;

  test("names and types of all members", () => {
    const { time, ...rest } = parse({ target: "/a?b", status: 404, octets: 10, micros: 41, agent: "x" });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
    expect(rest).toEqual({
      client: "127.0.0.1",
      user: null,
      host: null,
      method: "GET",
      target: "/a?b",
      protocol: "HTTP/1.1",
      status: 404,
      bytes: 10,
      microseconds: 41,
      referer: null,
      user_agent: "x",
      request_id: null,
      tls: null,
      suite: null,
      sni: null,
      resumed: null,
    });
  });

  test("user, host and identifier, where there are any; and no version", () => {
    expect(parse({ user: 'é "', host: "a.example:81", id: "x-1", version: -1 })).toMatchObject({
      user: 'é "',
      host: "a.example",
      request_id: "x-1",
      protocol: null,
    });
  });

  test("whatever octets the client sent, the line is one line of valid JSON", () => {
    const all = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join("");
    const entry = parse({ target: all, referer: all.slice(0, 100), agent: all.slice(200) });
    expect(entry.target).toMatch(/^[!-~]+$/);
    const decoded = (entry.target as string).replace(/%[0-9A-F]{2}/g, (hex) =>
      String.fromCharCode(parseInt(hex.slice(1), 16)),
    );
    expect(decoded).toBe(all);
    const visible = (text: string) => text.replace(/[\x80-\xff]/g, (octet) => `\\x${hex(octet)}`);
    const hex = (octet: string) => octet.charCodeAt(0).toString(16).toUpperCase();
    expect(entry.referer).toBe(visible(all.slice(0, 100)));
    expect(entry.user_agent).toBe(visible(all.slice(200)));
  });

  test("an unreadable request line is null", () => {
    const log = createAccessLog({ target: path, format: "json" })!;
    log.record(
      Object.assign(new LoggedRequest(), {
        client: { address: encodeAddress("::1"), serverPort: 8080, tls: null },
        version: -1,
      }),
      400,
      0,
      0,
    );
    log.close();
    expect(JSON.parse(readFileSync(path, "latin1"))).toMatchObject({
      method: null,
      target: null,
      protocol: null,
      status: 400,
    });
  });

  test("long parts are cut and the line stays valid and short", () => {
    const long = "\0".repeat(9000);
    const all = written("json", {
      method: long,
      target: long,
      referer: long,
      agent: long,
      user: long,
      host: long,
      id: "i".repeat(128),
      octets: Number.MAX_SAFE_INTEGER,
      micros: Number.MAX_SAFE_INTEGER,
      address: "f".repeat(99),
    });
    expect(all.length).toBeLessThanOrEqual(LINE_OCTETS_MAX);
    expect((JSON.parse(all) as { target: string }).target).toEndWith("%00...");
  });
});

test("no access log is null", () => {
  expect(createAccessLog({ target: false, format: "combined" })).toBeNull();
});

test("many lines leave the buffer in order", () => {
  const requests = Array.from({ length: 20_000 }, (_, index) => ({ target: `/${index}` }));
  const targets = written("combined", ...requests)
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ")[6]);
  expect(targets).toEqual(requests.map((request) => request.target));
});

test.each(["combined", "vhost_combined", "json"])("recording allocates nothing (%s)", async (format) => {
  const collections = async (what: string) => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "fixtures/record-many.ts"), what], {
      env: { ...process.env, BUN_JSC_logGC: "1" },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    return (out + err).split("\n").filter((line) => line.includes("[GC")).length;
  };
  // A million lines; a 16-octet object for each would be a collection every few thousand.
  expect(await collections(format)).toBeLessThanOrEqual((await collections("none")) + 1);
});
