/**
 * What `saker explain` says is what the server answers: status, and every field but Date, over raw TCP with the same file.
 *
 * Keeps: X-Cache, Cache-Status and Expires are compared by name, as the server has answered for most paths before, and later; a boundary is random.
 */
import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { explainRequest } from "../../../src/cli/explain/explain-request.ts";
import { requestOf } from "../../../src/cli/explain/synthetic-request.ts";
import { loadConfiguration } from "../../../src/config/load-settings.ts";
import { until } from "../../support/deadline.ts";
import { randomOctets } from "../../support/octets.ts";
import { type SharedSaker, useSaker } from "../../support/use-saker.ts";

const TEXT = "The falcon cannot hear the falconer. ".repeat(200);

const CONFIG = (root: string) => `
clean_urls = true
spa_fallback = "/app.html"
security_headers = true
max_cached_file_kb = 64
netlify_files = true

[error_pages]
404 = "/404.html"
403 = "/missing.html"

[[redirect]]
from = "/old/:year/*"
to = "/new/:year/:splat"
status = 308

[[redirect]]
from = "/away"
to = "https://example.com/there?x=1#y"

[[rewrite]]
from = "/api/*"
to = "/api.json"

[[rewrite]]
from = "/maybe/*"
to = "/about.html"
when = "missing"

[[header]]
path = "/*"
set = { X-All = "1" }

[[header]]
path = "*.html"
set = { X-Page = "yes" }
remove = ["X-All"]

[[deny_path]]
path = "*.bak"

[[deny_path]]
path = "/private/*"
status = 404

[[basic_auth]]
path = "/members/*"
realm = "Members"
users = [${JSON.stringify(`ann:${Bun.password.hashSync("secret", { algorithm: "bcrypt", cost: 4 })}`)}]

[cors]
path = "/api/*"
allowed_origins = ["https://a.example", "https://*.b.example"]
allowed_headers = ["X-Token"]

[[rewrite]]
from = "/side-door"
to = "/members/list.txt"

[[cache]]
path = "*.css"
cache_control = "public, max-age=60"
expires = true
immutable = true

[[virtual_host]]
names = ["docs.example", "*.docs.example"]
root = ${JSON.stringify(`${root}/docs`)}
trailing_slash = "remove"
encoded_slashes = "decode"

[[virtual_host]]
names = ["list.example"]
try_files = ["{path}", "{path}/", "/app.html"]

[[virtual_host]]
names = ["listed.example"]
root = ${JSON.stringify(`${root}/bare`)}
directory_listing = true
netlify_files = false
`;

const server = useSaker({
  site: {
    "index.html": "start",
    "about.html": TEXT,
    "app.html": "app",
    "404.html": TEXT,
    "api.json": "{}",
    "empty.txt": "",
    "with space.txt": "space",
    "größe.txt": "Größe",
    "photo.jpg": randomOctets(9000),
    "large.bin": randomOctets(100_000),
    "style.css": TEXT,
    "app.3f9c2b1a.css": TEXT,
    "ready.js": TEXT,
    "ready.js.gz": gzipSync(TEXT),
    "notes.bak": "old",
    "private/secret.txt": "secret",
    "folder/index.html": "folder",
    "bare/file.txt": "file",
    "members/list.txt": "ann",
    ".hidden": "hidden",
    ".well-known/security.txt": "Contact: mailto:a@example.com",
    "../outside.txt": "outside",
    "link-out.txt": { link: "../outside.txt" },
    "link-in.txt": { link: "empty.txt" },
    "image.svgz": gzipSync("<svg/>"),
    _redirects: `/netlify/* /folder/ 302
/store id=:id /blog/:id 301
/welcome /about.html 200 Language=de
/welcome /folder/ 302
`,
    _headers: "/folder/*\n  X-Netlify: yes\n",
    "docs/index.html": "docs",
    "docs/guide.html": "guide",
    "docs/part/index.html": "part",
  },
  config: (site) => CONFIG(site.root),
});

type Row = readonly [line: string, status: number, ...fields: string[]];

const ETAG = '"x-y"';
const LONG_AGO = "Sun, 06 Nov 1994 08:49:37 GMT";
const LATER = "Fri, 01 Jan 2100 00:00:00 GMT";

