/**
 * What rules and virtual hosts cost a cached GET: the same request through everything but the kernel (as in
 * cached-request.bench.ts), to servers that differ in their configuration alone.
 *
 * The first three should not differ: rules are baked into entries, and the host is one comparison. A guarded path costs a
 * digest of the credentials, an allowed origin a copy of the head.
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

const link = new TakingLink();

const rules = Array.from(
  { length: 1000 },
  (_, index) =>
    `[[redirect]]\nfrom = "/old-${index}/*"\nto = "/new/:splat"\n[[header]]\npath = "/h-${index}/*"\nset = { X-A = "b" }\n`,
).join("");
const hosts = Array.from(
  { length: 1000 },
  (_, index) => `[[virtual_host]]\nnames = ["h${index}.example", "*.w${index}.example"]\n`,
).join("");
const hash = Bun.password.hashSync("hunter2", { algorithm: "bcrypt", cost: 4 });
const guard = `[[basic_auth]]\npath = "/*"\nusers = ["ann:${hash}"]\n`;
const cors = '[cors]\nallowed_origins = ["https://a.example", "https://b.example"]\n';

/** A connection to a server with this configuration, which has the answer to `request` in its cache. */
async function connect(name: string, config: string, request: Buffer): Promise<H1Connection> {
  const file = join(folder, `${name}.toml`);
  writeFileSync(file, config);
  const settings = loadSettings({ argv: [folder, "--config", file], env: {}, cwd: folder });
  const segment = createSegment(join(folder, `stats-${name}`), { slotCount: 2, workersConfigured: 1 });
  const service = new Service({
    settings,
    segment,
    slot: segment.slot(segment.claimSlot(0, 1)),
    accessLog: null,
    log: createErrorLog({ target: "-", level: "error" }),
    version: "bench",
    commit: "bench",
  });
  const parts = service.partsFor(false);
  const connection = new H1Connection(parts, link, new Client(parts, link));
  connection.opened(true);
  await warm(connection, request);
  const before = link.octetsTaken;
  connection.received(request);
  if (link.octetsTaken - before < 1024) throw new Error(`${name}: not answered from the cache`);
  return connection;
}

/** Lets the answer to `request` enter the cache. */
async function warm(connection: H1Connection, request: Buffer): Promise<void> {
  const before = link.octetsTaken;
  connection.received(request);
  while (link.octetsTaken === before) await Bun.sleep(1);
}

const requestTo = (host: string, line = ""): Buffer =>
  Buffer.from(`GET /index.html HTTP/1.1\r\nHost: ${host}\r\n${line}\r\n`);
const plain = requestTo("h5.example");
const others = Array.from({ length: 16 }, (_, index) => requestTo(`h${index * 37}.example`));
const credentials = requestTo(
  "h5.example",
  `Authorization: Basic ${Buffer.from("ann:hunter2").toString("base64")}\r\n`,
);
const asking = requestTo("h5.example", "Origin: https://b.example\r\n");

await Bun.sleep(150); // a file this young would be read again (site/load/make-file-entry.ts)
const bare = await connect("bare", "", plain);
const ruled = await connect("rules", rules, plain);
const hosted = await connect("hosts", hosts, plain);
for (const other of others) await warm(hosted, other);
const guarded = await connect("guard", guard, credentials);
const named = await connect("cors", cors, asking);

let next = 0;
summary(() => {
  bench("no rules", () => bare.received(plain)).baseline(true);
  bench("1000 redirects and 1000 header rules", () => ruled.received(plain));
  bench("1000 virtual hosts, one asked for", () => hosted.received(plain));
  bench("1000 virtual hosts, 16 asked for in turns", () => hosted.received(others[next++ & 15]!));
  bench("basic auth", () => guarded.received(credentials));
  bench("one of several allowed origins", () => named.received(asking));
});
await run();
process.exit(0);
