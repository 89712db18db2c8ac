/** Fields that rules set, on every kind of response; Cache-Control; CORS; the site's own error pages. */
import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import type { ClientResponse } from "../support/response.ts";
import { requestOctets } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const LARGE = Buffer.alloc(100_000, "x");

const linesOf = ({ head: { fields } }: ClientResponse, name: string): string[] =>
  fields.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);

describe("[[header]] and security_headers", () => {
  const server = useSaker({
    config: `security_headers = true
directory_listing = true
[[header]]
path = "/*"
set = { X-All = "all", X-Later = "first", X-List = ["a", "b"], Set-Cookie = ["a=1; Path=/", "b=2"] }
[[header]]
path = "*.html"
set = { X-Page = "page", Vary = "Accept-Language", X-Later = "second", x-frame-options = "DENY" }
remove = ["Referrer-Policy", "Server"]
[[header]]
path = "/api/*"
set = { Content-Type = "application/vnd.api+json", Content-Disposition = "attachment", Cache-Control = "no-store" }
remove = ["ETag", "Last-Modified", "Accept-Ranges", "X-Cache"]
[[header]]
path = "/packed.svg"
set = { Content-Encoding = "gzip" }
[[redirect]]
from = "/moved"
to = "/"
`,
    site: {
      "index.html": "home",
      "page.html": "<p>".repeat(500),
      "page.html.gz": gzipSync("<p>".repeat(500)),
      "api/data": "{}",
      "packed.svg": gzipSync("<svg/>"),
      "large.bin": LARGE,
      "list/a.txt": "a",
    },
  });

  test.each([
    ["a file", "/large.bin", [], 200],
    ["a file by its folder", "/", [], 200],
    ["304", "/index.html", ["If-None-Match: *"], 304],
    ["206", "/index.html", ["Range: bytes=0-1"], 206],
    ["206 of a large file", "/large.bin", ["Range: bytes=0-1"], 206],
    ["206 in parts", "/index.html", ["Range: bytes=0-0,2-2"], 206],
    ["404", "/missing", [], 404],
    ["412", "/index.html", ['If-Match: "other"'], 412],
    ["416", "/large.bin", ["Range: bytes=100000-"], 416],
    ["a redirect", "/moved", [], 301],
    ["a folder's redirect", "/list", [], 301],
    ["a listing", "/list/", [], 200],
  ])("%s", async (_, target, lines, status) => {
    for (const method of [206, 304, 416].includes(status) ? ["GET"] : ["GET", "HEAD", "GET"]) {
      const response = await server.saker.get(target, lines, method);
      expect(response.status).toBe(status);
      expect(response.field("X-All")).toBe("all");
      expect(response.field("X-List")).toBe("a, b");
      expect(linesOf(response, "set-cookie")).toEqual(["a=1; Path=/", "b=2"]);
      expect(response.field("X-Content-Type-Options")).toBe("nosniff");
      expect(response.field("Content-Security-Policy")).toContain("object-src 'none'");
    }
  });

  test("later rules win, names have no case, presets give way", async () => {
    const page = await server.saker.get("/");
    expect(page.field("X-Later")).toBe("second");
    expect(page.field("X-Page")).toBe("page");
    expect(page.field("X-Frame-Options")).toBe("DENY");
    expect(page.field("Referrer-Policy")).toBeNull();
    expect(page.field("Server")).toBeNull();
    const other = await server.saker.get("/large.bin");
    expect(other.field("X-Later")).toBe("first");
    expect(other.field("X-Frame-Options")).toBe("SAMEORIGIN");
    expect(other.field("Server")).toBe("saker");
  });

  test("Vary grows", async () => {
    const page = await server.saker.get("/page.html", ["Accept-Encoding: gzip"]);
    expect(page.field("Content-Encoding")).toBe("gzip");
    const members = page.field("Vary")!.split(", ").sort();
    expect(members).toEqual(["Accept-Encoding", "Accept-Language"]);
    expect(page.field("X-Page")).toBe("page");
  });

  test("what describes a file can be set and left out", async () => {
    const response = await server.saker.get("/api/data");
    expect(response.field("Content-Type")).toBe("application/vnd.api+json");
    expect(response.field("Content-Disposition")).toBe("attachment");
    for (const name of ["ETag", "Last-Modified", "Accept-Ranges", "X-Cache"]) expect(response.field(name)).toBeNull();
    expect(response.field("Content-Length")).toBe("2");
  });

  test("and stays with files", async () => {
    const response = await server.saker.get("/api/missing");
    expect(response.status).toBe(404);
    expect(response.field("Content-Type")).toBe("text/plain; charset=utf-8");
    expect(response.field("Content-Disposition")).toBeNull();
    expect(response.field("Cache-Control")).toBeNull();
  });

  test("a file that is coded already is not coded again", async () => {
    const response = await server.saker.get("/packed.svg", ["Accept-Encoding: gzip, br, zstd"]);
    expect(response.field("Content-Encoding")).toBe("gzip");
    expect(response.field("Vary")).toBeNull();
    expect(Buffer.compare(response.body, gzipSync("<svg/>"))).toBe(0);
  });

  test("parts have the type that rules give the file", async () => {
    const response = await server.saker.get("/api/data", ["Range: bytes=0-0,1-1"]);
    if (response.status === 206 && response.field("Content-Type")!.startsWith("multipart/")) {
      expect(response.text).toContain("Content-Type: application/vnd.api+json");
    }
  });
});

