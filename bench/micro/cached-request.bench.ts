/**
 * A cached GET through everything but the kernel: connection, parser, site, cache, statistics, outbox.
 *
 * The link takes every octet and does nothing. What `Bun.listen` and the kernel add is what bench/run.ts measures.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bench, run, summary } from "mitata";
import { loadSettings } from "../../src/config/load-settings.ts";
import { createErrorLog } from "../../src/log/error-log.ts";
import { createSegment } from "../../src/stats/segment.ts";
import { Service } from "../../src/process/service.ts";
import { Client } from "../../src/serving/client.ts";
import { H1Connection } from "../../src/serving/h1-connection.ts";
import { TakingLink } from "./taking-link.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "index.html"), "x".repeat(1024));

const settings = loadSettings({
  argv: [folder, "--no-config", "--cache-revalidate-ms", "1000"],
  env: {},
  cwd: folder,
});
const segment = createSegment(join(folder, "stats"), { slotCount: 2, workersConfigured: 1 });
const service = new Service({
  settings,
  segment,
  slot: segment.slot(segment.claimSlot(0, 1)),
  accessLog: null,
  log: createErrorLog({ target: "-", level: "error" }),
  version: "bench",
  commit: "bench",
});

const link = new TakingLink();

const plain = Buffer.from("GET /index.html HTTP/1.1\r\nHost: localhost:8080\r\n\r\n");
const browser = Buffer.from(
  "GET /index.html HTTP/1.1\r\nHost: localhost:8080\r\nConnection: keep-alive\r\n" +
    'sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: "Linux"\r\n' +
    "Upgrade-Insecure-Requests: 1\r\n" +
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36\r\n" +
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n" +
    "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n" +
    "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\nCookie: theme=dark; id=0123456789abcdef\r\n\r\n",
);
const pipelined = Buffer.concat(Array.from({ length: 16 }, () => plain));

const parts = service.partsFor(false);
const connection = new H1Connection(parts, link, new Client(parts, link));
connection.opened(true);
await Bun.sleep(150); // a file this young would be read again (site/load/make-file-entry.ts)
connection.received(plain); // a miss: loads the file
while (link.octetsTaken === 0) await Bun.sleep(1);

const before = link.octetsTaken;
connection.received(plain);
if (link.octetsTaken - before < 1024) throw new Error("the file is not answered from the cache");

summary(() => {
  bench("plain GET, 47 octets of head", () => connection.received(plain));
  bench("browser GET, 14 fields, 700 octets of head", () => connection.received(browser));
  bench("16 pipelined GETs", () => connection.received(pipelined));
});
await run();
process.exit(0);
