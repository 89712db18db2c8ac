/** HTTP/2 on the plain port, by prior knowledge, as clients that others wrote speak it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect, type ClientHttp2Session, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { join } from "node:path";
import { PATIENCE_MS, until, within } from "../support/deadline.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { requestOctets, type Saker, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

setDefaultTimeout(PATIENCE_MS);

const LARGE = randomOctets(12 << 20, 1);
const MIDDLE = randomOctets(300_000, 2);
const CONFIG = "num_workers = 1\n[http2]\ncleartext = true\n";
const SITE = { "index.html": "home", "middle.bin": MIDDLE, "large.bin": LARGE, "empty.txt": "" };

const server = useSaker({ config: CONFIG, site: SITE });

interface Answer {
  readonly status: number;
  readonly fields: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function ask(
  session: ClientHttp2Session,
  path: string,
  fields: OutgoingHttpHeaders = {},
  content?: Buffer,
): Promise<Answer> {
  const stream = session.request({ ":path": path, ...fields }, { endStream: content === undefined });
  if (content !== undefined) stream.end(content);
  const pieces: Buffer[] = [];
  let head: IncomingHttpHeaders & { ":status"?: number } = {};
  stream.on("response", (received) => (head = received));
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  const ended = new Promise<void>((resolve, reject) => stream.on("close", resolve).on("error", reject));
  await within(ended, `the answer for ${path}`);
  return { status: head[":status"]!, fields: head, body: Buffer.concat(pieces) };
}

async function run(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  expect({ command, code: await child.exited, err }).toMatchObject({ code: 0 });
  return out;
}

const urlOf = (saker: Saker, path: string): string => `http://127.0.0.1:${saker.port}${path}`;

describe("a client that multiplexes", () => {
  let session: ClientHttp2Session;
  beforeAll(() => void (session = connect(urlOf(server.saker, ""))));
  afterAll(() => session.close());

  test("gets files whole, small and large, many at a time", async () => {
    const paths = Array.from({ length: 60 }, (_, index) => ["/", "/middle.bin", "/empty.txt"][index % 3]!);
    const answers = await Promise.all([...paths, "/large.bin"].map((path) => ask(session, path)));
    for (const [index, { status, body }] of answers.entries()) {
      const expected = index === 60 ? LARGE : [Buffer.from("home"), MIDDLE, Buffer.alloc(0)][index % 3]!;
      expect(status).toBe(200);
      expect(firstDifference(body, expected)).toBeNull();
    }
  });

  test("gets the same fields as over HTTP/1.1, but for those about the connection", async () => {
    const { fields } = await ask(session, "/");
    const h1 = await server.saker.get("/");
    for (const name of ["content-type", "content-length", "etag", "last-modified", "server", "accept-ranges"]) {
      expect(fields[name]).toBe(h1.field(name)!);
    }
    expect(fields.connection).toBeUndefined();
  });

  test("gets heads, parts and what hasn't changed", async () => {
    expect(await ask(session, "/middle.bin", { ":method": "HEAD" })).toMatchObject({
      status: 200,
      body: Buffer.alloc(0),
    });
    const { fields } = await ask(session, "/middle.bin", { ":method": "HEAD" });
    expect(await ask(session, "/middle.bin", { "if-none-match": fields.etag! })).toMatchObject({
      status: 304,
      body: Buffer.alloc(0),
    });
    const part = await ask(session, "/middle.bin", { range: "bytes=100000-199999" });
    expect(part.status).toBe(206);
    expect(part.fields["content-range"]).toBe("bytes 100000-199999/300000");
    expect(firstDifference(part.body, MIDDLE.subarray(100_000, 200_000))).toBeNull();
    const parts = await ask(session, "/middle.bin", { range: "bytes=0-99,200000-299999" });
    expect(parts.fields["content-type"]).toMatch(/^multipart\/byteranges/);
    expect(parts.body.length).toBe(Number(parts.fields["content-length"]));
    expect(parts.body.includes(MIDDLE.subarray(200_000))).toBe(true);
  });

  test("is told what it did wrong", async () => {
    expect((await ask(session, "/missing")).status).toBe(404);
    expect((await ask(session, "/", { ":method": "POST" }, Buffer.from("content"))).status).toBe(405);
    expect((await ask(session, "/", { ":method": "POST", "content-length": 2 ** 40 }, Buffer.alloc(0))).status).toBe(
      413,
    );
    expect((await ask(session, `/${"x".repeat(9000)}`)).status).toBe(414);
    expect((await ask(session, "/", { "x-long": "x".repeat(17_000) })).status).toBe(431);
    expect((await ask(session, "/", { expect: "something", ":method": "POST" }, Buffer.from("x"))).status).toBe(417);
  });
});

describe("tools", () => {
  const tool = (name: string): boolean => Bun.which(name) !== null;

  test.if(tool("curl"))("curl gets a file whole, and sends one", async () => {
    const base = ["curl", "-sS", "--http2-prior-knowledge"];
    const out = await run([
      ...base,
      "-w",
      "%{http_version} %{http_code} %{size_download}",
      "-o",
      "/dev/null",
      urlOf(server.saker, "/large.bin"),
    ]);
    expect(out).toBe(`2 200 ${LARGE.length}`);
    const sent = await run([
      ...base,
      "-w",
      " %{http_version} %{http_code}",
      "-o",
      "/dev/null",
      "-d",
      "content",
      urlOf(server.saker, "/"),
    ]);
    expect(sent).toBe(" 2 405");
  });

  test.if(tool("nghttp"))("nghttp finds no fault", async () => {
    const out = await run(["nghttp", "-nv", urlOf(server.saker, "/"), urlOf(server.saker, "/middle.bin")]);
    expect(out).toContain("SETTINGS_NO_RFC7540_PRIORITIES(0x09):1");
    expect(out).not.toMatch(/ERROR(?!\(0x00\))/);
  });

  test.if(tool("h2load"))("h2load loses nothing", async () => {
    for (const args of [
      ["-n4000", "-c4", "-m32", "/"],
      ["-n200", "-c4", "-m8", "/middle.bin"],
      ["-n8", "-c2", "-m2", "/large.bin"],
    ]) {
      const path = args.pop()!;
      const out = await run(["h2load", ...args, urlOf(server.saker, path)]);
      const count = args[0]!.slice(2);
      expect(out).toContain(`${count} succeeded, 0 failed, 0 errored, 0 timeout`);
    }
  });
});

describe("the first octets", () => {
  const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const SETTINGS = Buffer.from("000000040000000000", "hex");
  /** SETTINGS, of three values. */
  const ANSWER_OCTETS = 9 + 18 + 9;

  test("may come in any pieces", async () => {
    for (const octets of [1, 5, 23]) {
      await using client = await server.saker.connect();
      await client.sendInPieces(Buffer.concat([Buffer.from(PREFACE), SETTINGS]), octets);
      await client.waitFor(ANSWER_OCTETS);
    }
  });

  test("may be those of HTTP/1.1, however much they look like the others", async () => {
    await using client = await server.saker.connect();
    await client.sendInPieces(requestOctets("/", [], "PRINT"), 4);
    expect((await client.readResponse()).status).toBe(501);
    await using other = await server.saker.connect();
    expect((await other.request(requestOctets("/"))).status).toBe(200);
  });

  test("that ask for an upgrade get HTTP/1.1 (RFC 9113 §3.1)", async () => {
    const response = await server.saker.get("/", [
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
    ]);
    expect(response.status).toBe(200);
  });

  test("are no request where HTTP/2 isn't allowed", async () => {
    await using saker = await startSaker({ site: { "index.html": "home" } });
    await using client = await saker.connect();
    await client.send(Buffer.concat([Buffer.from(PREFACE), SETTINGS]));
    expect((await client.readResponse()).status).toBe(400);
  });
});

