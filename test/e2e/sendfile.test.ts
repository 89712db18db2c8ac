/** Large files go from disk to socket: whole, to slow readers and to many at once, and never wrong when they shrink. */
import { describe, expect, test } from "bun:test";
import { truncateSync } from "node:fs";
import { until } from "../support/deadline.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { descriptorsOf } from "../support/processes.ts";
import type { RawClient } from "../support/raw-client.ts";
import { requestOctets, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const MIB = 1 << 20;
const LARGE = randomOctets(12 * MIB, 1);
const MEDIUM = randomOctets(300_000, 2);
const SMALL = randomOctets(2000, 3);

/** Both ways of sending a file: what is promised must hold for either. */
const WAYS = [
  ["sendfile(2)", {}],
  ["without FFI", { SAKER_NO_FFI: "1" }],
] as const;

/** Reads an answer to `target` and compares it as it comes. */
async function expectFile(client: RawClient, content: Uint8Array): Promise<void> {
  let wrong: string | null = null;
  const sink = (piece: Uint8Array, offset: number) => {
    wrong ??= firstDifference(piece, content.subarray(offset, offset + piece.length));
  };
  const response = await client.readResponse({ sink });
  expect(response.status).toBe(200);
  expect(response.field("Content-Length")).toBe(String(content.length));
  expect(wrong).toBeNull();
}

describe.each(WAYS)("%s", (way, env) => {
  const server = useSaker({
    env,
    site: { "large.bin": LARGE, "medium.bin": MEDIUM, "headed.bin": MEDIUM, "small.bin": SMALL },
    config: `max_cached_file_kb = 256
[[header]]
path = "/headed.bin"
set = { X-Long = "${"x".repeat(30_000)}" }
`,
  });

  test("says at the start which way it takes", async () => {
    if (way === "without FFI") await server.saker.printed(/FFI/i);
    else expect(server.saker.stdout + server.saker.stderr).not.toMatch(/FFI is not available/i);
  });

  test("a quick reader gets every octet, again on the same connection", async () => {
    await using client = await server.saker.connect();
    for (const [target, content] of [
      ["/large.bin", LARGE],
      ["/small.bin", SMALL],
      ["/medium.bin", MEDIUM],
    ] as const) {
      await client.send(requestOctets(target));
      await expectFile(client, content);
    }
  });

  test("a head longer than any before leaves whole", async () => {
    await using client = await server.saker.connect();
    await client.send(requestOctets("/headed.bin"));
    await expectFile(client, MEDIUM);
  });

  test("a reader with a tiny buffer that stops again and again gets every octet", async () => {
    await using client = await server.saker.connect({ receiveBufferOctets: 16_384 });
    const content = LARGE;
    let pieces = 0;
    let wrong: string | null = null;
    await client.send(requestOctets("/large.bin"));
    await client.readResponse({
      sink: (piece, offset) => {
        wrong ??= firstDifference(piece, content.subarray(offset, offset + piece.length));
        if (++pieces % 50 !== 0) return;
        client.pause();
        setTimeout(() => client.resume(), 1);
      },
    });
    expect(wrong).toBeNull();
  });

  test("many at once, quick and slow, all get theirs", async () => {
    const clients = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        server.saker.connect(index % 2 === 0 ? {} : { receiveBufferOctets: 32_768 }),
      ),
    );
    await Promise.all(
      clients.map(async (client, index) => {
        const isLarge = index % 8 !== 7;
        await client.send(requestOctets(isLarge ? "/large.bin" : "/medium.bin"));
        await expectFile(client, isLarge ? LARGE : MEDIUM);
        client.close();
      }),
    );
  });

  test("a stalled reader holds up no other client, and costs no memory", async () => {
    const stalled = await Promise.all(
      Array.from({ length: 20 }, () => server.saker.connect({ receiveBufferOctets: 16_384 })),
    );
    for (const client of stalled) {
      client.pause();
      await client.send(requestOctets("/large.bin"));
    }
    await using quick = await server.saker.connect();
    await quick.send(requestOctets("/large.bin"));
    await expectFile(quick, LARGE);
    const rss = (await server.saker.metrics()).value("saker_worker_rss_bytes");
    // 20 x 12 MiB would be 240 MiB on top of what a runtime takes anyway.
    expect(rss).toBeLessThan(220 * MIB);
    await Promise.all(
      stalled.map(async (client) => {
        client.resume();
        await expectFile(client, LARGE);
        client.close();
      }),
    );
  });

  test("a range from the middle and a range to the end", async () => {
    for (const [first, last] of [
      [5 * MIB + 7, 9 * MIB],
      [12 * MIB - 100_001, 12 * MIB - 1],
    ] as const) {
      const response = await server.saker.get("/large.bin", [`Range: bytes=${first}-${last}`]);
      expect(response.status).toBe(206);
      expect(firstDifference(response.body, LARGE.subarray(first, last + 1))).toBeNull();
    }
  });

  test("pipelined large files, a small one and a 404 come in order", async () => {
    await using client = await server.saker.connect({ receiveBufferOctets: 65_536 });
    const targets = ["/large.bin", "/small.bin", "/missing", "/medium.bin", "/large.bin", "/small.bin"];
    await client.send(targets.map((target) => requestOctets(target)).join(""));
    await expectFile(client, LARGE);
    await expectFile(client, SMALL);
    expect((await client.readResponse()).status).toBe(404);
    await expectFile(client, MEDIUM);
    await expectFile(client, LARGE);
    await expectFile(client, SMALL);
  });

  test("a client that leaves in the middle leaves no descriptor behind", async () => {
    const [worker] = server.saker.workerPids();
    const openFiles = () => descriptorsOf(worker!).filter((path) => path.startsWith(server.saker.site.root)).length;
    const sockets = () => descriptorsOf(worker!).filter((path) => path.startsWith("socket:")).length;
    await server.saker.get("/large.bin");
    const [filesBefore, socketsBefore] = [openFiles(), sockets()];
    for (let round = 0; round < 10; round++) {
      const client = await server.saker.connect({ receiveBufferOctets: 16_384 });
      await client.send(requestOctets("/large.bin"));
      await client.waitFor(1000);
      client.close();
    }
    await until(
      () => openFiles() <= filesBefore && sockets() <= socketsBefore,
      () => descriptorsOf(worker!).join(" "),
    );
  });

  test("a replaced file that is being sent is sent to its end as it was", async () => {
    const { site } = server.saker;
    await site.place("changing.bin", LARGE);
    await using client = await server.saker.connect({ receiveBufferOctets: 16_384 });
    client.pause();
    await client.send(requestOctets("/changing.bin"));
    await until(async () => (await server.saker.metrics()).sum("http_requests_total") > 0, "the server is at work");
    await site.replace("changing.bin", randomOctets(12 * MIB, 9));
    client.resume();
    // Begun before the replacement or after it: one of the two, from its first octet to its last.
    const response = await client.readResponse();
    const wanted = response.body[0] === LARGE[0] ? LARGE : randomOctets(12 * MIB, 9);
    expect(firstDifference(response.body, wanted)).toBeNull();
  });

  // Cut where the octets have not yet been handed to the kernel, or at a page's edge. In between the kernel itself zeroes
  // the rest of a large page that it still has to send (seen with nginx as well): no server can take that back.
  test.each([0, 5 * MIB])("a file truncated to %d octets while it is sent ends the connection early", async (rest) => {
    const { site } = server.saker;
    const name = `shrinking-${rest}.bin`;
    await site.place(name, LARGE);
    await using client = await server.saker.connect({ receiveBufferOctets: 16_384 });
    await client.send(requestOctets(`/${name}`));
    await client.waitFor(1);
    client.pause();
    truncateSync(site.path(name), rest);
    client.resume();
    const octets = await client.readUntilClose();
    const headEnd = octets.indexOf("\r\n\r\n") + 4;
    expect(octets.toString("latin1", 0, headEnd)).toContain(`Content-Length: ${LARGE.length}\r\n`);
    const content = octets.subarray(headEnd);
    expect(content.length).toBeLessThan(LARGE.length);
    expect(firstDifference(content, LARGE.subarray(0, content.length))).toBeNull();
    // And the server is well.
    expect((await server.saker.get("/small.bin")).status).toBe(200);
  });
});