describe("[[cache]]", () => {
  const server = useSaker({
    config: `[[cache]]
path = "/assets/*"
immutable = true
cache_control = "public, max-age=60"
[[cache]]
path = "*.html"
cache_control = "no-cache"
[[cache]]
path = "/dated/*"
cache_control = "public, max-age=3600"
expires = true
[cors]
allowed_origins = ["https://a.example", "https://b.example"]
`,
    site: {
      "index.html": "home",
      "assets/app.3f9c2b1a.js": "js",
      "assets/app.js": "js",
      "assets/index.html": "first rule wins",
      "other.txt": "other",
      "dated/page.txt": "page that is long enough for parts",
      "dated/large.bin": LARGE,
    },
  });
  test.each([
    ["/assets/app.3f9c2b1a.js", "public, max-age=31536000, immutable"],
    ["/assets/app.js", "public, max-age=60"],
    ["/assets/", "public, max-age=60"],
    ["/", "no-cache"],
    ["/other.txt", null],
    ["/assets/missing.3f9c2b1a.js", null],
    ["/assets", "public, max-age=60"],
  ])("%s: %s", async (target, value) => {
    const response = await server.saker.get(target);
    expect(response.field("Cache-Control")).toBe(value);
    expect(response.has("Age")).toBe(false);
    if (response.status !== 200) return;
    const tag = response.field("ETag")!;
    const again = await server.saker.get(target, [`If-None-Match: ${tag}`]);
    expect([again.status, again.field("Cache-Control")]).toEqual([304, value]);
    expect([response.field("Expires"), again.field("Expires")]).toEqual([null, null]);
  });

  test.each([
    ["a page", "/dated/page.txt", [], 200],
    ["a large file", "/dated/large.bin", [], 200],
    ["304", "/dated/page.txt", ["If-None-Match: *"], 304],
    ["a range", "/dated/page.txt", ["Range: bytes=0-1"], 206],
    ["a range of a large file", "/dated/large.bin", ["Range: bytes=0-1"], 206],
    ["ranges", "/dated/page.txt", ["Range: bytes=0-0,2-2"], 206],
    ["another origin", "/dated/page.txt", ["Origin: https://a.example"], 200],
  ] as const)("Expires lies max-age behind the Date (RFC 9111 §5.3): %s", async (_, target, lines, status) => {
    for (let round = 0; round < 2; round++) {
      const response = await server.saker.get(target, lines);
      expect(response.status).toBe(status);
      const seconds = Date.parse(response.field("Expires")!) - Date.parse(response.field("Date")!);
      expect([seconds, response.field("Cache-Control")]).toEqual([3_600_000, "public, max-age=3600"]);
    }
  });
  test("nothing that isn't there has Expires, and nothing is guessed about it", async () => {
    const missing = await server.saker.get("/dated/missing");
    expect([missing.has("Expires"), missing.field("X-Content-Type-Options")]).toEqual([false, "nosniff"]);
  });
});