describe("the server ends", () => {
  test.concurrent("and completes what was asked for, byte for byte", async () => {
    await using saker = await startSaker({ config: CONFIG, site: SITE });
    const session = connect(urlOf(saker, ""));
    const stream = session.request({ ":path": "/large.bin" });
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    await within(new Promise((resolve) => stream.once("data", resolve)), "the first octets");
    stream.pause();
    saker.signal("SIGTERM");
    await within(new Promise((resolve) => session.once("goaway", resolve)), "GOAWAY");
    stream.resume();
    await within(new Promise((resolve) => stream.once("close", resolve)), "the end of the response");
    expect(firstDifference(Buffer.concat(pieces), LARGE)).toBeNull();
    expect(await within(saker.exited, "the server to end")).toBe(0);
    session.destroy();
  });

  test.concurrent("at once, where connections are idle", async () => {
    await using saker = await startSaker({ config: CONFIG, site: SITE });
    const sessions = [connect(urlOf(saker, "")), connect(urlOf(saker, ""))];
    await Promise.all(sessions.map((session) => ask(session, "/")));
    const closed = sessions.map((session) => new Promise((resolve) => session.once("close", resolve)));
    saker.signal("SIGTERM");
    await within(Promise.all(closed), "the end of the connections");
    expect(await within(saker.exited, "the server to end")).toBe(0);
  });
});

