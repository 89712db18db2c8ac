/** Content coding over raw TCP, and with curl: which client gets which octets, under which tag, made when and from what. */
import { describe, expect, test } from "bun:test";
import { utimesSync, writeFileSync } from "node:fs";
import {
  brotliCompressSync,
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { until } from "../support/deadline.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import type { ClientResponse } from "../support/response.ts";
import { requestOctets, type Saker, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const BROWSER = "gzip, deflate, br, zstd";
const DECODERS: Readonly<Record<string, (octets: Uint8Array) => Buffer>> = {
  identity: (octets) => Buffer.from(octets),
  br: brotliDecompressSync,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
};

/** Text that compresses to about a third, and is never the same at two places. */
function text(octets: number, seed: number): Buffer {
  const words = randomOctets(octets, seed).toString("hex");
  let page = "<!doctype html>\n";
  for (let at = 0; page.length < octets; at += 8)
    page += `<p class="line">the word at ${at} is ${words.slice(at, at + 8)}</p>\n`;
  return Buffer.from(page.slice(0, octets));
}

const PAGE = text(20_000, 1);
const SCRIPT = text(300_000, 2);
const LARGE = text(1_500_000, 3);
const STYLE = text(30_000, 4);

const FILES = {
  "page.html": PAGE,
  "script.js": SCRIPT,
  "large.json": LARGE,
  "small.html": text(1399, 5),
  "just.html": text(1400, 6),
  "noise.txt": randomOctets(10_000, 7),
  "empty.html": "",
  "image.png": text(20_000, 8),
  "data.jsonld": text(5000, 9),
  "style.css": STYLE,
  "style.css.br": brotliCompressSync(STYLE),
  "style.css.gz": gzipSync(STYLE, { level: 9 }),
  "tiny.js": "export {}; ".repeat(20),
  "tiny.js.gz": gzipSync("export {}; ".repeat(20)),
  "film.txt": text(5_000_000, 10),
  "film.txt.zst": zstdCompressSync(text(5_000_000, 10)),
};

const accept = (value: string) => [`Accept-Encoding: ${value}`];
const codingOf = (response: ClientResponse) => response.field("Content-Encoding") ?? "identity";
const decoded = (response: ClientResponse) => DECODERS[codingOf(response)]!(response.body);

describe.each([
  ["with FFI", {}],
  ["without FFI", { SAKER_NO_FFI: "1" }],
] as const)("%s", (_, env) => {
  const server = useSaker({ env, site: FILES, config: "max_cached_file_kb = 2048" });

  test.each([
    ["/page.html", PAGE, BROWSER, "br"],
    ["/page.html", PAGE, "gzip, deflate", "gzip"],
    ["/page.html", PAGE, "zstd", "zstd"],
    ["/page.html", PAGE, "X-GZIP", "gzip"],
    ["/page.html", PAGE, "br;q=0.5, gzip;q=0.8", "gzip"],
    ["/page.html", PAGE, "gzip;q=0, *;q=0.1", "br"],
    ["/page.html", PAGE, "gzip;q=1.5", "identity"],
    ["/page.html", PAGE, "deflate, compress", "identity"],
    ["/page.html", PAGE, "identity;q=0", "identity"],
    ["/page.html", PAGE, "", "identity"],
    ["/script.js", SCRIPT, BROWSER, "br"],
    ["/script.js", SCRIPT, "gzip", "gzip"],
    ["/large.json", LARGE, "zstd, gzip", "zstd"],
    ["/just.html", FILES["just.html"], BROWSER, "br"],
    ["/data.jsonld", FILES["data.jsonld"], "zstd", "zstd"],
    ["/small.html", FILES["small.html"], BROWSER, "identity"],
    ["/noise.txt", FILES["noise.txt"], BROWSER, "identity"],
    ["/empty.html", Buffer.alloc(0), BROWSER, "identity"],
    ["/image.png", FILES["image.png"], BROWSER, "identity"],
    ["/style.css", STYLE, BROWSER, "br"],
    ["/style.css", STYLE, "gzip, zstd", "gzip"],
    ["/style.css", STYLE, "zstd", "zstd"],
    ["/tiny.js", Buffer.from(FILES["tiny.js"]), BROWSER, "gzip"],
    ["/tiny.js", Buffer.from(FILES["tiny.js"]), "br", "identity"],
    ["/film.txt", FILES["film.txt"], BROWSER, "zstd"],
    ["/film.txt", FILES["film.txt"], "gzip, br", "identity"],
    ["/style.css.gz", FILES["style.css.gz"], "gzip", "identity"],
  ])("%s for %3$j", async (target, content, value, coding) => {
    for (const _ of ["made", "kept"]) {
      const response = await server.saker.get(target, accept(value));
      expect(response.status).toBe(200);
      expect(codingOf(response)).toBe(coding);
      expect(firstDifference(decoded(response), content as Buffer)).toBeNull();
      expect(response.field("Content-Length")).toBe(String(response.body.length));
    }
  });

  test("many first requests at once get equal octets under one tag", async () => {
    await server.saker.site.place("popular.html", text(200_000, 11));
    await Bun.sleep(150); // a younger file would be read again
    const responses = await Promise.all(
      Array.from({ length: 24 }, () => server.saker.get("/popular.html", accept("br"))),
    );
    for (const response of responses) {
      expect(codingOf(response)).toBe("br");
      expect(response.field("ETag")).toBe(responses[0]!.field("ETag"));
      expect(firstDifference(response.body, responses[0]!.body)).toBeNull();
    }
  });
});

const server = useSaker({ site: FILES });

describe("a resource that could be coded says so, whatever was selected (RFC 9110 §12.5.5)", () => {
  test.each([
    ["identity", "GET", "/page.html", []],
    ["a coding", "GET", "/page.html", accept("gzip")],
    ["HEAD", "HEAD", "/page.html", accept("gzip")],
    ["a range", "GET", "/page.html", [...accept("gzip"), "Range: bytes=0-9"]],
    ["several ranges", "GET", "/page.html", ["Range: bytes=0-9,20-29"]],
    ["304", "GET", "/page.html", ["If-None-Match: *"]],
    ["noise, which was tried", "GET", "/noise.txt", accept("gzip")],
    ["a neighbour", "GET", "/tiny.js", []],
  ])("%s", async (_, method, target, lines) => {
    expect((await server.saker.get(target, lines, method)).field("Vary")).toBe("Accept-Encoding");
  });

  test.each([
    ["/small.html", null],
    ["/image.png", null],
    ["/empty.html", null],
    ["/style.css.gz", null],
    ["/missing", "Accept"],
  ])("%s could not", async (target, vary) => {
    expect((await server.saker.get(target, accept(BROWSER))).field("Vary")).toBe(vary);
  });
});

describe("validators", () => {
  test("tags are strong, and differ between codings of one file and between neighbours", async () => {
    for (const target of ["/page.html", "/style.css"]) {
      const tags = await Promise.all(
        ["identity", "gzip", "br", "zstd"].map(async (value) =>
          (await server.saker.get(target, accept(value))).field("ETag"),
        ),
      );
      for (const tag of tags) expect(tag).toMatch(/^"[\x21\x23-\x7e]+"$/);
      expect(new Set(tags).size).toBe(4);
    }
  });

  test.each(["/page.html", "/script.js", "/style.css", "/film.txt"])(
    "%s: HEAD, 304 and 412 are about what GET selects",
    async (target) => {
      for (const value of ["identity", "gzip", "br", "zstd"]) {
        const full = await server.saker.get(target, accept(value));
        const head = await server.saker.get(target, accept(value), "HEAD");
        const fields = ({ head: { fields } }: ClientResponse) =>
          fields.filter(([name]) => name !== "Date" && name !== "X-Cache");
        expect(fields(head)).toEqual(fields(full));
        const etag = full.field("ETag")!;
        const unchanged = await server.saker.get(target, [...accept(value), `If-None-Match: ${etag}`]);
        expect(unchanged.status).toBe(304);
        expect(unchanged.field("ETag")).toBe(etag);
        expect(unchanged.has("Content-Encoding")).toBe(false);
        expect((await server.saker.get(target, [...accept(value), `If-Match: ${etag}`])).status).toBe(200);
        expect((await server.saker.get(target, [...accept(value), 'If-Match: "other"'])).status).toBe(412);
      }
    },
  );

  test("the tag of one coding is none of another's", async () => {
    const tagOf = async (value: string) => (await server.saker.get("/page.html", accept(value))).field("ETag")!;
    for (const [held, asked] of [
      ["gzip", "br"],
      ["br", "identity"],
      ["identity", "zstd"],
    ] as const) {
      const response = await server.saker.get("/page.html", [...accept(asked), `If-None-Match: ${await tagOf(held)}`]);
      expect(response.status).toBe(200);
      expect(codingOf(response)).toBe(asked);
    }
  });

  test("ranges of a coded representation put together decode to the file", async () => {
    const whole = await server.saker.get("/script.js", accept("br"));
    const half = Math.floor(whole.body.length / 2);
    const parts: Uint8Array[] = [];
    for (const range of [`0-${half - 1}`, `${half}-`]) {
      const lines = [...accept("br"), `Range: bytes=${range}`, `If-Range: ${whole.field("ETag")}`];
      const part = await server.saker.get("/script.js", lines);
      expect(part.status).toBe(206);
      expect(codingOf(part)).toBe("br");
      expect(part.field("Content-Range")).toEndWith(`/${whole.body.length}`);
      parts.push(part.body);
    }
    expect(firstDifference(brotliDecompressSync(Buffer.concat(parts)), SCRIPT)).toBeNull();
  });

  describe.each([
    ["compressed on the fly", "/script.js", SCRIPT],
    ["precompressed", "/style.css", STYLE],
    ["precompressed, too large for the cache", "/film.txt", FILES["film.txt"] as Buffer],
  ])("a range of a file that is %s", (_, target, content) => {
    const get = (...lines: string[]) => server.saker.get(target, [...accept(BROWSER), ...lines]);
    const tagOf = async (value: string) => (await server.saker.get(target, accept(value))).field("ETag")!;
    const size = content.length;

    test.each<[range: string, first: number, last: number]>([
      ["10-19", 10, 19],
      ["20000-", 20_000, size - 1],
      ["-7", size - 7, size - 1],
    ])("bytes=%s is cut from the file itself, whatever is accepted", async (range, first, last) => {
      const plainTag = await tagOf("identity");
      for (const more of [[], ["If-Match: *"], [`If-Range: ${plainTag}`], [`If-Match: "x", ${plainTag}`]]) {
        const part = await get(`Range: bytes=${range}`, ...more);
        expect([part.status, codingOf(part), part.field("Vary")]).toEqual([206, "identity", "Accept-Encoding"]);
        expect(part.field("ETag")).toBe(plainTag);
        expect(part.field("Content-Range")).toBe(`bytes ${first}-${last}/${size}`);
        expect(firstDifference(part.body, content.subarray(first, last + 1))).toBeNull();
      }
    });

    test("so are several ranges, and a range is unsatisfiable by the file's length", async () => {
      const parts = await get("Range: bytes=0-9,20-29");
      expect([parts.status, parts.field("Content-Encoding")]).toEqual([206, null]);
      expect(parts.field("Content-Type")).toStartWith("multipart/byteranges");
      const beyond = await get(`Range: bytes=${size}-`);
      expect([beyond.status, beyond.field("Content-Range")]).toEqual([416, `bytes */${size}`]);
    });

    test("a client that names a coded form by its tag gets ranges of that", async () => {
      const whole = await get();
      for (const field of ["If-Range", "If-Match"]) {
        const part = await get("Range: bytes=10-", `${field}: ${whole.field("ETag")}`);
        expect([part.status, codingOf(part)]).toEqual([206, codingOf(whole)]);
        expect(firstDifference(part.body, whole.body.subarray(10))).toBeNull();
      }
    });

    test.each<[what: string, lines: string[]]>([
      ["another unit", ["Range: lines=1-2"]],
      ["a malformed range", ["Range: bytes=5-1"]],
      ["two Range lines", ["Range: bytes=0-9", "Range: bytes=20-29"]],
      ["If-Range with a tag of none of them", ["Range: bytes=0-9", 'If-Range: "other"']],
    ])("where Range is ignored, the coding is as always: %s", async (_, lines) => {
      const [whole, response] = [await get(), await get(...lines)];
      expect([response.status, codingOf(response)]).toEqual([200, codingOf(whole)]);
      expect(firstDifference(decoded(response), content)).toBeNull();
    });

    test("a date in If-Range can't tell the codings apart: it counts for clients that take none", async () => {
      const date = (await get()).field("Last-Modified")!;
      const response = await get("Range: bytes=0-9", `If-Range: ${date}`);
      expect([response.status, codingOf(response)]).toEqual([200, codingOf(await get())]);
      expect((await server.saker.get(target, ["Range: bytes=0-9", `If-Range: ${date}`])).status).toBe(206);
    });

    test("a client that refuses the file itself gets all of the coded form", async () => {
      const coding = codingOf(await get());
      for (const more of [[], ["If-Match: *"]]) {
        const lines = [`Accept-Encoding: ${coding}, identity;q=0`, "Range: bytes=0-9", ...more];
        const response = await server.saker.get(target, lines);
        expect([response.status, codingOf(response)]).toEqual([200, coding]);
        expect(firstDifference(decoded(response), content)).toBeNull();
      }
    });

    test("HEAD has no ranges", async () => {
      const response = await server.saker.get(target, [...accept(BROWSER), "Range: bytes=0-9"], "HEAD");
      expect([response.status, codingOf(response)]).toEqual([200, codingOf(await get())]);
    });

    test("a condition comes before the range", async () => {
      const unchanged = await get("Range: bytes=0-9", `If-None-Match: ${await tagOf("identity")}`);
      expect(unchanged.status).toBe(304);
      expect((await get("Range: bytes=0-9", 'If-Match: "other"')).status).toBe(412);
    });
  });

  test("If-Range with the tag of another coding gets the whole", async () => {
    const etag = (await server.saker.get("/script.js", accept("gzip"))).field("ETag");
    const response = await server.saker.get("/script.js", [...accept("br"), "Range: bytes=0-9", `If-Range: ${etag}`]);
    expect(response.status).toBe(200);
    expect(codingOf(response)).toBe("br");
  });

  test("several ranges of a coded representation are the whole of it", async () => {
    const etag = (await server.saker.get("/script.js", accept("br"))).field("ETag");
    const lines = [...accept("br"), "Range: bytes=0-9,20-29", `If-Range: ${etag}`];
    const response = await server.saker.get("/script.js", lines);
    expect(response.status).toBe(200);
    expect(firstDifference(decoded(response), SCRIPT)).toBeNull();
  });

  test("are the same for every worker and after a restart; a returning client gets 304 before anything is compressed", async () => {
    const etag = (await server.saker.get("/script.js", accept("br"))).field("ETag");
    await using others = await startSaker({ site: FILES, config: "num_workers = 2" });
    const unchanged = await others.get("/script.js", [...accept("br"), `If-None-Match: ${etag}`]);
    expect(unchanged.status).toBe(304);
    expect(unchanged.field("ETag")).toBe(etag);
    for (let time = 0; time < 8; time++) {
      expect((await others.get("/script.js", accept("br"))).field("ETag")).toBe(etag);
    }
  });
});

describe("curl", () => {
  const curl = async (...args: string[]): Promise<Buffer> => {
    const child = Bun.spawn(["curl", "--silent", "--fail", ...args], { stdout: "pipe" });
    const [octets] = await Promise.all([child.stdout.bytes(), child.exited]);
    return Buffer.from(octets);
  };

  test.each(["page.html", "script.js", "style.css", "film.txt", "small.html", "noise.txt"] as const)(
    "--compressed gets %s as it is",
    async (name) => {
      const url = `${server.saker.url}/${name}`;
      expect(firstDifference(await curl("--compressed", url), Buffer.from(FILES[name]))).toBeNull();
      for (const coding of ["gzip", "br", "zstd"]) {
        const octets = await curl("--compressed", "-H", `Accept-Encoding: ${coding}`, url);
        expect(firstDifference(octets, Buffer.from(FILES[name]))).toBeNull();
      }
    },
  );

  test("--compressed moves fewer octets", async () => {
    const size = async (...args: string[]) =>
      Number(await curl("-o", "/dev/null", "-w", "%{size_download}", ...args, `${server.saker.url}/script.js`));
    expect(await size("--compressed")).toBeLessThan((await size()) / 2);
  });
});

describe("neighbours", () => {
  const OLD = new Date("2020-01-01T00:00:00Z");

  async function withStyle(options: Parameters<typeof startSaker>[0] = {}): Promise<Saker> {
    return startSaker({ config: "cache_revalidate_ms = 0", ...options, site: { "a.css": STYLE, "keep.txt": "keep" } });
  }

  test("come and go while the server runs", async () => {
    await using saker = await withStyle();
    utimesSync(saker.site.path("a.css"), OLD, OLD);
    const get = () => saker.get("/a.css", accept("gzip"));
    const made = await get();
    expect(codingOf(made)).toBe("gzip");
    const own = gzipSync(STYLE, { level: 9 });
    writeFileSync(saker.site.path("a.css.gz"), own);
    expect(firstDifference((await get()).body, own)).toBeNull();
    const other = gzipSync(STYLE, { level: 1 });
    await saker.site.replace("a.css.gz", other);
    expect(firstDifference((await get()).body, other)).toBeNull();
    await saker.site.remove("a.css.gz");
    expect((await get()).field("ETag")).toBe(made.field("ETag"));
  });

  test("that are older than the file are ignored, and used again when they have been renewed", async () => {
    await using saker = await withStyle();
    const stale = gzipSync("what the file was before");
    writeFileSync(saker.site.path("a.css.gz"), stale);
    utimesSync(saker.site.path("a.css.gz"), OLD, OLD);
    expect(firstDifference(decoded(await saker.get("/a.css", accept("gzip"))), STYLE)).toBeNull();
    expect(firstDifference((await saker.get("/a.css.gz")).body, stale)).toBeNull();
    const now = new Date();
    utimesSync(saker.site.path("a.css"), now, now);
    utimesSync(saker.site.path("a.css.gz"), now, now);
    expect(firstDifference((await saker.get("/a.css", accept("gzip"))).body, stale)).toBeNull();
  });

  test("that lead out of the root are not followed", async () => {
    await using saker = await withStyle();
    writeFileSync(saker.site.beside("secret"), "secret");
    await saker.site.place("a.css.br", { link: "../secret" });
    const response = await saker.get("/a.css", accept("br"));
    expect(firstDifference(decoded(response), STYLE)).toBeNull();
  });

  test("larger than a socket's buffer go by sendfile", async () => {
    await using saker = await startSaker({
      site: { "a.txt": text(12_000_000, 20), "a.txt.gz": gzipSync(text(12_000_000, 20), { level: 1 }) },
    });
    await using client = await saker.connect({ receiveBufferOctets: 32_768 });
    const response = await client.request(requestOctets("/a.txt", accept("gzip")));
    expect(firstDifference(gunzipSync(response.body), text(12_000_000, 20))).toBeNull();
    expect((await saker.metrics()).value("saker_sendfile_bytes_total")).toBeGreaterThan(response.body.length / 2);
  });

  test("serve with the cache off, when nothing is made", async () => {
    await using saker = await startSaker({ site: FILES, config: "cache_size_mb = 0" });
    for (let time = 0; time < 3; time++) {
      expect(codingOf(await saker.get("/style.css", accept("gzip")))).toBe("gzip");
      expect(codingOf(await saker.get("/page.html", accept("gzip")))).toBe("identity");
    }
    expect((await saker.get("/page.html", accept("gzip"))).field("Vary")).toBeNull();
  });
});

describe("settings", () => {
  const { "film.txt": _film, "film.txt.zst": _coded, "large.json": _large, ...few } = FILES;

  test.each([
    ["enabled = false", "/page.html", BROWSER, "identity"],
    ["enabled = false", "/style.css", BROWSER, "identity"],
    ['codings = ["gzip"]', "/page.html", BROWSER, "gzip"],
    ['codings = ["zstd", "br"]', "/page.html", BROWSER, "zstd"],
    ['codings = ["zstd"]', "/style.css", BROWSER, "zstd"],
    ["codings = []", "/page.html", BROWSER, "identity"],
    ['types = ["text/css"]', "/page.html", BROWSER, "identity"],
    ['types = ["image/png"]', "/image.png", "gzip", "gzip"],
    ["minimum_size_bytes = 100", "/small.html", "gzip", "gzip"],
    ["minimum_size_bytes = 30000", "/page.html", "gzip", "identity"],
    ["precompressed = false", "/tiny.js", "gzip", "identity"],
    ["cache_share_percent = 0", "/page.html", "gzip", "identity"],
    ["cache_share_percent = 0", "/style.css", "gzip", "gzip"],
  ])("%s: %s for %s is %s", async (line, target, value, coding) => {
    await using saker = await startSaker({ site: few, config: `[compression]\n${line}` });
    for (const _ of ["made", "kept"]) expect(codingOf(await saker.get(target, accept(value)))).toBe(coding);
  });

  test("media_types decide what is compressed", async () => {
    const config = '[media_types]\npng = "text/x-png"\nhtml = "application/octet-stream"';
    await using saker = await startSaker({ site: few, config });
    const png = await saker.get("/image.png", accept("gzip"));
    expect(png.field("Content-Type")).toBe("text/x-png; charset=utf-8");
    expect(codingOf(png)).toBe("gzip");
    const html = await saker.get("/page.html", accept("gzip"));
    expect(html.field("Content-Type")).toBe("application/octet-stream");
    expect(codingOf(html)).toBe("identity");
  });
});

test("a file that changes is compressed again, under another tag", async () => {
  await using saker = await startSaker({ site: { "a.html": PAGE }, config: "cache_revalidate_ms = 0" });
  const before = await saker.get("/a.html", accept("br"));
  await saker.site.replace("a.html", STYLE);
  const after = await saker.get("/a.html", [...accept("br"), `If-None-Match: ${before.field("ETag")}`]);
  expect(after.status).toBe(200);
  expect(firstDifference(decoded(after), STYLE)).toBeNull();
});

test("a server without free places sends the file as it is, and no request is refused", async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index}.txt`, text(100_000, index)]));
  await using saker = await startSaker({ site: files, config: "threads_per_worker = 1\nqueue_size = 100" });
  const responses = await Promise.all(
    Object.keys(files).map(async (name) => [name, await saker.get(`/${name}`, accept("br"))] as const),
  );
  for (const [name, response] of responses) {
    expect(response.status).toBe(200);
    expect(firstDifference(decoded(response), files[name]!)).toBeNull();
  }
  expect(responses.some(([, response]) => codingOf(response) === "identity")).toBe(true);
  for (const name of Object.keys(files)) expect(codingOf(await saker.get(`/${name}`, accept("br")))).toBe("br");
});

describe.each([
  ["", {}],
  [" without FFI", { SAKER_NO_FFI: "1" }],
])("a file that is too large to wait for%s", (_, env) => {
  const HUGE = text(6_000_000, 21);
  const config = "[compression]\nupgrade_cpu_percent = 100";

  /** Looks by HEAD: megabytes again and again would take the time that the compressor, of the lowest priority, needs. */
  const untilCoding = (saker: Saker, accepted: string, coding: string) =>
    until(
      async () => codingOf(await saker.get("/data.json", accept(accepted), "HEAD")) === coding,
      `its coding is ${coding}`,
      30_000,
    );

  test.concurrent("is compressed in the background, and sent as it is until then", async () => {
    await using saker = await startSaker({ site: { "data.json": HUGE }, config, env });
    const get = (...lines: string[]) => saker.get("/data.json", [...accept("br"), ...lines]);
    const first = await get();
    expect([codingOf(first), first.field("Vary")]).toEqual(["identity", "Accept-Encoding"]);
    expect(firstDifference(first.body, HUGE)).toBeNull();
    await untilCoding(saker, "br", "br");
    const coded = await get();
    expect(codingOf(coded)).toBe("br");
    expect(firstDifference(decoded(coded), HUGE)).toBeNull();
    expect(coded.field("Content-Length")).toBe(String(coded.body.length));
    expect(coded.field("ETag")).toStartWith(first.field("ETag")!.slice(0, -1));
    expect((await get(`If-None-Match: ${coded.field("ETag")}`)).status).toBe(304);
    const part = await get("Range: bytes=5000000-5000099");
    expect(firstDifference(part.body, HUGE.subarray(5_000_000, 5_000_100))).toBeNull();
    const named = await get("Range: bytes=1000-", `If-Range: ${coded.field("ETag")}`);
    expect([named.status, codingOf(named)]).toEqual([206, "br"]);
    expect(firstDifference(named.body, coded.body.subarray(1000))).toBeNull();
    expect(codingOf(await saker.get("/data.json", accept("gzip")))).toBe("identity");
    const metrics = await saker.metrics();
    expect(metrics.value("saker_compression_made_total", { for: "request" })).toBeGreaterThan(0);
  });

  test.concurrent("is compressed anew when it has changed", async () => {
    await using saker = await startSaker({ site: { "data.json": HUGE }, config, env });
    const get = () => saker.get("/data.json", accept("zstd"));
    const coded = async () => {
      await get(); // asks for it
      await untilCoding(saker, "zstd", "zstd");
      return await get();
    };
    const before = await coded();
    const other = text(5_000_000, 22);
    await saker.site.replace("data.json", other);
    await untilCoding(saker, "zstd", "identity");
    const after = await coded();
    expect(after.field("ETag")).not.toBe(before.field("ETag"));
    expect(firstDifference(decoded(after), other)).toBeNull();
  });
});

test.concurrent("a variant that answers often is recompressed; clients with the former get 304", async () => {
  const config = "[compression]\nupgrade_hits = 10\nupgrade_cpu_percent = 100";
  await using saker = await startSaker({ site: { "a.html": SCRIPT }, config });
  const [before, zstd] = [await saker.get("/a.html", accept("br")), await saker.get("/a.html", accept("zstd"))];
  const better = await until(
    async () => {
      const response = await saker.get("/a.html", accept("br"));
      return response.field("ETag") === before.field("ETag") ? null : response;
    },
    "a better variant",
    20_000,
  );
  expect(better.body.length).toBeLessThan(before.body.length);
  expect(firstDifference(decoded(better), SCRIPT)).toBeNull();
  for (const etag of [before.field("ETag"), better.field("ETag")]) {
    const unchanged = await saker.get("/a.html", [...accept("br"), `If-None-Match: ${etag}`]);
    expect(unchanged.status).toBe(304);
    expect(unchanged.field("ETag")).toBe(etag);
    expect(unchanged.field("Vary")).toBe("Accept-Encoding");
  }
  const stale = await saker.get("/a.html", [...accept("br"), "Range: bytes=0-9", `If-Range: ${before.field("ETag")}`]);
  expect(stale.status).toBe(200);
  expect((await saker.get("/a.html", accept("zstd"))).field("ETag")).toBe(zstd.field("ETag"));
});

test("many codings of many files, pipelined, all decode", async () => {
  await using client = await server.saker.connect();
  const names = ["page.html", "script.js", "style.css", "small.html", "tiny.js"] as const;
  const wanted = names.flatMap((name) => ["gzip", "br", "zstd", "identity"].map((value) => [name, value] as const));
  await client.send(wanted.map(([name, value]) => requestOctets(`/${name}`, accept(value))).join(""));
  for (const [name] of wanted) {
    expect(firstDifference(decoded(await client.readResponse()), Buffer.from(FILES[name]))).toBeNull();
  }
});

describe("what is no file, and files that are coded already", () => {
  const IMAGE = Buffer.concat([Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'), text(3000, 20)]);
  const PACKED = gzipSync(IMAGE);
  const NOT_FOUND = text(4000, 21);
  const server = useSaker({
    config: `directory_listing = true
cache_revalidate_ms = 3600000
[error_pages]
404 = "/errors/404.html"
[[header]]
path = "/plain/*"
remove = ["Content-Encoding"]
`,
    site: {
      "errors/404.html": NOT_FOUND,
      "plain/page.html": PAGE,
      "image.svgz": PACKED,
      "wrong.svgz": IMAGE,
      "empty.svgz": "",
      ...Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`many/file-${index}.txt`, "x"])),
    },
  });
  const get = (...args: Parameters<Saker["get"]>) => server.saker.get(...args);

  test.each([
    ["HTML", ["Accept: text/html"], "Accept, Accept-Encoding"],
    ["JSON", ["Accept: application/json"], "Accept, Accept-Encoding"],
  ])("a listing in %s is compressed, and says so to everyone", async (_, lines, vary) => {
    const plain = await get("/many/", lines);
    expect([codingOf(plain), plain.field("Vary")]).toEqual(["identity", vary]);
    const tags = new Set([plain.field("ETag")]);
    for (const coding of ["br", "gzip", "zstd"]) {
      const ask = (more: string[] = [], method = "GET") =>
        get("/many/", [...lines, ...accept(coding), ...more], method);
      const coded = await ask();
      expect([codingOf(coded), coded.field("Vary")]).toEqual([coding, vary]);
      expect(coded.body.length).toBeLessThan(plain.body.length);
      expect(firstDifference(decoded(coded), plain.body)).toBeNull();
      tags.add(coded.field("ETag"));
      const head = await ask([], "HEAD");
      expect([head.field("Content-Length"), codingOf(head)]).toEqual([String(coded.body.length), coding]);
      const part = await ask(["Range: bytes=10-19"]);
      expect([part.status, codingOf(part), part.field("Vary")]).toEqual([206, "identity", vary]);
      expect(firstDifference(part.body, plain.body.subarray(10, 20))).toBeNull();
      const named = await ask(["Range: bytes=10-19", `If-Range: ${coded.field("ETag")}`]);
      expect([named.status, codingOf(named)]).toEqual([206, coding]);
      expect(firstDifference(named.body, coded.body.subarray(10, 20))).toBeNull();
      const same = await ask([`If-None-Match: ${coded.field("ETag")}`]);
      expect([same.status, same.field("Vary")]).toEqual([304, vary]);
      expect((await ask([`If-Match: ${plain.field("ETag")}`])).status).toBe(412);
    }
    expect(tags.size).toBe(4);
  });

  test("every order of a listing decodes to that order, and a change shows", async () => {
    for (let round = 0; round < 2; round++) {
      for (const query of ["", "?sort=name&order=desc", "?sort=size&order=asc", "?sort=size&order=desc"]) {
        const [plain, coded] = [await get(`/many/${query}`), await get(`/many/${query}`, accept("br"))];
        expect(codingOf(coded)).toBe("br");
        expect(firstDifference(decoded(coded), plain.body)).toBeNull();
      }
    }
  });

  test("an error page is compressed as soon as it can be, whatever asked for it", async () => {
    const first = await get("/missing", accept("br"));
    expect([first.status, first.field("Vary")]).toEqual([404, "Accept, Accept-Encoding"]);
    const coded = await until(async () => {
      const response = await get("/missing", accept("br"));
      return codingOf(response) === "br" ? response : null;
    }, "the coded page is sent");
    expect([coded.status, coded.field("Vary"), coded.has("ETag")]).toEqual([404, "Accept, Accept-Encoding", false]);
    expect(firstDifference(decoded(coded), NOT_FOUND)).toBeNull();
    const head = await get("/other", accept("br"), "HEAD");
    expect([head.status, head.field("Content-Length"), codingOf(head)]).toEqual([404, String(coded.body.length), "br"]);
    const plain = await get("/missing");
    expect([codingOf(plain), plain.field("Vary")]).toEqual(["identity", "Accept, Accept-Encoding"]);
    expect(firstDifference(plain.body, NOT_FOUND)).toBeNull();
    const problem = await get("/missing", ["Accept: application/json", ...accept("br")]);
    expect([codingOf(problem), JSON.parse(problem.text).status]).toEqual(["identity", 404]);
  });

  test.each([
    ["gzip, br", "gzip", PACKED],
    ["br, zstd", "identity", IMAGE],
    ["identity", "identity", IMAGE],
    ["gzip;q=0", "identity", IMAGE],
    ["*", "gzip", PACKED],
  ])(".svgz for Accept-Encoding: %s is an SVG in %s", async (value, coding, content) => {
    for (let round = 0; round < 2; round++) {
      const response = await get("/image.svgz", accept(value));
      expect([codingOf(response), response.field("Vary")]).toEqual([coding, "Accept-Encoding"]);
      expect(response.field("Content-Type")).toBe("image/svg+xml; charset=utf-8");
      expect(firstDifference(response.body, content)).toBeNull();
      const part = await get("/image.svgz", [...accept(value), "Range: bytes=5-9"]);
      expect([part.status, codingOf(part)]).toEqual([206, "identity"]);
      expect(firstDifference(part.body, IMAGE.subarray(5, 10))).toBeNull();
      const named = ["Range: bytes=5-9", `If-Range: ${response.field("ETag")}`];
      const ofCoded = await get("/image.svgz", [...accept(value), ...named]);
      expect([ofCoded.status, codingOf(ofCoded)]).toEqual([206, coding]);
      expect(firstDifference(ofCoded.body, content.subarray(5, 10))).toBeNull();
      const same = await get("/image.svgz", [...accept(value), `If-None-Match: ${response.field("ETag")}`]);
      expect(same.status).toBe(304);
      const other = await get("/image.svgz", [...accept(coding === "gzip" ? "br" : "gzip")]);
      expect(other.field("ETag")).not.toBe(response.field("ETag"));
    }
  });

  test("a file that only is called .svgz is sent as what it is", async () => {
    const response = await get("/wrong.svgz", accept("gzip"));
    expect(firstDifference(decoded(response), IMAGE)).toBeNull();
    expect((await get("/wrong.svgz")).field("Content-Encoding")).toBeNull();
    expect((await get("/empty.svgz", accept("gzip"))).body.length).toBe(0);
  });

  test("where a rule leaves out Content-Encoding, nothing is coded", async () => {
    const response = await get("/plain/page.html", accept(BROWSER));
    expect([response.field("Content-Encoding"), response.field("Vary")]).toEqual([null, null]);
    expect(firstDifference(response.body, PAGE)).toBeNull();
  });

  test("it is counted", async () => {
    const metrics = await server.saker.metrics();
    for (const coding of ["gzip", "br", "zstd"])
      expect(metrics.value("saker_compression_responses_total", { coding })).toBeGreaterThan(0);
    expect(metrics.value("saker_compression_saved_bytes_total")).toBeGreaterThan(10_000);
    expect(metrics.value("saker_compression_made_total", { for: "request" })).toBeGreaterThan(5);
    expect(metrics.value("saker_compression_seconds_total")).toBeGreaterThan(0);
  });
});
