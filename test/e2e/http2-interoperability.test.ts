/**
 * HTTP/2 over TLS with the clients that people use: curl, nghttp, h2load, Node, Bun, Chromium.
 *
 * Keeps: each checks the certificate where it can. A client that isn't installed is skipped, by name. That HTTP/2 was spoken
 *        is read from the server's own statistics.
 */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type ClientHttp2Session } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CertificateFolder, makePair, testAuthority } from "../support/certificates.ts";
import { PATIENCE_MS, within } from "../support/deadline.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { useSaker } from "../support/use-saker.ts";

setDefaultTimeout(PATIENCE_MS);

const LARGE = randomOctets(3_000_000, 1);
const MIDDLE = randomOctets(70_000, 2);
const PAGE = `<!doctype html><title>page</title><script src="/script.js"></script><p id="told">nothing`;
/** What a browser shows only when it has fetched and run it. */
const SCRIPT = `addEventListener("load", () => { document.querySelector("#told").textContent = "fetched and run"; });`;

const folder = new CertificateFolder();
const authority = folder.write("authority.pem", testAuthority().certificate);
const { certificate, key } = folder.writePair("server", makePair(["localhost", "127.0.0.1"]));
afterAll(() => folder[Symbol.dispose]());

const shared = useSaker({
  site: { "index.html": PAGE, "script.js": SCRIPT, "middle.bin": MIDDLE, "large.bin": LARGE, "empty.txt": "" },
  config: `[tls]\nport = 0\ncertificate = ${JSON.stringify(certificate)}\nkey = ${JSON.stringify(key)}\nredirect = false\n`,
});

const urlOf = (path: string): string => `https://127.0.0.1:${shared.saker.httpsPort}${path}`;

const http2Requests = async (): Promise<number> =>
  (await shared.saker.metrics()).value("http_requests_by_protocol_total", { protocol: "HTTP/2" });

interface Run {
  readonly code: number;
  readonly out: Buffer;
  readonly err: string;
}

async function run(command: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "pipe", env: { ...process.env, ...env } });
  const [out, err] = await Promise.all([new Response(child.stdout).arrayBuffer(), new Response(child.stderr).text()]);
  return { code: await child.exited, out: Buffer.from(out), err };
}

/** A test of a client that may not be here. */
const withClient = (name: string): typeof test => (Bun.which(name) ? test : (test.skip as typeof test));

/** Runs a client that must end well, and returns what it printed; `requests` of it arrived over HTTP/2. */
async function runClient(command: readonly string[], requests: number): Promise<Buffer> {
  const before = await http2Requests();
  const { code, out, err } = await run(command);
  expect({ command, code, err: code === 0 ? "" : err }).toMatchObject({ code: 0 });
  expect((await http2Requests()) - before).toBeGreaterThanOrEqual(requests);
  return out;
}

const CURL = ["curl", "--silent", "--show-error", "--http2", "--cacert", authority];

withClient("curl")("curl gets a large file, checking the certificate", async () => {
  const out = await runClient([...CURL, urlOf("/large.bin")], 1);
  expect(firstDifference(out, LARGE)).toBeNull();
});

withClient("curl")("curl gets many files on one connection at a time", async () => {
  const files = Array.from({ length: 30 }, (_, index) => ["/middle.bin", "/empty.txt", "/index.html"][index % 3]!);
  const format = ["--write-out", "%{http_version} %{http_code} %{size_download}\\n"];
  const out = await runClient(
    [...CURL, "--parallel", ...format, ...files.flatMap((file) => ["--output", "/dev/null", urlOf(file)])],
    30,
  );
  const lines = out.toString().trim().split("\n").sort();
  const sizes = [0, PAGE.length, MIDDLE.length].flatMap((size) => Array<string>(10).fill(`2 200 ${size}`)).sort();
  expect(lines).toEqual(sizes);
});

withClient("curl")("curl asks for heads, parts, and what has changed", async () => {
  const heads = await runClient([...CURL, "--head", urlOf("/middle.bin")], 1);
  const tag = /^etag: (.*)\r$/im.exec(heads.toString())![1]!;
  const part = await runClient([...CURL, "--range", "10-19", urlOf("/middle.bin")], 1);
  expect(firstDifference(part, MIDDLE.subarray(10, 20))).toBeNull();
  const format = ["--write-out", "%{http_code}"];
  const unchanged = [...CURL, ...format, "--header", `If-None-Match: ${tag}`, urlOf("/middle.bin")];
  expect((await runClient(unchanged, 1)).toString()).toBe("304");
});

withClient("curl")("curl gets an answer to content that isn't wanted, and goes on with the connection", async () => {
  const sent = folder.write("content", "x".repeat(300_000));
  const format = ["--write-out", "%{http_code} %{num_connects}\\n", "--output", "/dev/null"];
  const post = [...CURL, ...format, "--data-binary", `@${sent}`, urlOf("/index.html")];
  const out = await runClient(
    [...post, "--next", "--cacert", authority, "--silent", ...format, urlOf("/index.html")],
    2,
  );
  expect(out.toString()).toBe("405 1\n200 0\n");
});

/** nghttp prints its opinion of the certificate before the content. */
const contentOf = (out: Buffer, octets: number): Buffer => out.subarray(out.length - octets);

