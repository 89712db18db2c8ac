/** `[cors]` holds for every status: a script of an allowed origin can read why it was refused, and when it may come again. */
import { describe, expect, test } from "bun:test";
import { randomOctets } from "../support/octets.ts";
import type { ClientResponse } from "../support/response.ts";
import { requestOctets, type Saker, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const HASH = "$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
const ORIGIN = "https://a.example";
const EXPOSED = 'exposed_headers = ["Retry-After", "ETag"]';

const RULES = `max_uri_bytes = 200
max_header_bytes = 600
max_body_bytes = 10
header_timeout_seconds = 0.2
[[deny_path]]
path = "/*/denied"
[[basic_auth]]
path = "/*/members"
users = ["a:${HASH}"]
`;

/** What is sent for a path, and the status it gets. `{}`: field lines. */
const REFUSALS: readonly (readonly [octets: string, status: number])[] = [
  ["GET /api/%zz HTTP/1.1\r\nHost: a\r\n{}\r\n", 400],
  ["GET /api/\xff HTTP/1.1\r\nHost: a\r\n{}\r\n", 404],
  ["GET /api/a HTTP/1.1\r\nHost: a\r\n{}Bad Name: x\r\n\r\n", 400],
  ["POST /api/a HTTP/1.1\r\nHost: a\r\n{}Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400],
  ["GET /api/members HTTP/1.1\r\nHost: a\r\n{}\r\n", 401],
  ["GET /api/denied HTTP/1.1\r\nHost: a\r\n{}\r\n", 403],
  ["GET /api/missing HTTP/1.1\r\nHost: a\r\n{}\r\n", 404],
  ["GET /api/.hidden HTTP/1.1\r\nHost: a\r\n{}\r\n", 404],
  ["GET /api/a%2Fb HTTP/1.1\r\nHost: a\r\n{}\r\n", 404],
  ["POST /api/a HTTP/1.1\r\nHost: a\r\n{}Content-Length: 0\r\n\r\n", 405],
  ["GET /api/a HTTP/1.1\r\nHost: a\r\n{}", 408],
  ['GET /api/a HTTP/1.1\r\nHost: a\r\n{}If-Match: "x"\r\n\r\n', 412],
  ["POST /api/a HTTP/1.1\r\nHost: a\r\n{}Content-Length: 11\r\n\r\n", 413],
  ["GET /api/a HTTP/1.1\r\nHost: a\r\n{}Range: bytes=99-\r\n\r\n", 416],
  ["GET /api/a HTTP/1.1\r\nHost: a\r\n{}Expect: tea\r\nContent-Length: 1\r\n\r\n", 417],
  ["GET https://a/api/a HTTP/1.1\r\nHost: a\r\n{}\r\n", 421],
  [`GET /api/a HTTP/1.1\r\nHost: a\r\n{}X: ${"x".repeat(600)}\r\n\r\n`, 431],
  ["BREW /api/a HTTP/1.1\r\nHost: a\r\n{}\r\n", 501],
  ["POST /api/a HTTP/1.1\r\nHost: a\r\n{}Transfer-Encoding: gzip, chunked\r\n\r\n", 501],
];

async function ask(saker: Saker, octets: string, origin = ORIGIN) {
  await using client = await saker.connect();
  await client.send(octets.replace("{}", origin === "" ? "" : `Origin: ${origin}\r\n`));
  return await client.readResponse();
}

const corsOf = (response: ClientResponse) => [
  response.field("Access-Control-Allow-Origin"),
  response.field("Access-Control-Expose-Headers"),
];

const site = { "api/a": "a", other: "o" };

describe("for everyone", () => {
  const server = useSaker({ config: `${RULES}[cors]\nallowed_origins = ["*"]\n${EXPOSED}`, site });
  test.concurrent.each([...REFUSALS, [`GET /api/${"a".repeat(300)} HTTP/1.1\r\n`, 414] as const])(
    "%j: %d",
    async (octets, status) => {
      const response = await ask(server.saker, octets);
      expect([response.status, ...corsOf(response)]).toEqual([status, "*", "Retry-After, ETag"]);
    },
  );
});

describe("for some, and some paths", () => {
  const cors = `allowed_origins = ["${ORIGIN}", "https://b.example"]\npath = "/api/*"\n${EXPOSED}`;
  const server = useSaker({ config: `${RULES}[cors]\n${cors}`, site });

  test.concurrent.each(REFUSALS)("%j: %d", async (octets, status) => {
    const origins = [ORIGIN, "https://evil.example", ""] as const;
    const [response, evil, none] = await Promise.all(origins.map((origin) => ask(server.saker, octets, origin)));
    expect([response!.status, ...corsOf(response!)]).toEqual([status, ORIGIN, "Retry-After, ETag"]);
    expect(response!.field("Vary") ?? "").toContain("Origin");
    expect([evil!.status, ...corsOf(evil!)]).toEqual([status, null, null]);
    expect([none!.status, ...corsOf(none!)]).toEqual([status, null, null]);
    expect(none!.field("Vary") ?? "").toContain("Origin");
  });

  test.concurrent.each(REFUSALS)("other paths have none: %j", async (octets, status) => {
    const response = await ask(server.saker, octets.replace("/api/", "/other/"));
    expect(corsOf(response)).toEqual([null, null]);
    expect(response.field("Vary") ?? "").not.toContain("Origin");
    if (![412, 416].includes(status)) expect(response.status).toBe(status);
  });
});

test("a virtual host's rule, not the main site's", async () => {
  const config = `max_body_bytes = 10
    [[virtual_host]]
    names = ["api"]
    [virtual_host.cors]
    allowed_origins = ["${ORIGIN}"]`;
  await using saker = await startSaker({ config, site });
  for (const octets of [
    "POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 11\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: api\r\nBad Name: x\r\n\r\n",
  ]) {
    expect((await ask(saker, octets)).field("Access-Control-Allow-Origin")).toBe(ORIGIN);
    expect((await ask(saker, octets.replace("api", "main"))).field("Access-Control-Allow-Origin")).toBeNull();
  }
});

test("unknown_host", async () => {
  const config = `unknown_host = 421\n[cors]\nallowed_origins = ["*"]\n[[virtual_host]]\nnames = ["known"]`;
  await using saker = await startSaker({ config, site });
  for (const method of ["GET", "POST"]) {
    const response = await ask(saker, `${method} /api/a HTTP/1.1\r\nHost: unknown\r\n{}\r\n`);
    expect([response.status, response.field("Access-Control-Allow-Origin")]).toEqual([421, "*"]);
  }
});

describe("a client that is limited or denied", () => {
  const server = useSaker({
    config: `trusted_proxies = ["127.0.0.1"]
      [rate_limit]
      requests_per_second = 0.01
      burst = 2
      [deny]
      addresses = ["203.0.113.66"]
      [cors]
      allowed_origins = ["${ORIGIN}", "https://b.example"]
      ${EXPOSED}`,
    site,
  });
  const from = (address: string, method = "GET", ...lines: string[]) =>
    requestOctets("/api/a", [`X-Forwarded-For: ${address}`, `Origin: ${ORIGIN}`, ...lines], method);

  test("429: a script can read Retry-After", async () => {
    await using client = await server.saker.connect();
    const responses: ClientResponse[] = [];
    for (let count = 0; count < 4; count++) responses.push(await client.request(from("192.0.2.1")));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    for (const response of responses) expect(corsOf(response)).toEqual([ORIGIN, "Retry-After, ETag"]);
    expect(Number(responses[3]!.field("Retry-After"))).toBeGreaterThan(0);
    for (const method of ["POST", "OPTIONS"]) {
      const response = await client.request(from("192.0.2.1", method));
      expect([response.status, ...corsOf(response)]).toEqual([429, ORIGIN, "Retry-After, ETag"]);
    }
  });

  test("a preflight takes no token and is answered when there is none", async () => {
    await using client = await server.saker.connect();
    const preflight = from("192.0.2.2", "OPTIONS", "Access-Control-Request-Method: GET");
    for (let count = 0; count < 3; count++) {
      const response = await client.request(preflight);
      expect([Math.floor(response.status / 100), response.field("Access-Control-Allow-Origin")]).toEqual([2, ORIGIN]);
    }
    expect((await client.request(from("192.0.2.2"))).status).toBe(200);
    expect((await client.request(from("192.0.2.2"))).status).toBe(200);
    expect((await client.request(from("192.0.2.2"))).status).toBe(429);
    expect(Math.floor((await client.request(preflight)).status / 100)).toBe(2);
  });

  test("an OPTIONS that is no preflight takes one", async () => {
    await using client = await server.saker.connect();
    const plain = requestOctets(
      "/api/a",
      ["X-Forwarded-For: 192.0.2.3", "Access-Control-Request-Method: GET"],
      "OPTIONS",
    );
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await client.request(plain)).status);
    expect(statuses[2]).toBe(429);
  });

  test("403 of [deny], which a preflight doesn't get", async () => {
    await using client = await server.saker.connect();
    const response = await client.request(from("203.0.113.66"));
    expect([response.status, ...corsOf(response)]).toEqual([403, ORIGIN, "Retry-After, ETag"]);
    const preflight = await client.request(from("203.0.113.66", "OPTIONS", "Access-Control-Request-Method: GET"));
    expect(Math.floor(preflight.status / 100)).toBe(2);
  });
});

test("503 of a server that is busy", async () => {
  const COUNT = 40;
  // So large that a thread reads them: no place is free meanwhile.
  const files = Object.fromEntries(
    Array.from({ length: COUNT }, (_, index) => [`${index}.bin`, randomOctets(150_000, index)]),
  );
  const cors = `[cors]\nallowed_origins = ["${ORIGIN}", "https://b.example"]\n${EXPOSED}`;
  await using saker = await startSaker({ config: `threads_per_worker = 1\nqueue_size = 0\n${cors}`, site: files });
  const clients = await Promise.all(Array.from({ length: COUNT }, () => saker.connect()));
  for (const [index, client] of clients.entries())
    client.sendCarelessly(requestOctets(`/${index}.bin`, [`Origin: ${ORIGIN}`]));
  let refused = 0;
  for (const client of clients) {
    const response = await client.readResponse();
    expect(corsOf(response)).toEqual([ORIGIN, "Retry-After, ETag"]);
    if (response.status === 503) refused++;
    client.close();
  }
  expect(refused).toBeGreaterThan(0);
});