describe("rules about fields reach redirects", () => {
  const rules = `clean_urls = true
trailing_slash = "add"
netlify_files = true
[[redirect]]
from = "/old/*"
to = "/new/:splat"
[[redirect]]
from = "/members/old"
to = "/new"
[[cache]]
path = "/assets/*"
immutable = true
cache_control = "max-age=1"
[[cache]]
path = "/old/*"
cache_control = "public, max-age=60"
expires = true
[[cache]]
path = "/*"
cache_control = "public, max-age=5"
[[header]]
path = "/*"
set = { X-A = "1", Content-Language = "de", Set-Cookie = ["a=1", "b=2"] }
[[header]]
path = "/old/set"
set = { Cache-Control = "no-store" }
[[basic_auth]]
path = "/members/*"
users = ["ann:${Bun.password.hashSync("pw", { algorithm: "bcrypt", cost: 4 })}"]
`;
  const server = useSaker({
    config: rules,
    site: {
      _redirects: "/moved /new 302\n/assets/gone.3f9c2b1a.js /new\n",
      _headers: "/moved\n  Cache-Control: max-age=7\n",
      "folder/index.html": "folder",
      "page.html": "page",
    },
  });
  const ANN = `Authorization: Basic ${Buffer.from("ann:pw").toString("base64")}`;
  test.each<[string, string, string, string[], number, string]>([
    ["[[redirect]]", "GET", "/old/a", [], 301, "public, max-age=60"],
    ["without content", "HEAD", "/old/a?b", [], 301, "public, max-age=60"],
    ["of another method", "POST", "/old/a", ["Content-Length: 0"], 301, "public, max-age=60"],
    ["a field set over it", "GET", "/old/set", [], 301, "no-store"],
    ["_redirects and _headers", "GET", "/moved", [], 302, "max-age=7"],
    ["_redirects, of a name with a fingerprint", "GET", "/assets/gone.3f9c2b1a.js", [], 301, "max-age=1"],
    ["a folder's slash", "GET", "/folder", [], 301, "public, max-age=5"],
    ["a page's slash", "GET", "/page", [], 301, "public, max-age=5"],
    ["behind a password", "GET", "/members/old", [ANN], 301, "private, max-age=5"],
  ])("%s", async (_, method, target, lines, status, value) => {
    for (let round = 0; round < 2; round++) {
      const response = await server.saker.get(target, lines, method);
      expect([response.status, response.field("Cache-Control"), response.field("X-A")]).toEqual([status, value, "1"]);
      expect(response.has("Content-Language")).toBe(false);
      expect(linesOf(response, "set-cookie")).toEqual(["a=1", "b=2"]);
      const later = Date.parse(response.field("Expires") ?? "") - Date.parse(response.field("Date")!);
      expect(later).toEqual(value.endsWith("=60") ? 60_000 : Number.NaN);
    }
  });
  test("and no errors", async () => {
    for (const [target, status] of [
      ["/none.txt", 404],
      ["/members/old", 401],
    ] as const) {
      const response = await server.saker.get(target);
      expect([response.status, response.has("Cache-Control"), response.field("X-A")]).toEqual([status, false, "1"]);
    }
  });
});

describe("a redirect is kept by nobody but by a rule", () => {
  const server = useSaker({
    config: 'trailing_slash = "remove"\n[[cache]]\npath = "/a/*"\ncache_control = "no-cache"\n',
    site: {},
  });
  test.each([
    ["/a/b/", "no-cache"],
    ["/b/", null],
  ])("%s: %p", async (target, value) => {
    const response = await server.saker.get(target);
    expect([response.status, response.field("Cache-Control")]).toEqual([301, value]);
  });
});

