/**
 * The server a run is pointed at: its address, the validators it sends, and what it can do.
 *
 * In:    a URL; the server behind it serves the fixture site at its root. How to fetch from it: HTTP/1.1 unless told otherwise.
 * Out:   `Lookup` for placeholders; `capabilities`, found by asking once.
 * Keeps: each validator is fetched at most once in a run.
 */
import { type Address, Wire } from "./exchange.ts";
import type { Lookup } from "./octet-text.ts";
import { fieldValue, parseResponses, type Received } from "./response-parser.ts";
import { type Capability, PROBE_CONTENT, request } from "./row.ts";

export const FETCH_TIMEOUT_MS = 5_000;

/** Gets a path with some request fields on a connection of its own. */
export type Fetch = (
  server: ServerUnderTest,
  path: string,
  fields: readonly (readonly [name: string, value: string])[],
) => Promise<Received>;

export class ServerUnderTest implements Lookup {
  readonly address: Address;
  readonly host: string;
  readonly scheme: string;
  private readonly fetched = new Map<string, Promise<Received>>();
  private found: Promise<ReadonlySet<Capability>> | null = null;

  constructor(
    readonly url: string,
    private readonly fetch: Fetch = fetchOverHttp1,
  ) {
    const { protocol, hostname, port, host } = new URL(url);
    const tls = protocol === "https:";
    this.address = {
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (tls ? 443 : 80) : Number(port),
      tls,
    };
    this.host = host;
    this.scheme = tls ? "https" : "http";
  }

  async entityTag(path: string, acceptEncoding?: string): Promise<string | null> {
    return fieldValue(await this.fetchOnce(path, acceptEncoding), "ETag");
  }

  async lastModifiedMs(path: string): Promise<number | null> {
    const value = fieldValue(await this.fetchOnce(path), "Last-Modified");
    return value === null ? null : Date.parse(value);
  }

  /** Null when the fixture site is served there, otherwise a sentence that says what is wrong. */
  async findObstacle(): Promise<string | null> {
    try {
      const response = await this.fetchOnce("/probe.txt");
      if (response.status === 200 && Buffer.from(response.body).toString("latin1") === PROBE_CONTENT) return null;
      return `${this.url} doesn't serve the fixture site: /probe.txt gave ${response.status} (see --make-site)`;
    } catch (problem) {
      return `${this.url} can't be reached: ${(problem as Error).message}`;
    }
  }

  /** Whether this server has what a row needs. */
  async has(capability: Capability): Promise<boolean> {
    this.found ??= this.findCapabilities();
    return (await this.found).has(capability);
  }

  private async findCapabilities(): Promise<ReadonlySet<Capability>> {
    const found = new Set<Capability>();
    const plain = await this.fetchOnce("/alphabet.txt");
    if (fieldValue(plain, "ETag") !== null) found.add("entity-tag");
    if (fieldValue(plain, "Last-Modified") !== null) found.add("last-modified");
    const part = await this.fetch(this, "/alphabet.txt", [["range", "bytes=0-0"]]);
    if (part.status === 206) found.add("byte-ranges");
    const parts = await this.fetch(this, "/alphabet.txt", [["range", "bytes=0-0,20-25"]]);
    if (parts.status === 206) found.add("multipart-ranges");
    const coded = await this.fetchOnce("/page.html", "gzip");
    if (fieldValue(coded, "Content-Encoding") === "gzip") found.add("content-coding");
    return found;
  }

  private fetchOnce(path: string, acceptEncoding?: string): Promise<Received> {
    const key = `${path} ${acceptEncoding ?? ""}`;
    let response = this.fetched.get(key);
    if (!response) {
      response = this.fetch(this, path, acceptEncoding === undefined ? [] : [["accept-encoding", acceptEncoding]]);
      this.fetched.set(key, response);
    }
    return response;
  }
}

const fetchOverHttp1: Fetch = async (server, path, fields) => {
  const fieldLines = fields.map(([name, value]) => `${name}: ${value}`);
  const text = request(`GET ${path}`, ...fieldLines, "Connection: close").replaceAll("{host}", server.host);
  const wire = await Wire.connect(server.address);
  try {
    wire.send(text);
    const parse = () => parseResponses(wire.received, wire.ending !== "open", () => false);
    await wire.until(() => parse().responses.length > 0, FETCH_TIMEOUT_MS);
    const { responses, breach } = parse();
    if (!responses[0])
      throw new Error(`${server.url} did not answer ${JSON.stringify(text)}: ${breach ?? "no response"}`);
    return responses[0];
  } finally {
    wire.close();
  }
};
