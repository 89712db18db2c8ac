/**
 * What `saker explain` says is what the server answers: status, every field but Date, and length of the content, over raw TCP with the
 * same file. A sample with one or two requests for each decision; the decisions have tests of their own beside their functions.
 *
 * Keeps: X-Cache and Expires are compared by name, as the server answers later and may have answered before; a boundary is random.
 */
import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { explainRequest } from "../../../src/cli/explain/explain-request.ts";
import type { Explanation } from "../../../src/cli/explain/explanation.ts";
import { requestOf } from "../../../src/cli/explain/synthetic-request.ts";
import { loadConfiguration } from "../../../src/config/load-settings.ts";
import { until } from "../../support/deadline.ts";
import { randomOctets } from "../../support/octets.ts";
import type { ClientResponse } from "../../support/response.ts";
import { useSaker } from "../../support/use-saker.ts";

const TEXT = "The falcon cannot hear the falconer. ".repeat(200);

const server = useSaker({
  site: {
    "index.html": "start",
    "about.html": TEXT,
    "404.html": TEXT,
    "api.json": "{}",
    "photo.jpg": randomOctets(9000),
    "style.css": TEXT,
    "ready.js": TEXT,
    "ready.js.gz": gzipSync(TEXT),
    "notes.bak": "old",
    "list/one.txt": "1",
    "members/list.txt": "ann",
    "docs/guide.html": "guide",
  },
  config: ({ root }) => `
clean_urls = true
directory_listing = true
security_headers = true

[error_pages]
404 = "/404.html"

[[redirect]]
from = "/old/:year/*"
to = "/new/:year/:splat"
status = 308

[[header]]
path = "*.html"
set = { X-Page = "yes" }
remove = ["Referrer-Policy"]

[[cache]]
path = "*.css"
cache_control = "public, max-age=60"
expires = true

[[deny_path]]
path = "*.bak"

[[basic_auth]]
path = "/members/*"
realm = "Members"
users = [${JSON.stringify(`ann:${Bun.password.hashSync("secret", { algorithm: "bcrypt", cost: 4 })}`)}]

[cors]
path = "/api*"
allowed_origins = ["https://a.example", "https://*.b.example"]

[[virtual_host]]
names = ["docs.example", "*.docs.example"]
root = ${JSON.stringify(`${root}/docs`)}
trailing_slash = "remove"
`,
});

const ANN = `Authorization: Basic ${btoa("ann:secret")}`;
const ORIGIN = "Origin: https://x.b.example";

const SAMPLE: readonly (readonly [line: string, status: number, ...fields: string[]])[] = [
  ["HEAD /about?x", 200],
  ["GET http://www.docs.example/guide/", 301],
  ["GET http://other.example/list/", 200],
  ["POST /old/2020/a?q", 308],
  ["BREW /api.json", 501, ORIGIN],
  ["OPTIONS /api.json", 200, ORIGIN, "Access-Control-Request-Method: GET"],
  ["GET /style.css", 200, "Accept-Encoding: br, gzip"],
  ["GET /ready.js", 200, "Accept-Encoding: gzip"],
  ["GET /about", 304, "If-None-Match: *"],
  ["GET /about", 412, 'If-Match: "x-y"', "Range: bytes=0-9"],
  ["GET /about", 206, "Accept-Encoding: br", "Range: bytes=0-9"],
  ["GET /photo.jpg", 206, "Range: bytes=0-9,100-109"],
  ["GET /photo.jpg", 416, "Range: bytes=9000-"],
  ["GET /members/list.txt", 401],
  ["GET /members/list.txt", 200, ANN],
  ["GET /notes.bak", 403],
  ["GET /nothing.txt", 404, "Accept: application/json"],
  ["GET /about", 400, "Host: a b"],
];

interface Answers {
  readonly explained: Explanation;
  readonly sent: ClientResponse;
}

async function ask(line: string, fields: readonly string[]): Promise<Answers> {
  const { saker } = server;
  const space = line.indexOf(" ");
  const request = requestOf(line.slice(0, space), line.slice(space + 1), fields);
  const configuration = loadConfiguration({ argv: ["--config", saker.configFile], env: {}, cwd: "/" });
  const explained = await explainRequest(configuration.settings, configuration.originOf, request);
  await using client = await saker.connect();
  return { explained, sent: await client.request(request.octets.toString("utf8")) };
}

/** What doesn't differ between one answer and the next. */
function comparable(fields: readonly (readonly [name: string, value: string])[]): string[] {
  const steady = ([name, value]: readonly [string, string]): string =>
    /^(?:X-Cache|Expires)$/.test(name) ? "…" : value.replace(/boundary=\w+/, "boundary=…");
  return fields.filter(([name]) => name !== "Date").map((field) => `${field[0]}: ${steady(field)}`);
}

function expectSame({ explained: { response }, sent }: Answers, status: number): void {
  expect(comparable(response!.fields.map(({ name, value }) => [name, value]))).toEqual(comparable(sent.head.fields));
  expect([response!.status, response!.content_octets]).toEqual([sent.status, sent.body.length]);
  expect(sent.status).toBe(status);
}

test.each(SAMPLE.map(([line, status, ...fields]) => [`${line} ${fields.join(" ")}`, line, status, fields] as const))(
  "%s",
  async (_, line, status, fields) => expectSame(await ask(line, fields), status),
);

test("an error page is explained in the coding that it is sent in, once the server has made that", async () => {
  const accepts = ["Accept-Encoding: br"];
  const coded = async () => (await server.saker.get("/nothing.txt", accepts)).field("Content-Encoding");
  await until(async () => (await coded()) === "br", "the page is compressed");
  for (const method of ["GET", "HEAD"]) expectSame(await ask(`${method} /nothing.txt`, accepts), 404);
});

test("an admin endpoint is left to the server", async () => {
  const { explained, sent } = await ask("GET /metrics", []);
  expect([explained.response, sent.status]).toEqual([null, 200]);
  expect(explained.decisions.map(({ step }) => step)).toContain("endpoint");
});