test("reloads lose no request of clients that heed GOAWAY", async () => {
  await using saker = await startSaker({ config: CONFIG, site: SITE });
  let answered = 0;
  let sessions = 0;
  let isOver = false;
  /** Asks without a pause, several at a time, and connects anew where it is told to. */
  const client = async (): Promise<void> => {
    while (!isOver) {
      const session = connect(urlOf(saker, ""));
      sessions++;
      while (!isOver && !session.closed && !session.destroyed) {
        const answers = await Promise.all(["/", "/middle.bin", "/empty.txt"].map((path) => ask(session, path)));
        for (const { status } of answers) expect(status).toBe(200);
        answered += answers.length;
      }
      session.close();
    }
  };
  const clients = Promise.all(Array.from({ length: 4 }, client));
  for (let reload = 1; reload <= 3; reload++) {
    const before = { answered, sessions, workers: saker.workerPids() };
    await until(() => answered > before.answered + 20, "requests");
    saker.signal("SIGHUP");
    await saker.workersSettled(1, before.workers);
    await until(() => sessions >= before.sessions + 4, "new connections");
  }
  isOver = true;
  await within(clients, "the clients' last answers");
});

test("the access log has a line for each request, with what was sent", async () => {
  await using saker = await startSaker({
    config: `access_log = "access.log"\n${CONFIG}`,
    site: SITE,
  });
  const logged = join(saker.configFile, "..", "access.log");
  const session = connect(urlOf(saker, ""));
  await Promise.all([
    ask(session, "/?q=1", { "user-agent": "one", referer: "http://a/" }),
    ask(session, "/middle.bin", { "user-agent": "two" }),
    ask(session, "/missing", { "user-agent": "three" }),
    ask(session, "/", { ":method": "HEAD", "user-agent": "four" }),
    ask(session, `/${"x".repeat(9000)}`, { "user-agent": "five" }),
  ]);
  session.close();
  const linesOf = (): string[] => readFileSync(logged, "utf8").split("\n").slice(0, -1);
  await until(() => linesOf().length === 5, "five lines");
  const lines = linesOf()
    .map((line) => line.replace(/^.*?\] /, ""))
    .sort();
  expect(lines.filter((line) => line.includes("/?q=1"))).toEqual(['"GET /?q=1 HTTP/2.0" 200 4 "http://a/" "one"']);
  expect(lines).toContain('"GET /middle.bin HTTP/2.0" 200 300000 "-" "two"');
  expect(lines).toContain('"HEAD / HTTP/2.0" 200 0 "-" "four"');
  expect(lines.find((line) => line.includes("/missing"))).toMatch(/^"GET \/missing HTTP\/2\.0" 404 \d+ "-" "three"$/);
  expect(lines.find((line) => line.includes(" 414 "))).toMatch(
    /^"GET .*HTTP\/2\.0" 414 \d+ "-" "five"$|^"GET HTTP\/2\.0" 414/,
  );
});
