/**
 * A cached GET of HTTP/2 through everything but TLS and the kernel: frames, HPACK, fields, site, cache, statistics, frames of the
 * response.
 *
 * The link takes every octet and does nothing. As with real clients, fields are in the dynamic table after the first request, and only the
 * path is spelt out. `5 fields` are what h2load sends, `17 fields` what a browser does; 32 requests come in one read, as from a busy client,
 * or one alone.
 * Targets, ns a request: 450 (good: 300) with 5 fields, 850 (good: 650) with 17.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bench, run, summary } from "mitata";
import { clientGreeting, FrameType, numberFrame, requestFrame, SettingId, SETTINGS_ACK } from "../load/http2-frames.ts";
import { splitFieldLine } from "../load/http2-client.ts";
import { H2_BROWSER_FIELD_LINES } from "../load/tls-workloads.ts";
import { loadSettings } from "../../src/config/load-settings.ts";
import { codedOctets, putHuffman } from "../../src/http2/huffman-code.ts";
import { createErrorLog } from "../../src/log/error-log.ts";
import { Service } from "../../src/process/service.ts";
import { Client } from "../../src/serving/client.ts";
import type { ServedConnection } from "../../src/serving/served-connection.ts";
import { createSegment } from "../../src/stats/segment.ts";
import { TakingLink } from "./taking-link.ts";

const CONTENT_OCTETS = 1024;
const STREAMS = 32;
/** The server's window is given back before it is used up. */
const WINDOW_STEP = 2 ** 30;
const WINDOW_MAX = 2 ** 31 - 1;

const folder = mkdtempSync(join(tmpdir(), "saker-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const site = join(folder, "site");
const configuration = join(folder, "saker.toml");
writeFileSync(configuration, "[http2]\ncleartext = true\n");
await Bun.write(join(site, "index.html"), "x".repeat(CONTENT_OCTETS));

const settings = loadSettings({
  argv: [site, "--config", configuration, "--cache-revalidate-ms", "1000"],
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

type Field = readonly [name: string, value: string];

const H2LOAD: readonly Field[] = [["user-agent", "h2load nghttp2/1.52.0"]];
/** With the four pseudo-header fields: 17. */
const BROWSER: readonly Field[] = [...H2_BROWSER_FIELD_LINES.map(splitFieldLine), ["priority", "u=1, i"]];

const METHOD_GET = 0x82;
const SCHEME_HTTP = 0x86;
const PATH_NAME = 0x04;
const DYNAMIC_FIRST = 62;

function coded(text: string): Uint8Array {
  const octets = new Uint8Array(codedOctets(text));
  putHuffman(text, octets, 0);
  if (octets.length < 127) return Uint8Array.of(0x80 | octets.length, ...octets);
  return Uint8Array.of(0xff, octets.length - 127, ...octets);
}

const pathField = (path: string): Uint8Array => Uint8Array.of(PATH_NAME, ...coded(path));

/** The first request of a connection: fields are put into the dynamic table (RFC 7541 §6.2.1). */
function firstBlock(path: string, fields: readonly Field[]): Buffer {
  const literals = fields.map(([name, value]) => Uint8Array.of(0x40, ...coded(name), ...coded(value)));
  return Buffer.concat([Uint8Array.of(METHOD_GET, SCHEME_HTTP), pathField(path), ...literals]);
}

/** Those after it: the field inserted last has the lowest index (§2.3.3). */
function laterBlock(path: string, fields: readonly Field[]): Buffer {
  const indices = fields.map((_, index) => 0x80 | (DYNAMIC_FIRST + fields.length - 1 - index));
  return Buffer.concat([Uint8Array.of(METHOD_GET, SCHEME_HTTP), pathField(path), Uint8Array.from(indices)]);
}

/** A client whose requests come `together` in one read; each call is one read. */
class BusyClient {
  private readonly link = new TakingLink();
  private readonly connection: ServedConnection;
  private readonly octets: Buffer;
  private readonly frameOctets: number;
  private stream = 3;
  private room = WINDOW_MAX;

  constructor(
    path: string,
    more: readonly Field[],
    private readonly together: number,
  ) {
    const parts = service.partsFor(false);
    const fields: readonly Field[] = [[":authority", "localhost:8080"], ...more];
    const one = requestFrame(0, laterBlock(path, fields));
    this.frameOctets = one.length;
    this.octets = Buffer.concat(Array.from({ length: together }, () => one));
    this.connection = parts.http2!(this.link, new Client(parts, this.link));
    this.connection.begin();
    this.connection.received(clientGreeting([[SettingId.InitialWindowSize, WINDOW_MAX]]));
    this.connection.received(SETTINGS_ACK);
    this.connection.received(requestFrame(1, firstBlock(path, fields)));
  }

  get octetsTaken(): number {
    return this.link.octetsTaken;
  }

  ask(): void {
    const { octets, frameOctets, together } = this;
    for (let index = 0; index < together; index++) {
      octets.writeUInt32BE(this.stream, index * frameOctets + 5);
      this.stream += 2;
    }
    this.room -= together * CONTENT_OCTETS;
    this.connection.received(octets);
    if (this.room < WINDOW_STEP) {
      this.connection.received(numberFrame(FrameType.WindowUpdate, 0, WINDOW_STEP));
      this.room += WINDOW_STEP;
    }
  }
}

/** Refuses to time what isn't answered from the cache, each request whole and in the same event. */
async function check(client: BusyClient, together: number): Promise<void> {
  const first = client.octetsTaken;
  client.ask(); // a miss: loads the file
  while (client.octetsTaken - first < together * CONTENT_OCTETS) await Bun.sleep(1);
  const before = client.octetsTaken;
  client.ask();
  const octets = client.octetsTaken - before;
  if (octets < together * CONTENT_OCTETS || octets > together * (CONTENT_OCTETS + 600)) {
    throw new Error(`${together} requests were answered by ${octets} octets`);
  }
}

await Bun.sleep(150); // a file this young would be read again (site/load/make-file-entry.ts)
const rows = [
  { name: "5 fields", fields: H2LOAD, together: STREAMS, must: 450, good: 300 },
  { name: "17 fields", fields: BROWSER, together: STREAMS, must: 850, good: 650 },
  { name: "5 fields, alone in a read", fields: H2LOAD, together: 1, must: NaN, good: NaN },
  { name: "17 fields, alone in a read", fields: BROWSER, together: 1, must: NaN, good: NaN },
];
for (const row of rows) {
  const client = new BusyClient("/index.html", row.fields, row.together);
  await check(client, row.together);
  summary(() => {
    bench(`${row.name}, ${row.together} requests`, () => client.ask());
  });
}
const { benchmarks } = await run();
for (const [index, { name, together, must, good }] of rows.entries()) {
  const ns = (benchmarks[index]!.runs[0]!.stats?.p50 ?? NaN) / together;
  const target = Number.isNaN(must) ? "" : ` (target ${must}, good ${good})`;
  console.log(`${name}: ${ns.toFixed(0)} ns a request${target}`);
}
process.exit(0);
