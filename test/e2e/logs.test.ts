/** Access log and error log: every request once, whole lines, nothing a client sends can forge one. */
import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { until, within } from "../support/deadline.ts";
import type { Metrics } from "../support/metrics.ts";
import { randomOctets } from "../support/octets.ts";
import { requestOctets, type Saker, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const LARGE = randomOctets(2 << 20, 1);
const SITE = { "index.html": "home", "large.bin": LARGE };
const COMBINED =
  /^(\S+) - - \[(\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$/;
const ERROR_LINE = /^\[\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\] (DEBUG|INFO|WARN|ERROR) \S/;

const linesOf = (path: string) => (existsSync(path) ? readFileSync(path, "latin1").split("\n").slice(0, -1) : []);

/** What standard error has besides the lines that the start prints. */
function logLinesOf(stderr: string): string[] {
  return stderr.split("\n").filter((line) => !/^(saker .* listening on |  |$)/.test(line));
}

async function linesReach(path: string, count: number): Promise<string[]> {
  await until(
    () => linesOf(path).length >= count,
    () => `${path} has ${count} lines, it has ${linesOf(path).length}`,
  );
  return linesOf(path);
}

const loggingTo = (name: string, more = "") => ({
  site: SITE,
  config: (site: { beside(name: string): string }) => `access_log = ${JSON.stringify(site.beside(name))}\n${more}`,
});

test.concurrent("combined: address, time, request line, status, octets of content, referrer, user agent", async () => {
  await using saker = await startSaker(loggingTo("access.log"));
  await saker.get("/?a=b", ["Referer: http://example.org/", "User-Agent: test/1.0"]);
  await saker.get("/missing");
  await saker.get("/large.bin", [], "HEAD");
  await saker.get("/large.bin", ["Range: bytes=0-9"]);
  await saker.get("/large.bin");
  await saker.get("/", ["If-None-Match: *"]);
  const rows = (await linesReach(saker.site.beside("access.log"), 6)).map((line) => {
    const match = COMBINED.exec(line);
    if (!match) throw new Error(`not a combined line: ${line}`);
    const [, address, , request, status, octets, referrer, userAgent] = match;
    return { address, request, status: Number(status), octets: Number(octets), referrer, userAgent };
  });
  const page = (await saker.get("/missing")).body.length;
  expect(rows.slice(0, 6)).toEqual([
    {
      address: "127.0.0.1",
      request: "GET /?a=b HTTP/1.1",
      status: 200,
      octets: 4,
      referrer: "http://example.org/",
      userAgent: "test/1.0",
    },
    {
      address: "127.0.0.1",
      request: "GET /missing HTTP/1.1",
      status: 404,
      octets: page,
      referrer: "-",
      userAgent: "-",
    },
    {
      address: "127.0.0.1",
      request: "HEAD /large.bin HTTP/1.1",
      status: 200,
      octets: 0,
      referrer: "-",
      userAgent: "-",
    },
    {
      address: "127.0.0.1",
      request: "GET /large.bin HTTP/1.1",
      status: 206,
      octets: 10,
      referrer: "-",
      userAgent: "-",
    },
    {
      address: "127.0.0.1",
      request: "GET /large.bin HTTP/1.1",
      status: 200,
      octets: LARGE.length,
      referrer: "-",
      userAgent: "-",
    },
    { address: "127.0.0.1", request: "GET / HTTP/1.1", status: 304, octets: 0, referrer: "-", userAgent: "-" },
  ]);
});

test.concurrent("a download that the client gives up has its line, with the octets that were sent", async () => {
  const octets = 32 << 20; // more than the kernel buffers on both sides
  await using saker = await startSaker({ ...loggingTo("access.log"), site: { "huge.bin": Buffer.alloc(octets) } });
  const client = await saker.connect({ receiveBufferOctets: 16_384 });
  client.pause();
  await client.send(requestOctets("/huge.bin"));
  await saker.get("/huge.bin", [], "HEAD"); // answered after the download has begun
  client.close();
  const [, line] = await linesReach(saker.site.beside("access.log"), 2);
  expect(line).toContain(`"GET /huge.bin HTTP/1.1" 200 `);
  expect(Number(/ 200 (\d+) /.exec(line!)![1])).toBeLessThan(octets);
});

test.concurrent(
  "small responses that a client doesn't take are neither finished nor in the log before it goes",
  async () => {
    const octets = 60 * 1024;
    const requests = 200; // 12 MB: more than the kernel buffers on both sides
    await using saker = await startSaker({ ...loggingTo("access.log"), site: { "page.bin": Buffer.alloc(octets) } });
    await saker.get("/page.bin");
    const client = await saker.connect({ receiveBufferOctets: 16_384 });
    client.pause();
    await client.send(requestOctets("/page.bin").repeat(requests));
    const finished = (metrics: Metrics) => metrics.value("http_request_duration_seconds_count");
    const inFlight = await until(async () => {
      const metrics = await saker.metrics();
      return metrics.value("http_requests_in_flight") > 1 ? metrics.value("http_requests_in_flight") : null;
    }, "requests are in flight");
    expect(inFlight).toBeGreaterThan(requests / 10);
    client.close();
    const after = await until(async () => {
      const metrics = await saker.metrics();
      return metrics.value("http_requests_in_flight") === 1 ? metrics : null; // its own
    }, "the requests have ended");
    const aborted = after.value("http_requests_aborted_total");
    expect(aborted).toBeGreaterThan(requests / 10);
    expect(finished(after)).toBe(after.value("http_requests_total") - aborted - 1);
    const lines = (await linesReach(saker.site.beside("access.log"), requests + 1)).filter((line) =>
      line.includes("/page"),
    );
    const logged = lines.slice(1).map((line) => Number(/ 200 (\d+) /.exec(line)![1]));
    expect(logged.filter((count) => count < octets).length).toBe(aborted);
    expect(logged.reduce((sum, count) => sum + count, 0)).toBeLessThan((requests * octets) / 2);
  },
);

test.concurrent("a download that is cut off when the server stops has its line", async () => {
  const octets = 32 << 20;
  await using saker = await startSaker({
    ...loggingTo("access.log", "shutdown_timeout_seconds = 0.2"),
    site: { "huge.bin": Buffer.alloc(octets) },
  });
  await using client = await saker.connect({ receiveBufferOctets: 16_384 });
  client.pause();
  await client.send(requestOctets("/huge.bin"));
  await until(async () => (await saker.metrics()).value("http_requests_in_flight") === 2, "the download has begun");
  await saker.stop();
  const line = linesOf(saker.site.beside("access.log")).find((line) => line.includes("/huge.bin"))!;
  expect(line).toContain(`"GET /huge.bin HTTP/1.1" 200 `);
  expect(Number(/ 200 (\d+) /.exec(line)![1])).toBeLessThan(octets);
});

test.concurrent("json: one object a line, with the same facts", async () => {
  await using saker = await startSaker(loggingTo("access.log", `access_log_format = "json"`));
  await saker.get("/", ['User-Agent: "quoted" \\ \xff\xe4 \xc3\xa4', "Referer: x"]);
  await saker.get("/missing");
  const [first, second] = (await linesReach(saker.site.beside("access.log"), 2)).map(
    (line) => JSON.parse(Buffer.from(line, "latin1").toString("utf8")) as Record<string, unknown>,
  );
  expect(first).toMatchObject({
    client: "127.0.0.1",
    host: "test.example",
    method: "GET",
    referer: "x",
    user_agent: '"quoted" \\ \\xFF\\xE4 ä',
  });
  expect(second).toMatchObject({
    method: "GET",
    target: "/missing",
    protocol: "HTTP/1.1",
    status: 404,
    user_agent: null,
  });
  expect(Date.parse(String(second!.time))).toBeGreaterThan(Date.now() - 60_000);
});

test.concurrent("json: a request's identifier is in its line and its response, whatever sends it", async () => {
  const more = `access_log_format = "json"\nrequest_id = "send"\ntrusted_proxies = ["127.0.0.1"]\nmax_cached_file_kb = 1`;
  await using saker = await startSaker(loggingTo("access.log", more));
  const answers = [
    await saker.get("/large.bin", ["X-Request-Id: from-the-proxy"]),
    await saker.get("/large.bin", ["Range: bytes=0-9,100000-299999"]),
    await saker.get("/large.bin", ["Range: bytes=0-9"]),
    await saker.get("/missing", ["X-Request-Id: not valid"]),
    await saker.get("/health"),
  ];
  const lines = (await linesReach(saker.site.beside("access.log"), answers.length)).map(
    (line) => JSON.parse(line) as { request_id: string },
  );
  expect(lines.map((line) => line.request_id)).toEqual(answers.map((answer) => answer.field("x-request-id")!));
  expect(lines[0]!.request_id).toBe("from-the-proxy");
  expect(lines[3]!.request_id).toMatch(/^[0-9a-f]{32}$/);
  expect(answers[0]!.body.length).toBe(LARGE.length);
});

test.concurrent("vhost_combined begins with host and port, also of a request without a host", async () => {
  await using saker = await startSaker(loggingTo("access.log", `access_log_format = "vhost_combined"`));
  const hosts = ["Host: example.org", "Host: example.org:81", "Host: [::1]", "Host: a b"];
  for (const line of hosts) {
    await using client = await saker.connect();
    await client.send(`GET / HTTP/1.1\r\n${line}\r\n\r\n`);
    await client.readResponse();
  }
  await using client = await saker.connect();
  await client.send("GET / HTTP/1.0\r\n\r\n");
  await client.readResponse();
  const lines = await linesReach(saker.site.beside("access.log"), hosts.length + 1);
  for (const line of lines) expect(line.slice(line.indexOf(" ") + 1)).toMatch(COMBINED);
  const { port } = saker;
  expect(lines.map((line) => line.split(" ")[0])).toEqual([
    `example.org:${port}`,
    "example.org:81",
    `[::1]:${port}`,
    `-:${port}`,
    `-:${port}`,
  ]);
});

test.concurrent("access_log_skip leaves out health checks while they succeed, in any spelling", async () => {
  await using saker = await startSaker(
    loggingTo("access.log", `access_log_skip = ["/health", "/quiet/*"]\nadmin_prefix = ""`),
  );
  for (const target of ["/health", "/%68ealth", "/quiet/a", "/"]) await saker.get(target);
  const lines = await linesReach(saker.site.beside("access.log"), 2);
  expect(lines.map((line) => COMBINED.exec(line)![3])).toEqual(["GET /quiet/a HTTP/1.1", "GET / HTTP/1.1"]);
});

/** Requests that are refused, and what the log says of their request-line: method, target, protocol. */
const REFUSED: [
  octets: string,
  status: number,
  method: string | null,
  target: string | null,
  protocol: string | null,
][] = [
  ["GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "GET", "/a\0b", "HTTP/1.1"],
  ["GET /a b HTTP/1.0\r\nHost: a\r\n\r\n", 400, "GET", "/a b", "HTTP/1.0"],
  ["GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "GET", "/", "HTTP/2.0"],
  ["GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400, "GET", "/", "HTTP/1.0"],
  ["GET /a\r\n\r\n", 400, "GET", "/a", null],
  [`GET /${"a".repeat(200)} HTTP/1.1\r\n\r\n`, 414, "GET", `/${"a".repeat(200)}`, "HTTP/1.1"],
  [`GET / HTTP/1.0\r\nHost: a\r\nX: ${"a".repeat(2000)}\r\n\r\n`, 431, "GET", "/", "HTTP/1.0"],
  ["POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400, "POST", "/b", "HTTP/1.1"],
  ["\x16\x03\x01\x02\0\r\n", 400, null, "\x16\x03\x01\x02\0", null],
];

test.concurrent.each(["combined", "json"] as const)("%s: what was refused is logged as it was sent", async (format) => {
  const more = `access_log_format = "${format}"\nmax_uri_bytes = 100\nmax_header_bytes = 1000`;
  await using saker = await startSaker(loggingTo("access.log", more));
  for (const [octets, status] of REFUSED) {
    await using client = await saker.connect();
    await client.send(octets);
    expect((await client.readResponse()).status).toBe(status);
  }
  const lines = await linesReach(saker.site.beside("access.log"), REFUSED.length);
  const escaped = (text: string) =>
    text.replace(/[^\x20-\x7e]/g, (octet) => `\\x${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
  REFUSED.forEach(([, status, method, target, protocol], index) => {
    const line = lines[index]!;
    if (format === "json") expect(JSON.parse(line)).toMatchObject({ status, method, target, protocol });
    else
      expect(COMBINED.exec(line)?.slice(3, 5)).toEqual([
        escaped([method, target, protocol].filter((part) => part !== null).join(" ")),
        String(status),
      ]);
  });
});

/** What a client puts into User-Agent and Referer. */
const FORGERIES: [what: string, text: string][] = [
  ["a quote", '"'],
  ["a backslash", "\\"],
  ["a tab", "\t"],
  ["an end of the line and a whole forged one", `" 200 1 "-" "-`],
  ["a JSON object", '","status":200,"x":"'],
  ["octets beyond ASCII", "\x80\x9b\xff\xc3\xa4"],
  ["invalid UTF-8", "\xc3\xc3\xa4\xe2\x82"],
  ["line separators of Unicode", "\xe2\x80\xa8\xe2\x80\xa9\xc2\x85"],
  ["a terminal escape as CSI of C1", "\x9b31m"],
  ["seven kilobytes", "x".repeat(7000)],
];

/** What a client sends instead of a request. */
const MALFORMED = [
  "\x1b[31mBAD\r\n\r\n",
  "GET /\0 HTTP/1.1\r\n\r\n",
  "GET /\x1b[2J HTTP/1.1\r\n\r\n",
  "\x16\x03\x01\r\n\r\n",
];

describe.each(["combined", "json"] as const)("%s: what a client sends can't forge a line", (format) => {
  const server = useSaker(loggingTo("access.log", `access_log_format = "${format}"`));
  let lines: string[] = [];

  beforeAll(async () => {
    for (const [, text] of FORGERIES) await server.saker.get("/", [`User-Agent: a${text}z`, `Referer: a${text}z`]);
    for (const octets of MALFORMED) {
      await using client = await server.saker.connect();
      await client.send(octets);
      expect((await client.readResponse()).status).toBe(400);
    }
    lines = await linesReach(server.saker.site.beside("access.log"), FORGERIES.length + MALFORMED.length);
  });

  test("there are as many lines as requests", () => expect(lines.length).toBe(FORGERIES.length + MALFORMED.length));

  test.each(FORGERIES.map(([what], index) => [what, index] as const))("%s", (_, index) => {
    const line = lines[index]!;
    expect(line).not.toMatch(/[\x00-\x1f\x7f]/);
    expect(line.length).toBeLessThan(4096);
    if (format === "json")
      expect(JSON.parse(Buffer.from(line, "latin1").toString("utf8"))).toMatchObject({ status: 200 });
    else expect(COMBINED.exec(line)?.[4]).toBe("200");
    expect(Buffer.from(line, "latin1").toString("utf8")).not.toMatch(/[\u0080-\u009f\u2028\u2029]/);
  });

  test.each(MALFORMED.map((octets, index) => [octets, FORGERIES.length + index] as const))("%j", (_, index) => {
    const line = lines[index]!;
    expect(line).not.toMatch(/[\x00-\x1f\x7f]/);
    if (format === "json") expect(JSON.parse(line)).toMatchObject({ status: 400 });
    else expect(COMBINED.exec(line)?.[4]).toBe("400");
  });
});

/** Many requests over all workers; returns how many of each target were answered. */
async function makeTraffic(saker: Saker, connections: number, each: number): Promise<number> {
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      await using client = await saker.connect();
      const agent = "x".repeat(10 + ((index * 37) % 500));
      await client.send(requestOctets(`/?connection=${index}`, [`User-Agent: ${agent}`]).repeat(each));
      await client.readResponses(each);
    }),
  );
  return connections * each;
}

test.concurrent("several workers write to one file: every request once, no line broken", async () => {
  await using saker = await startSaker(loggingTo("access.log", "num_workers = 3"));
  const count = await makeTraffic(saker, 60, 100);
  const lines = await linesReach(saker.site.beside("access.log"), count);
  expect(lines.length).toBe(count);
  const seen = new Map<string, number>();
  for (const line of lines) {
    const match = COMBINED.exec(line);
    if (!match) throw new Error(`broken line: ${line}`);
    seen.set(match[3]!, (seen.get(match[3]!) ?? 0) + 1);
  }
  expect([...seen.values()]).toEqual(Array.from({ length: 60 }, () => 100));
});

test.concurrent("several workers write to standard output: no line broken there either", async () => {
  await using saker = await startSaker({ site: SITE, config: `access_log = "-"\nnum_workers = 3` });
  const lines = () => saker.stdout.split("\n").filter((line) => line.includes("?connection="));
  let count = 0;
  // A pipe whose reader falls behind loses lines rather than holding up clients: so not more than it holds at once.
  for (let round = 0; round < 2; round++) {
    count += await makeTraffic(saker, 30, 10);
    await until(
      () => lines().length >= count,
      () => `${count} lines on standard output, there are ${lines().length}`,
    );
  }
  for (const line of lines()) expect(line).toMatch(COMBINED);
  expect(lines().length).toBe(count);
});

test.concurrent("what is buffered is written at the end", async () => {
  await using saker = await startSaker(loggingTo("access.log", "num_workers = 2"));
  const count = await makeTraffic(saker, 10, 30);
  expect(await saker.stop()).toBe(0);
  expect(linesOf(saker.site.beside("access.log")).length).toBe(count);
});

test.concurrent("SIGUSR2 reopens rotated logs and loses no line", async () => {
  await using saker = await startSaker({
    site: SITE,
    config: (site) => `num_workers = 2
access_log = ${JSON.stringify(site.beside("access.log"))}
error_log = ${JSON.stringify(site.beside("error.log"))}`,
  });
  const [access, error] = [saker.site.beside("access.log"), saker.site.beside("error.log")];
  const before = await makeTraffic(saker, 10, 20);
  renameSync(access, `${access}.1`);
  renameSync(error, `${error}.1`);
  saker.signal("SIGUSR2");
  await until(() => existsSync(access) && existsSync(error), "both logs are there again");
  // Every worker writes to the new file from some moment on: until then to the old one, never to none.
  let after = 0;
  await until(async () => {
    after += await makeTraffic(saker, 10, 5);
    return linesOf(access).length > 0;
  }, "lines come to the new file");
  await until(() => linesOf(access).length + linesOf(`${access}.1`).length >= before + after, "every line is written");
  expect(linesOf(access).length + linesOf(`${access}.1`).length).toBe(before + after);
  for (const line of [...linesOf(access), ...linesOf(`${access}.1`)]) expect(line).toMatch(COMBINED);
});

test.concurrent("access_log = false logs no request, and is quiet", async () => {
  await using saker = await startSaker({ site: SITE, config: "access_log = false" });
  await makeTraffic(saker, 5, 10);
  expect(await saker.stop()).toBe(0);
  expect(saker.stdout).not.toContain("?connection=");
});

describe("error log", () => {
  test.concurrent("each line has time and level, in a file or on standard error", async () => {
    await using saker = await startSaker({
      site: SITE,
      config: (site) => `num_workers = 2\nlog_level = "debug"\nerror_log = ${JSON.stringify(site.beside("error.log"))}`,
    });
    const [victim] = saker.workerPids();
    process.kill(victim!, "SIGKILL");
    await saker.workersSettled(2, [victim!]);
    await saker.stop();
    const lines = linesOf(saker.site.beside("error.log"));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(ERROR_LINE);
    expect(logLinesOf(saker.stderr)).toEqual([]);

    await using other = await startSaker({ site: SITE, config: "num_workers = 1" });
    process.kill(other.workerPids()[0]!, "SIGKILL");
    await other.printed(/WARN|ERROR/);
    await other.stop();
    for (const line of logLinesOf(other.stderr)) expect(line).toMatch(ERROR_LINE);
  });

  test.concurrent("log_level leaves out what weighs less", async () => {
    await using saker = await startSaker({ site: SITE, config: `log_level = "error"` });
    await saker.get("/missing");
    await saker.stop();
    expect(saker.stderr).not.toMatch(/INFO|WARN|DEBUG/);
  });

  test.concurrent("SIGUSR1 logs the statistics of every worker and their sum", async () => {
    await using saker = await startSaker({ site: SITE, config: "num_workers = 2" });
    const count = await makeTraffic(saker, 10, 5);
    saker.signal("SIGUSR1");
    await until(
      () => {
        const text = saker.stdout + saker.stderr;
        return (
          /worker 0/i.test(text) &&
          /worker 1/i.test(text) &&
          new RegExp(`\\b${count} requests|requests[ =:]+${count}\\b`).test(text)
        );
      },
      () => `both workers and the sum of ${count} are logged\n${saker.output}`,
    );
  });

  test.concurrent("a line of statistics comes every stats_interval_seconds", async () => {
    await using saker = await startSaker({ site: SITE, config: "stats_interval_seconds = 0.3" });
    const lines = () => (saker.stdout + saker.stderr).split("\n").filter((line) => /requests/i.test(line)).length;
    const before = lines();
    await until(
      () => lines() >= before + 2,
      () => `two lines of statistics come\n${saker.output}`,
    );
  });
});

test.concurrent("standard output without a reader doesn't stop the server", async () => {
  await using saker = await startSaker({ site: SITE, config: `access_log = "-"\nnum_workers = 2` });
  const workers = saker.workerPids();
  await saker.closeOutput();
  await within(makeTraffic(saker, 10, 100), "the traffic");
  expect(saker.workerPids()).toEqual(workers);
  expect(await saker.stop()).toBe(0);
});