withClient("nghttp").each([
  ["as it comes", []],
  ["with windows of 1 023 octets", ["--window-bits=10", "--connection-window-bits=10"]],
  ["with windows of 1 MiB", ["--window-bits=20", "--connection-window-bits=20"]],
  ["with padding", ["--padding=255"]],
  ["without a table for its decoder", ["--header-table-size=0"]],
  ["with a table for its decoder that shrinks and grows", ["--header-table-size=0", "--header-table-size=8192"]],
  ["with a field of 8 000 octets", ["--header", `x-fill: ${"x".repeat(8_000)}`]],
] as [string, string[]][])("nghttp gets a file %s", async (_, options) => {
  const out = await runClient(["nghttp", ...options, urlOf("/middle.bin")], 1);
  expect(firstDifference(contentOf(out, MIDDLE.length), MIDDLE)).toBeNull();
});

withClient("nghttp")("nghttp is told that 24 KiB of fields, in CONTINUATION frames, are too many", async () => {
  const out = await runClient(["nghttp", "--null-out", "--stat", "--continuation", urlOf("/")], 1);
  expect(out.toString()).toMatch(/ 431 .* \/\n/);
});

withClient("nghttp")("nghttp gets a page and what it refers to, and prints every status", async () => {
  const out = await runClient(["nghttp", "--null-out", "--stat", "--get-assets", urlOf("/")], 2);
  expect(out.toString()).toMatch(/ 200 .* \/\n/);
  expect(out.toString()).toMatch(/ 200 .* \/script\.js\n/);
});

withClient("h2load").each([
  ["one connection of a hundred streams", "-c1", "-m100"],
  ["eight connections of ten streams", "-c8", "-m10"],
])("h2load has every request answered: %s", async (_, connections, streams) => {
  const out = await runClient(["h2load", "-n", "3000", connections, streams, urlOf("/index.html")], 3_000);
  expect(out.toString()).toContain("3000 succeeded, 0 failed, 0 errored, 0 timeout");
  expect(out.toString()).toContain("status codes: 3000 2xx");
});

/** Gets a path from a session of `node:http2`. */
async function getBy(session: ClientHttp2Session, path: string): Promise<Buffer> {
  const stream = session.request({ ":path": path });
  const pieces: Buffer[] = [];
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  const closed = new Promise<void>((resolve, reject) => void stream.on("close", resolve).on("error", reject));
  await within(closed, `the end of ${path}`);
  return Buffer.concat(pieces);
}

test("Bun's node:http2 gets files at the same time", async () => {
  const session = connect(urlOf(""), { ca: testAuthority().certificate });
  try {
    const paths = ["/large.bin", ...Array<string>(20).fill("/middle.bin")];
    const [large, ...others] = await Promise.all(paths.map((path) => getBy(session, path)));
    expect(firstDifference(large!, LARGE)).toBeNull();
    for (const other of others) expect(firstDifference(other, MIDDLE)).toBeNull();
  } finally {
    session.destroy();
  }
});

test("Bun's fetch gets files over HTTP/2", async () => {
  const before = await http2Requests();
  const options = { tls: { ca: testAuthority().certificate }, protocol: "http2" };
  const responses = await Promise.all([1, 2, 3].map(() => fetch(urlOf("/middle.bin"), options as RequestInit)));
  for (const response of responses) {
    expect(response.status).toBe(200);
    expect(firstDifference(Buffer.from(await response.arrayBuffer()), MIDDLE)).toBeNull();
  }
  expect((await http2Requests()) - before).toBeGreaterThanOrEqual(3);
});

/** Prints how many octets came with which status, over which protocol. */
const NODE_CLIENT = `
  const session = require("node:http2").connect(process.argv[1], { ca: require("node:fs").readFileSync(process.argv[2]) });
  const get = (path) => new Promise((resolve, reject) => {
    const stream = session.request({ ":path": path });
    let [status, octets] = [0, 0];
    stream.on("response", (head) => (status = head[":status"])).on("data", (piece) => (octets += piece.length));
    stream.on("end", () => resolve(status + " " + octets)).on("error", reject);
  });
  Promise.all(["/large.bin", "/middle.bin", "/empty.txt", "/nothing"].map(get)).then((all) => {
    console.log(session.alpnProtocol, ...all.slice(0, 3), all[3].split(" ")[0]);
    session.close();
  });
`;

withClient("node")("Node gets files at the same time, and closes in peace", async () => {
  const out = await runClient(["node", "-e", NODE_CLIENT, urlOf(""), authority], 4);
  expect(out.toString()).toBe(`h2 200 ${LARGE.length} 200 ${MIDDLE.length} 200 0 404\n`);
});

const CHROMIUM = ["chromium", "chromium-browser", "google-chrome"].find((name) => Bun.which(name)) ?? "chromium";

withClient(CHROMIUM)("Chromium shows a page and runs its script, both over HTTP/2", async () => {
  const profile = mkdtempSync(join(tmpdir(), "saker-chromium-"));
  try {
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors"];
    const out = await runClient([CHROMIUM, ...flags, `--user-data-dir=${profile}`, "--dump-dom", urlOf("/")], 2);
    expect(out.toString()).toContain("fetched and run");
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
});
