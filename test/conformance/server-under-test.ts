/**
 * The server a run is pointed at: its address, the validators it sends, and what it can do.
 *
 * In:    a URL; the server behind it serves the fixture site at its root.
 * Out:   `Lookup` for placeholders; `capabilities`, found by asking once.
 * Keeps: each validator is fetched at most once in a run.
 */
import { type Address, Wire } from "./exchange.ts";
import type { Lookup } from "./octet-text.ts";
import { fieldValue, parseResponses, type Received } from "./response-parser.ts";
import { type Capability, PROBE_CONTENT, request } from "./row.ts";

const FETCH_TIMEOUT_MS = 5_000;

export class ServerUnderTest implements Lookup {
  readonly address: Address;
  readonly host: string;
  private readonly fetched = new Map<string, Promise<Received>>();
  private found: Promise<ReadonlySet<Capability>> | null = null;

  constructor(readonly url: string) {
    const { protocol, hostname, port, host } = new URL(url);
    const tls = protocol === "https:";
    this.address = {
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (tls ? 443 : 80) : Number(port),
      tls,
    };
    this.host = host;
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
    const part = await this.fetch(request("GET /alphabet.txt", "Range: bytes=0-0", "Connection: close"));
    if (part.status === 206) found.add("byte-ranges");
    const parts = await this.fetch(request("GET /alphabet.txt", "Range: bytes=0-0,20-25", "Connection: close"));
    if (parts.status === 206) found.add("multipart-ranges");
    const coded = await this.fetchOnce("/page.html", "gzip");
    if (fieldValue(coded, "Content-Encoding") === "gzip") found.add("content-coding");
    return found;
  }

  private fetchOnce(path: string, acceptEncoding?: string): Promise<Received> {
    const key = `${path} ${acceptEncoding ?? ""}`;
    let response = this.fetched.get(key);
    if (!response) {
      const preference = acceptEncoding === undefined ? [] : [`Accept-Encoding: ${acceptEncoding}`];
      response = this.fetch(request(`GET ${path}`, ...preference, "Connection: close"));
      this.fetched.set(key, response);
    }
    return response;
  }

  private async fetch(text: string): Promise<Received> {
    const wire = await Wire.connect(this.address);
    try {
      wire.send(text.replaceAll("{host}", this.host));
      const parse = () => parseResponses(wire.received, wire.ending !== "open", () => false);
      await wire.until(() => parse().responses.length > 0, FETCH_TIMEOUT_MS);
      const { responses, breach } = parse();
      if (!responses[0])
        throw new Error(`${this.url} did not answer ${JSON.stringify(text)}: ${breach ?? "no response"}`);
      return responses[0];
    } finally {
      wire.close();
    }
  }
}
