/**
 * What one line of the access log costs, writing it out included.
 *
 * Run:   bun bench/micro/access-log.bench.ts
 * Out:   time per line; the file is /dev/null (no disk in the figure) or a real one in the temp folder.
 */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bench, do_not_optimize, group, run } from "mitata";
import { type AccessLog, type AccessLogFormat, createAccessLog, encodeAddress } from "../../src/log/access-log.ts";
import { LoggedRequest } from "../../src/log/logged-request.ts";

const AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

/** A request as `record` sees it: one buffer and offsets. */
function request(target: string, referer: string, agent: string) {
  const line = `GET ${target} HTTP/1.1\r\n`;
  const agentStart = line.length + referer.length;
  return Object.assign(new LoggedRequest(), {
    client: { address: encodeAddress("127.0.0.1"), serverPort: 8080, tls: null },
    bytes: Buffer.from(line + referer + agent, "latin1"),
    methodStart: 0,
    methodEnd: 3,
    targetStart: 4,
    targetEnd: 4 + target.length,
    refererStart: referer === "" ? -1 : line.length,
    refererEnd: agentStart,
    userAgentStart: agentStart,
    userAgentEnd: agentStart + agent.length,
  });
}

const short = request("/index.html", "", "curl/8.5.0");
const browser = request("/assets/app.4f2a9c.js?v=12", "https://www.example.com/shop/list?page=2", AGENT);

function record(log: AccessLog, one: LoggedRequest): void {
  log.record(one, 200, 1024, 41);
}

/** The plain way, as a yardstick: a template string per line, joined and written in batches of the same size. */
const decoder = new TextDecoder("latin1");
let lines: string[] = [];
function recordAsText(one: LoggedRequest): void {
  const time = new Date().toISOString();
  const target = decoder.decode(one.bytes.subarray(4, one.targetEnd));
  const agent = decoder.decode(one.bytes.subarray(one.userAgentStart, one.userAgentEnd)).replace(/["\\]/g, "\\$&");
  lines.push(`127.0.0.1 - - [${time}] "GET ${target} HTTP/1.1" 200 1024 "-" "${agent}"\n`);
  if (lines.length === 320) {
    do_not_optimize(Buffer.from(lines.join("")));
    lines = [];
  }
}

const path = join(tmpdir(), `saker-access-log-bench-${process.pid}.log`);
const logs: AccessLog[] = [];
const open = (target: string, format: AccessLogFormat) => {
  const log = createAccessLog({ target, format })!;
  logs.push(log);
  return log;
};

for (const format of ["combined", "json"] as const) {
  const nowhere = open("/dev/null", format);
  group(format, () => {
    bench("short line, to /dev/null", () => record(nowhere, short));
    bench("browser's line, to /dev/null", () => record(nowhere, browser));
  });
}
const file = open(path, "combined");
group("combined, to a file", () => {
  // The file is cut now and then, so that the bench needs no gigabytes.
  let count = 0;
  bench("short line", () => {
    record(file, short);
    if (++count % 1_000_000 === 0) {
      rmSync(path);
      file.reopen();
    }
  });
});
group("yardstick", () => {
  bench("short line by template string, not written anywhere", () => recordAsText(short));
});

await run();
for (const log of logs) log.close();
rmSync(path);