const FILES: Row[] = [
  ["GET /", 200],
  ["HEAD /", 200],
  ["GET /about.html", 200],
  ["GET /about", 200],
  ["HEAD /about", 200],
  ["GET /empty.txt", 200],
  ["GET /with%20space.txt", 200],
  ["GET /with space.txt", 200],
  ["GET /größe.txt", 200],
  ["GET /photo.jpg", 200],
  ["GET /large.bin", 200],
  ["GET /folder/", 200],
  ["GET /folder", 301],
  ["GET /folder?q=1", 301],
  ["GET /a/../about.html", 200],
  ["GET //about.html", 200],
  ["GET /%61bout.html?x", 200],
  ['GET /about.html?"<|>{ü}', 200],
  ["GET /{a}|b", 200],
  ["GET /link-in.txt", 200],
  ["GET /.well-known/security.txt", 200],
];

const FAILURES: Row[] = [
  ["GET /nothing.txt", 404],
  ["HEAD /nothing.txt", 404],
  ["GET /bare/", 200],
  ["GET /.hidden", 404],
  ["GET /link-out.txt", 404],
  ["GET /notes.bak", 403],
  ["GET /NOTES.BAK", 403],
  ["GET /private/secret.txt", 404],
  ["GET /_redirects", 404],
  ["GET /../x", 400],
  ["GET /%zz", 400],
  ["GET /%00", 400],
  ["GET /a%2fb", 404],
  ["POST /about.html", 405],
  ["DELETE /nothing.txt", 405],
  ["BREW /about.html", 501],
  ["GET /about.html", 400, "Host: a b"],
  ["GET /about.html", 417, "Expect: coffee"],
  ["GET /about.html", 400, "Content-Length: x"],
  [`GET /${"x".repeat(9000)}`, 414],
  ["OPTIONS /about.html", 200],
  ["OPTIONS *", 200],
];

const RULES: Row[] = [
  ["GET /old/2020/a/b", 308],
  ["GET /old/2020/a%20b?q", 308],
  ["POST /old/2020/a?q", 308],
  ['GET /old/2020/{a}|"b"/[c]?<q>^ü', 308],
  ["DELETE /netlify/a", 405],
  ["GET /away", 301],
  ["GET /away?own=1", 301],
  ["GET /api/v1/users", 200],
  ["GET /maybe/not", 200],
  ["GET /some/route", 200],
  ["GET /netlify/a", 302],
  ["GET /store?id=5&x=1", 301],
  ["GET /store?id=..", 200],
  ["GET /welcome", 200, "Accept-Language: de-AT, en;q=0.5"],
  ["GET /welcome", 302, "Accept-Language: fr"],
  ["GET http://listed.example/", 200],
  ["GET /style.css", 200],
  ["GET /app.3f9c2b1a.css", 200],
  ["GET http://docs.example/", 200],
  ["GET http://www.docs.example/guide", 200],
  ["GET http://docs.example/guide/", 301],
  ["GET http://docs.example/part", 200],
  ["GET http://docs.example/x%2F..%2Fguide", 200],
  ["GET http://docs.example/part%2f", 301],
  ["GET http://docs.example/..%2fabout", 400],
  ["GET http://DOCS.example.:8080/none", 404],
  ["GET http://list.example/none", 200],
  ["GET http://other.example/about", 200],
];

