/** Denied paths and passwords: no other spelling, rewrite, method, range, fallback or neighbour leads past them. */
import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import type { ClientResponse } from "../support/response.ts";
import { requestOctets } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const hash = (password: string): string => Bun.password.hashSync(password, { algorithm: "bcrypt", cost: 4 });
const ANN = `ann:${hash("hunter2")}`;
const BOB = `bob:${hash("pässwörd:with:colons")}`;
const basic = (user: string, password: string): string =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const rule = (kind: string, fields: Record<string, unknown>): string =>
  `[[${kind}]]\n${Object.entries(fields)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
    .join("")}`;

const CONTENT = "TOP SECRET CONTENT";
const LARGE = Buffer.alloc(200_000, "TOP SECRET ");

const CONFIG = [
  'clean_urls = true\nspa_fallback = "/vault/app.html"\nsecurity_headers = true\ndirectory_listing = true\n',
  rule("basic_auth", { path: "/vault/*", realm: "The vault", users: [ANN, BOB] }),
  rule("basic_auth", { path: "/members.html", users: [ANN] }),
  rule("basic_auth", { path: "/lounge", users: [ANN] }),
  rule("basic_auth", { path: "*.key", users: [BOB] }),
  rule("deny_path", { path: "/private/*" }),
  rule("deny_path", { path: "*.bak", status: 404 }),
  rule("rewrite", { from: "/open/*", to: "/vault/:splat" }),
  rule("rewrite", { from: "/way/*", to: "/private/:splat" }),
  rule("redirect", { from: "/vault/moved", to: "/vault/file.txt" }),
  rule("cache", { path: "/*", cache_control: "public, max-age=60" }),
  '[error_pages]\n401 = "/401.html"\n',
].join("");

const server = useSaker({
  config: CONFIG,
  site: {
    "index.html": "home",
    "401.html": "<p>own page",
    "vault/file.txt": CONTENT,
    "vault/app.html": `${CONTENT} app`,
    "vault/index.html": `${CONTENT} index`,
    "vault/large.bin": LARGE,
    "vault/page.html": CONTENT.repeat(50),
    "vault/page.html.gz": gzipSync(CONTENT.repeat(50)),
    "vault/sub/a.txt": CONTENT,
    "members.html": CONTENT,
    "lounge.html": CONTENT,
    "lounge/index.html": CONTENT,
    "members.html.br": CONTENT,
    "server.key": CONTENT,
    "server.key.gz": CONTENT,
    "private/a.txt": CONTENT,
    "private/index.html": CONTENT,
    "old.bak": CONTENT,
    "old.bak.gz": CONTENT,
    "OLD.BAK": CONTENT,
    "list/a.txt": "a",
    "list/b.bak": CONTENT,
    "link.txt": { link: "vault/file.txt" },
  },
});

const get = (target: string, lines: readonly string[] = [], method = "GET"): Promise<ClientResponse> =>
  server.saker.get(target, lines, method);

const isSecret = (response: ClientResponse): boolean => Buffer.from(response.body).includes("TOP SECRET");

/** Every way to a file below /vault that a client could think of. */
const WAYS_IN = [
  "/vault/file.txt",
  "/vault//file.txt",
  "//vault/file.txt",
  "/./vault/file.txt",
  "/x/../vault/file.txt",
  "/%76ault/file.txt",
  "/vault/%66ile.txt",
  "/vault/sub/../file.txt",
  "/vault/file.txt?x=y",
  "http://test.example/vault/file.txt",
  "/vault",
  "/vault/",
  "/vault/index",
  "/vault/app",
  "/vault/page",
  "/vault/page.html",
  "/vault/page.html.gz",
  "/vault/large.bin",
  "/vault/sub/",
  "/vault/sub",
  "/vault/not-there",
  "/vault/not-there.txt",
  "/vault/moved",
  "/open/file.txt",
  "/open/sub/a.txt",
  "/open",
  "/members",
  "/members.html",
  "/members.html.br",
  "/lounge",
  "/lounge.html",
  "/lounge/",
  "/lounge/index",
  "/lounge/index.html",
  "/server.key",
  "/server.key.gz",
  "/any/route",
];