describe("[error_pages]", () => {
  const server = useSaker({
    config: `cache_revalidate_ms = 0
[error_pages]
404 = "/errors/404.html"
405 = "/errors/405.txt"
400 = "/errors/none.html"
416 = "/errors/416.html"
[[header]]
path = "/marked/*"
set = { X-Marked = "yes" }
[[deny_path]]
path = "/errors/*"
`,
    site: {
      "index.html": "home",
      "errors/404.html": "<h1>lost</h1>",
      "errors/405.txt": "no",
      "errors/416.html": "no such part",
    },
  });
  test("are shown, with the status they are for", async () => {
    for (let round = 0; round < 2; round++) {
      const response = await server.saker.get("/missing");
      expect([response.status, response.text]).toEqual([404, "<h1>lost</h1>"]);
      expect(response.field("Content-Type")).toBe("text/html; charset=utf-8");
      expect(response.field("ETag")).toBeNull();
    }
    const head = await server.saker.get("/missing", [], "HEAD");
    expect([head.status, head.field("Content-Length")]).toEqual([404, "13"]);
  });
  test("have the fields their status needs, and those of rules", async () => {
    const response = await server.saker.get("/", ["Content-Length: 0"], "POST");
    expect([response.status, response.text, response.field("Allow")]).toEqual([405, "no", "GET, HEAD, OPTIONS"]);
    expect(response.field("Content-Type")).toBe("text/plain; charset=utf-8");
    expect((await server.saker.get("/marked/x")).field("X-Marked")).toBe("yes");
    const range = await server.saker.get("/", ["Range: bytes=99-"]);
    expect([range.status, range.text, range.field("Content-Range")]).toEqual([416, "no such part", "bytes */4"]);
  });
  test("one that isn't there gives way to the default, and is told at start", async () => {
    const response = await server.saker.get("/%zz");
    expect(response.status).toBe(400);
    expect(response.text).toStartWith("400 Bad Request: ");
    await server.saker.printed(/error page \/errors\/none\.html for 400 can't be read/);
  });
  test("are pages and nothing else: asked for themselves, rules hold", async () => {
    expect((await server.saker.get("/errors/404.html")).status).toBe(403);
  });
  test("a new version is noticed", async () => {
    await server.saker.site.replace("errors/404.html", "still lost");
    expect((await server.saker.get("/missing")).text).toBe("still lost");
    await server.saker.site.remove("errors/404.html");
    expect((await server.saker.get("/missing")).text).toStartWith("404 Not Found: ");
    await server.saker.site.place("errors/404.html", "found the page");
    expect((await server.saker.get("/missing")).text).toBe("found the page");
  });
});

describe("an error page outside of the root", () => {
  const server = useSaker({
    config: '[error_pages]\n404 = "/link.html"\n',
    site: { "link.html": { link: "../secret.html" }, "../secret.html": "secret" },
  });
  test("is not shown", async () => {
    expect((await server.saker.get("/missing")).text).not.toContain("secret");
  });
});

describe("[cors]", () => {
  const site = { "data.json": '{"a":1}', "large.bin": LARGE, "private/x": "x", "list/a": "a" };

  describe("for everyone", () => {
    const server = useSaker({ config: '[cors]\nallowed_origins = ["*"]\nallowed_headers = ["*"]\n', site });
    test.each(["/data.json", "/missing", "/list"])("%s", async (target) => {
      for (const lines of [[], ["Origin: https://any.example"]]) {
        const response = await server.saker.get(target, lines);
        expect(response.field("Access-Control-Allow-Origin")).toBe("*");
        expect(response.field("Access-Control-Allow-Credentials")).toBeNull();
        expect(response.field("Vary") ?? "").not.toContain("Origin");
      }
    });
  });

  describe("for some", () => {
    const server = useSaker({
      config: `[cors]
allowed_origins = ["https://a.example", "https://*.b.example"]
allowed_headers = ["X-Token"]
allow_credentials = true
exposed_headers = ["ETag"]
`,
      site,
    });
    const GOOD = ["https://a.example", "https://x.b.example"];
    const BAD = ["https://evil.example", "null", "https://a.example.evil.example", "http://a.example", "*"];

    test.each([
      ["/data.json", [], 200],
      ["/data.json", ["Range: bytes=0-1"], 206],
      ["/data.json", ["Range: bytes=0-0,2-2"], 206],
      ["/data.json", ["If-None-Match: *"], 304],
      ["/large.bin", [], 200],
      ["/large.bin", ["Range: bytes=5-9"], 206],
      ["/data.json", ["Range: bytes=9-"], 416],
      ["/large.bin", ['If-Match: "other"'], 412],
      ["/missing", [], 404],
      ["/list", [], 301],
    ])("%s %j", async (target, lines, status) => {
      const plain = await server.saker.get(target, lines);
      expect(plain.status).toBe(status);
      expect(plain.field("Vary")).toContain("Origin");
      expect(plain.field("Access-Control-Allow-Origin")).toBeNull();
      for (const origin of GOOD) {
        for (let round = 0; round < 2; round++) {
          const response = await server.saker.get(target, [...lines, `Origin: ${origin}`]);
          expect(response.status).toBe(status);
          expect(response.field("Access-Control-Allow-Origin")).toBe(origin);
          expect(response.field("Access-Control-Allow-Credentials")).toBe("true");
          expect(response.field("Access-Control-Expose-Headers")).toBe("ETag");
          expect(response.field("Vary")).toContain("Origin");
          expect(response.body.length).toBe(plain.body.length);
        }
      }
      for (const origin of BAD) {
        const response = await server.saker.get(target, [...lines, `Origin: ${origin}`]);
        expect(response.status).toBe(status);
        expect(response.field("Access-Control-Allow-Origin")).toBeNull();
        expect(response.field("Vary")).toContain("Origin");
      }
    });

    test("HEAD is as GET", async () => {
      const head = await server.saker.get("/data.json", ["Origin: https://a.example"], "HEAD");
      expect(head.field("Access-Control-Allow-Origin")).toBe("https://a.example");
      expect(head.field("Content-Length")).toBe("7");
    });

    test("coded variants are as the file", async () => {
      const lines = ["Accept-Encoding: gzip", "Origin: https://a.example"];
      const response = await server.saker.get("/data.json", lines);
      expect(response.field("Access-Control-Allow-Origin")).toBe("https://a.example");
    });

    test("pipelined with others", async () => {
      await using client = await server.saker.connect();
      const origins = [...GOOD, ...BAD, ...GOOD];
      await client.send(origins.map((origin) => requestOctets("/data.json", [`Origin: ${origin}`])).join(""));
      const responses = await client.readResponses(origins.length);
      expect(responses.map((response) => response.field("Access-Control-Allow-Origin"))).toEqual(
        origins.map((origin) => (GOOD.includes(origin) ? origin : null)),
      );
      for (const response of responses) expect(response.text).toBe('{"a":1}');
    });

    const preflight = (origin: string, lines: readonly string[] = []) =>
      server.saker.get(
        "/data.json",
        [
          `Origin: ${origin}`,
          "Access-Control-Request-Method: GET",
          "Access-Control-Request-Headers: x-token",
          ...lines,
        ],
        "OPTIONS",
      );

    test("a preflight is told what is allowed", async () => {
      const response = await preflight("https://x.b.example");
      expect([response.status, response.field("Content-Length")]).toEqual([200, "0"]);
      expect(response.field("Access-Control-Allow-Origin")).toBe("https://x.b.example");
      expect(response.field("Access-Control-Allow-Methods")).toBe("GET, HEAD");
      expect(response.field("Access-Control-Allow-Headers")).toBe("X-Token");
      expect(response.field("Access-Control-Max-Age")).toBe("600");
      expect(response.field("Vary")).toContain("Origin");
    });
    test.each(BAD)("and %s nothing", async (origin) => {
      const response = await preflight(origin);
      expect(response.status).toBe(200);
      expect(response.field("Access-Control-Allow-Origin")).toBeNull();
      expect(response.field("Access-Control-Allow-Methods")).toBeNull();
    });
    test("an OPTIONS without a question is answered as ever", async () => {
      const response = await server.saker.get("/data.json", ["Origin: https://a.example"], "OPTIONS");
      expect([response.status, response.field("Allow")]).toEqual([200, "GET, HEAD, OPTIONS"]);
      expect(response.field("Access-Control-Allow-Methods")).toBeNull();
    });
  });

  describe("for some paths, and one origin", () => {
    const server = useSaker({
      config: '[cors]\nallowed_origins = ["https://a.example"]\npath = "*.json"\n',
      site,
    });
    test("needs no Vary, and holds where it holds", async () => {
      const response = await server.saker.get("/data.json");
      expect(response.field("Access-Control-Allow-Origin")).toBe("https://a.example");
      expect(response.field("Vary") ?? "").not.toContain("Origin");
      expect((await server.saker.get("/large.bin")).field("Access-Control-Allow-Origin")).toBeNull();
    });
  });
});