describe("both ways give the same answers", () => {
  const files = {
    "large.bin": LARGE,
    "medium.bin": MEDIUM,
    "small.bin": SMALL,
    "empty.txt": "",
    "sub/index.html": "sub",
  };
  const plain = useSaker({ site: files });
  const without = useSaker({ site: files, env: { SAKER_NO_FFI: "1" } });

  test.each([
    ["GET", "/large.bin", []],
    ["GET", "/medium.bin", []],
    ["GET", "/small.bin", []],
    ["GET", "/empty.txt", []],
    ["HEAD", "/large.bin", []],
    ["GET", "/sub", []],
    ["GET", "/sub/", []],
    ["GET", "/missing", []],
    ["POST", "/small.bin", []],
    ["GET", "/large.bin", ["Range: bytes=1000000-3000000"]],
    ["GET", "/medium.bin", ["Range: bytes=-1000"]],
    ["GET", "/small.bin", ["Range: bytes=5-5"]],
    ["GET", "/large.bin", ["Range: bytes=99999999-"]],
    ["GET", "/medium.bin", ["If-None-Match: *"]],
    ["GET", "/medium.bin", [`If-Match: "x"`]],
  ])("%s %s %j", async (method, target, lines) => {
    for (let round = 0; round < 2; round++) {
      const [a, b] = await Promise.all([plain, without].map(({ saker }) => saker.get(target, lines, method)));
      // Of two files with the same content the dates differ, and the tags of large ones, which are made of their versions.
      const comparable = (response: typeof a) =>
        response!.head.fields.filter(
          ([name]) => !["Date", "Last-Modified"].includes(name) && !(name === "ETag" && target === "/large.bin"),
        );
      expect(b!.status).toBe(a!.status);
      expect(comparable(b)).toEqual(comparable(a));
      expect(firstDifference(b!.body, a!.body)).toBeNull();
    }
  });
});

test("sendfile is counted, and its octets are part of what was sent", async () => {
  await using saker = await startSaker({ site: { "large.bin": LARGE } });
  await saker.get("/large.bin");
  const metrics = await until(async () => {
    const metrics = await saker.metrics();
    return metrics.sum("saker_sendfile_bytes_total") >= LARGE.length * 0.9 ? metrics : null;
  }, "the transfer is counted");
  expect(metrics.sum("saker_sendfile_bytes_total")).toBeLessThanOrEqual(LARGE.length);
  expect(metrics.sum("http_sent_bytes_total")).toBeGreaterThan(LARGE.length);
});