test.each([
  ["/vault/%FF", 401],
  ["/vault/caf%E9/a", 401],
  ["/open/%FF", 404], // as every name that /vault doesn't have
  ["/private/%FF", 403],
  ["/way/%FF", 403],
  ["/%FF.key", 401],
  ["/x/%FF.bak", 404],
  ["/private%C0%AF..%C0%AFindex.html", 404],
  ["/%C0%AE%C0%AE/private/a.txt", 404],
  ["/vault%C0%AFfile.txt", 404],
])("%s, a name that is no UTF-8, is %d: guards see its octets", async (target, status) => {
  const response = await get(target);
  expect(isSecret(response)).toBe(false);
  expect(response.status).toBe(status);
});

describe("without a password", () => {
  test.each(WAYS_IN)("%s asks for one and tells nothing", async (target) => {
    for (const lines of [
      [],
      ["Range: bytes=0-3"],
      ["If-None-Match: *"],
      ["If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"],
      ["Accept-Encoding: gzip, br, zstd"],
      ["Accept: application/json"],
    ]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await get(target, lines, method);
        expect(response.status).toBe(401);
        expect(response.field("WWW-Authenticate")).toMatch(/^Basic realm="[\w ]+", charset="UTF-8"$/);
        expect(isSecret(response)).toBe(false);
        for (const name of [
          "ETag",
          "Last-Modified",
          "Location",
          "Content-Range",
          "Content-Encoding",
          "Cache-Control",
        ]) {
          expect(response.field(name)).toBeNull();
        }
        expect(response.field("X-Frame-Options")).toBe("SAMEORIGIN");
        const page = lines[0]?.endsWith("json") === true ? /^\{"type":"about:blank",.*,"status":401,/ : /^<p>own page$/;
        if (method === "GET") expect(response.text).toMatch(page);
      }
    }
  });

  test("what is open is open", async () => {
    expect((await get("/")).text).toBe("home");
    expect((await get("/nothing.txt")).status).toBe(404);
  });

  test("the realm is the rule's", async () => {
    expect((await get("/vault/")).field("WWW-Authenticate")).toContain('"The vault"');
    expect((await get("/members")).field("WWW-Authenticate")).toContain('"Restricted"');
  });
});

describe("a wrong password", () => {
  test.each([
    basic("ann", "hunter3"),
    basic("ann", ""),
    basic("ann", "hunter2 "),
    basic("ANN", "hunter2"),
    basic("", "hunter2"),
    basic("", ""),
    basic("eve", "hunter2"),
    basic("bob", "hunter2"),
    basic("__proto__", "x"),
    basic("ann", ANN.slice(4)),
    basic("ann", "hunter2\0"),
    "Authorization: Basic",
    "Authorization: Basic ",
    "Authorization: Basic !!!!",
    "Authorization: Basic YW5u",
    "Authorization: Bearer YW5uOmh1bnRlcjI=",
    "Authorization: Digest username=ann",
    `${basic("ann", "hunter2")}, ${basic("ann", "hunter2").slice(15)}`,
    `${basic("ann", "hunter2")}\r\n${basic("ann", "hunter2")}`,
    `X-${basic("ann", "hunter2")}`,
    `Proxy-${basic("ann", "hunter2")}`,
    `Authorization: Basic ${"A".repeat(8000)}`,
  ])("%j admits no one", async (line) => {
    for (let round = 0; round < 2; round++) {
      const response = await get("/vault/file.txt", [line]);
      expect(response.status).toBe(401);
      expect(isSecret(response)).toBe(false);
    }
  });
});