const SELECTIONS: Row[] = [
  ["GET /style.css", 200, "Accept-Encoding: br, gzip"],
  ["GET /style.css", 200, "Accept-Encoding: gzip"],
  ["GET /style.css", 200, "Accept-Encoding: gzip;q=0, *"],
  ["GET /style.css", 200, "Accept-Encoding: identity"],
  ["HEAD /style.css", 200, "Accept-Encoding: zstd"],
  ["GET /ready.js", 200, "Accept-Encoding: gzip"],
  ["GET /image.svgz", 200, "Accept-Encoding: gzip"],
  ["GET /image.svgz", 200, "Accept-Encoding: br"],
  ["GET http://listed.example/", 200, "Accept-Encoding: br"],
  ["GET http://listed.example/", 304, "Accept-Encoding: br", "If-None-Match: *"],
  ["GET /photo.jpg", 200, "Accept-Encoding: gzip"],
  ["GET /about.html", 304, "If-None-Match: *"],
  ["GET /about.html", 200, `If-None-Match: ${ETAG}`],
  ["GET /about.html", 304, `If-Modified-Since: ${LATER}`],
  ["GET /about.html", 200, `If-Modified-Since: ${LONG_AGO}`],
  ["GET /about.html", 200, `If-None-Match: ${ETAG}`, `If-Modified-Since: ${LATER}`],
  ["GET /about.html", 412, `If-Match: ${ETAG}`],
  ["GET /about.html", 412, `If-Unmodified-Since: ${LONG_AGO}`],
  ["HEAD /about.html", 304, "If-None-Match: *"],
  ["GET /nothing.txt", 404, "If-None-Match: *"],
  ["GET /photo.jpg", 206, "Range: bytes=0-9"],
  ["GET /photo.jpg", 206, "Range: bytes=-5"],
  ["GET /large.bin", 206, "Range: bytes=99990-"],
  ["GET /photo.jpg", 206, "Range: bytes=0-9,100-109"],
  ["GET /photo.jpg", 416, "Range: bytes=9000-"],
  ["GET /photo.jpg", 200, "Range: lines=1-2"],
  ["GET /photo.jpg", 200, "Range: bytes=0-9", `If-Range: ${ETAG}`],
  ["HEAD /photo.jpg", 200, "Range: bytes=0-9"],
  ["GET /empty.txt", 200, "Range: bytes=0-"],
  ["GET /about.html", 206, "Accept-Encoding: br", "Range: bytes=0-9"],
  ["GET /about.html", 416, "Accept-Encoding: br", "Range: bytes=999999-"],
  ["GET /about.html", 200, "Accept-Encoding: br, identity;q=0", "Range: bytes=0-9"],
  ["GET /about.html", 200, "Accept-Encoding: br", "Range: bytes=0-9", `If-Range: ${LATER}`],
  ["GET /about.html", 412, "Accept-Encoding: br", "Range: bytes=0-9", `If-Match: ${ETAG}`],
  ["GET /about.html", 200, "Connection: close"],
];

const ANN = `Authorization: Basic ${btoa("ann:secret")}`;
const PREFLIGHT = ["Access-Control-Request-Method: GET", "Access-Control-Request-Headers: X-Token"];

const VISITORS: Row[] = [
  ["GET /members/list.txt", 401],
  ["HEAD /members/list.txt", 401],
  ["GET /members/list.txt", 401, `Authorization: Basic ${btoa("ann:guess")}`],
  ["GET /members/list.txt", 401, "Authorization: Bearer x"],
  ["GET /members/none.txt", 401],
  ["GET /members/list.txt", 200, ANN],
  ["GET /members/none.txt", 404, ANN],
  ["GET /members/list.txt", 304, ANN, "If-None-Match: *"],
  ["GET /side-door", 401],
  ["GET /side-door", 200, ANN],
  ["GET /api/x", 200, "Origin: https://a.example"],
  ["GET /api/x", 200, "Origin: https://x.b.example"],
  ["GET /api/x", 200, "Origin: https://evil.example"],
  ["GET /about", 200, "Origin: https://a.example"],
  ["OPTIONS /api/x", 200, "Origin: https://a.example", ...PREFLIGHT],
  ["OPTIONS /api/x", 200, "Origin: https://evil.example", ...PREFLIGHT],
  ["OPTIONS /api/x", 200, "Origin: https://a.example"],
  ["POST /api/x", 405, "Origin: https://a.example"],
  ["POST /api/x", 405, "Origin: https://evil.example"],
  ["BREW /api/x", 501, "Origin: https://a.example"],
  ["GET /api/%zz", 400, "Origin: https://a.example"],
  ["HEAD /api/.x", 404, "Origin: https://a.example"],
  ["GET /api/a%2Fb", 404, "Origin: https://a.example"],
  ["GET /api/x", 417, "Origin: https://a.example", "Expect: coffee"],
  ["GET /api/x", 400, "Origin: https://a.example", "Content-Length: x"],
  ["POST /about", 405, "Origin: https://a.example"],
];

/** What differs between one answer and the next. */
function comparable(fields: readonly (readonly [name: string, value: string])[]): string[] {
  return fields
    .filter(([name]) => name !== "Date")
    .map(
      ([name, value]) =>
        `${name}: ${/^(X-Cache|Cache-Status|Expires)$/.test(name) ? "…" : value.replace(/boundary=\w+/, "boundary=…")}`,
    );
}

async function compare({ saker }: SharedSaker, line: string, status: number, fields: readonly string[]): Promise<void> {
  const space = line.indexOf(" ");
  const request = requestOf(line.slice(0, space), line.slice(space + 1), fields);
  const configuration = loadConfiguration({ argv: ["--config", saker.configFile], env: {}, cwd: "/" });
  const { response } = await explainRequest(configuration.settings, configuration.originOf, request);
  await using client = await saker.connect();
  const answer = await client.request(request.octets.toString("utf8"));
  expect(comparable(answer.head.fields)).toEqual(comparable(response!.fields.map(({ name, value }) => [name, value])));
  expect(response).toMatchObject({ status: answer.status, content_octets: answer.body.length });
  expect(answer.status).toBe(status);
}

/** Listings, hosts that are refused, slashes, no cache, a last response. */
const otherServer = useSaker({
  site: {
    "index.html": "start",
    "about.html": TEXT,
    "list/one.txt": "1",
    "list/two/three.txt": "3",
    "large.bin": randomOctets(50_000),
    "host/index.html": "host",
  },
  config: (site) => `
directory_listing = true
trailing_slash = "add"
clean_urls = true
unknown_host = 421
cache_size_mb = 0
cache_field = "both"
keepalive_requests = 1
server_header = ""
[[virtual_host]]
names = ["known.example"]
[[virtual_host]]
names = ["*.known.example"]
root = ${JSON.stringify(`${site.root}/host`)}
`,
});

const KNOWN = "http://known.example";

const OTHERS: Row[] = [
  [`GET ${KNOWN}/`, 200],
  [`GET ${KNOWN}/about`, 301],
  [`GET ${KNOWN}/about/`, 200, "Accept-Encoding: gzip"],
  [`GET ${KNOWN}/list`, 301],
  [`GET ${KNOWN}/list/`, 200],
  [`GET ${KNOWN}/list/?sort=size`, 200],
  [`GET ${KNOWN}/list/`, 200, "Accept: application/json"],
  [`HEAD ${KNOWN}/list/`, 200],
  [`GET ${KNOWN}/list/`, 304, "If-None-Match: *"],
  [`GET ${KNOWN}/list/`, 206, "Range: bytes=0-5"],
  [`GET ${KNOWN}/large.bin`, 200],
  [`GET ${KNOWN}/large.bin`, 206, "Range: bytes=1-2,4-5"],
  [`GET ${KNOWN}/none`, 404],
  ["GET http://x.known.example/", 200],
  ["GET http://unknown.example/", 421],
  ["HEAD http://unknown.example/", 421],
  ["POST http://unknown.example/", 421],
  ["GET http://unknown.example/%zz", 421],
  [`POST ${KNOWN}/`, 417, "Expect: x"],
];

describe.each([
  ["files", FILES, server],
  ["failures", FAILURES, server],
  ["rules", RULES, server],
  ["selections", SELECTIONS, server],
  ["visitors", VISITORS, server],
  ["other settings", OTHERS, otherServer],
] as const)("%s", (_, rows, shared) => {
  const named = rows.map(([line, status, ...fields]) => {
    return [`${line} ${fields.join(" ")}`.slice(0, 80), line, status, fields] as const;
  });
  test.each(named)("%s", (_name, line, status, fields) => compare(shared, line, status, fields));
});

test("an error page is explained in the coding that it is sent in, once the server has made that", async () => {
  const { saker } = server;
  const coded = async () => (await saker.get("/nothing.txt", ["Accept-Encoding: br"])).field("Content-Encoding");
  await until(async () => (await coded()) === "br", "the page is compressed");
  for (const method of ["GET", "HEAD"]) await compare(server, `${method} /nothing.txt`, 404, ["Accept-Encoding: br"]);
});