describe("the right password", () => {
  test.each([
    ["/vault/file.txt", basic("ann", "hunter2")],
    ["/vault/file.txt", basic("bob", "pässwörd:with:colons")],
    ["/vault/file.txt", basic("ann", "hunter2").replace("Basic", "bAsIc")],
    ["/vault//sub/../file.txt", basic("ann", "hunter2")],
    ["/vault/", basic("ann", "hunter2")],
    ["/vault/large.bin", basic("ann", "hunter2")],
    ["/open/file.txt", basic("bob", "pässwörd:with:colons")],
    ["/members", basic("ann", "hunter2")],
    ["/any/route", basic("ann", "hunter2")],
    ["/server.key", basic("bob", "pässwörd:with:colons")],
  ])("%s with %s", async (target, line) => {
    for (let round = 0; round < 3; round++) {
      const response = await get(target, [line]);
      expect(response.status).toBe(200);
      expect(isSecret(response)).toBe(true);
      expect(response.field("Cache-Control")).toBe("private, max-age=60");
    }
  });

  test("of another rule is none", async () => {
    expect((await get("/members", [basic("bob", "pässwörd:with:colons")])).status).toBe(401);
    expect((await get("/server.key", [basic("ann", "hunter2")])).status).toBe(401);
  });

  test("conditions, ranges, HEAD and codings work as for any file", async () => {
    const line = basic("ann", "hunter2");
    const whole = await get("/vault/file.txt", [line]);
    const tag = whole.field("ETag")!;
    expect((await get("/vault/file.txt", [line, `If-None-Match: ${tag}`])).status).toBe(304);
    expect((await get("/vault/file.txt", [`If-None-Match: ${tag}`])).status).toBe(401);
    expect((await get("/vault/file.txt", [line, "Range: bytes=0-2"])).text).toBe("TOP");
    expect((await get("/vault/large.bin", [line, "Range: bytes=0-2"])).text).toBe("TOP");
    expect((await get("/vault/file.txt", [line], "HEAD")).field("Content-Length")).toBe(String(CONTENT.length));
    const coded = await get("/vault/page.html", [line, "Accept-Encoding: gzip"]);
    expect(coded.field("Content-Encoding")).toBe("gzip");
    expect((await get("/vault/moved", [line])).field("Location")).toBe("/vault/file.txt");
    expect((await get("/vault/none.txt", [line])).status).toBe(404);
  });

  test("admits clients that have it, while it refuses others", async () => {
    const lines = [[basic("ann", "hunter2")], [], [basic("ann", "wrong")], [basic("bob", "pässwörd:with:colons")]];
    const responses = await Promise.all(
      Array.from({ length: 40 }, (_, index) => get(`/vault/sub/a.txt?${index >> 3}`, lines[index % 4]!)),
    );
    expect(responses.map(({ status }) => status)).toEqual(
      responses.map((_, index) => [200, 401, 401, 200][index % 4]!),
    );
    for (const response of responses) expect(isSecret(response)).toBe(response.status === 200);
  });

  test("on one connection, pipelined with requests that lack it", async () => {
    await using client = await server.saker.connect();
    const line = basic("ann", "hunter2");
    const requests = [[line], [], [line], [basic("ann", "x")], [line]];
    await client.send(requests.map((lines) => requestOctets("/vault/file.txt", lines)).join(""));
    const responses = await client.readResponses(5);
    expect(responses.map(({ status }) => status)).toEqual([200, 401, 200, 401, 200]);
  });

  test("OPTIONS tells only what it tells everyone", async () => {
    const response = await get("/vault/file.txt", [], "OPTIONS");
    expect(response.status).toBe(200);
    expect(response.field("Allow")).toBe("GET, HEAD, OPTIONS");
  });

  test("nothing of it is in what the server prints", () => {
    const { output } = server.saker;
    for (const word of ["hunter", "pässwörd", "YW5uOmh1bnRlcjI", "$2b$"]) expect(output).not.toContain(word);
  });
});

describe("denied paths", () => {
  test.each([
    ["/private/a.txt", 403],
    ["/private/", 403],
    ["/private", 403],
    ["/PRIVATE/a.txt", 403],
    ["/%70rivate/a.txt", 403],
    ["/private//a.txt", 403],
    ["/x/../private/a.txt", 403],
    ["/private/not-there", 403],
    ["/way/a.txt", 403],
    ["/old.bak", 404],
    ["/OLD.BAK", 404],
    ["/old.bak.gz", 404],
    ["/old%2ebak", 404],
    ["/list/b.bak", 404],
  ])("%s: %d", async (target, status) => {
    for (const lines of [[], [basic("ann", "hunter2")], ["Range: bytes=0-3"], ["Accept-Encoding: gzip"]]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await get(target, lines, method);
        expect(response.status).toBe(status);
        expect(isSecret(response)).toBe(false);
      }
    }
  });
  test("are not listed", async () => {
    const listing = await get("/list/");
    expect(listing.text).toContain("a.txt");
    expect(listing.text).not.toContain("b.bak");
  });
});
