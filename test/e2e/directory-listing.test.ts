/** Directory listings as clients see them: pages, JSON, orders, validators, changes, and what is never shown. */
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../support/deadline.ts";
import type { ClientResponse } from "../support/response.ts";
import { requestOctets, startSaker } from "../support/saker.ts";
import { asNobody } from "../support/unprivileged.ts";
import { useSaker } from "../support/use-saker.ts";

/** Names that are hard to spell, in HTML or in a URL. */
const AWKWARD = [
  "with space",
  "100%.txt",
  "%2e%2e",
  "%00",
  "what?.txt",
  "#1",
  "a&b=c;d",
  "&lt;",
  "<script>alert(1)<",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='x",
  "javascript:alert(1)",
  "http:",
  "back\\slash",
  "..\\..\\etc",
  "ünï…",
  "日本語",
  "😀",
  "e\u0301",
  "new\nline",
  "cr\rlf\n",
  "\x1b[31mred\x7f",
  "\u202eexe.txt",
  "...",
  "..a",
  "~+$,;=:@!*()'",
];

const shared = useSaker({
  config: "directory_listing = true\ncache_revalidate_ms = 0",
  site: {
    "files/b.txt": "four",
    "files/a.bin": "x".repeat(3000),
    "files/c.txt": "",
    "files/sub/page.html": "page",
    "files/.env": "secret",
    "files/.git/config": "secret",
    "files/inside": { link: "../target.txt" },
    "files/outside": { link: "../../outside.txt" },
    "files/etc": { link: "/etc" },
    "files/broken": { link: "nowhere" },
    "files/fifo": { fifo: true },
    "target.txt": "1234567",
    "../outside.txt": "outside",
    "with-index/index.html": "index",
    "with-index/other.txt": "other",
    empty: { folder: true },
    ".well-known/security.txt": "Contact: x",
    ...Object.fromEntries(AWKWARD.map((name) => [`awkward/${name}`, `content of ${name}`])),
    "awkward/sub & <folder>/inner.txt": "inner",
  },
});

interface JsonEntry {
  readonly name: string;
  readonly type: "file" | "directory";
  readonly size: number | null;
  readonly modified: string | null;
  readonly url: string | null;
}

const JSON_FIRST = ["Accept: application/json"];

async function entriesAt(target: string, lines: readonly string[] = JSON_FIRST): Promise<JsonEntry[]> {
  const response = await shared.saker.get(target, lines);
  expect(response.status).toBe(200);
  expect(response.field("Content-Type")).toBe("application/json");
  return JSON.parse(response.text) as JsonEntry[];
}

/** The names on an HTML page, in order, with the slash of directories. */
async function namesAt(target: string): Promise<string[]> {
  const { text } = await shared.saker.get(target);
  return [...text.matchAll(/<th scope="row"><(?:a|span)[^>]*>([^<]*)</g)].map(([, name]) => name!);
}

describe("what is listed", () => {
  test("files and folders of a directory, folders first; nothing hidden, special, or out of bounds", async () => {
    expect(await namesAt("/files/")).toEqual(["Parent folder", "sub/", "a.bin", "b.txt", "c.txt", "inside"]);
  });

  test("as JSON", async () => {
    const entries = await entriesAt("/files/");
    expect(entries.map(({ name, type, size, url }) => [name, type, size, url])).toEqual([
      ["sub", "directory", null, "sub/"],
      ["a.bin", "file", 3000, "a.bin"],
      ["b.txt", "file", 4, "b.txt"],
      ["c.txt", "file", 0, "c.txt"],
      ["inside", "file", 7, "inside"],
    ]);
  });

  test("with the time of a file's last modification", async () => {
    await shared.saker.site.place("dated/file", "x");
    await shared.saker.site.setModified("dated/file", new Date("2020-02-29T12:34:56Z"));
    expect((await entriesAt("/dated/"))[0]!.modified).toBe("2020-02-29T12:34:56Z");
    expect((await shared.saker.get("/dated/")).text).toContain(
      '<time datetime="2020-02-29T12:34:56Z">2020-02-29 12:34<',
    );
    await rename(shared.saker.site.path("dated"), shared.saker.site.beside("dated"));
  });

  test("an index file comes first", async () => {
    expect((await shared.saker.get("/with-index/")).text).toBe("index");
    expect((await shared.saker.get("/with-index/", JSON_FIRST)).text).toBe("index");
  });

  test("an empty directory, in both forms", async () => {
    expect((await shared.saker.get("/empty/")).text).toContain("There is nothing in this folder.");
    expect(await entriesAt("/empty/")).toEqual([]);
  });

  test("the root has no parent, and hides what begins with a dot, .well-known too", async () => {
    expect(await namesAt("/")).toEqual(["awkward/", "empty/", "files/", "with-index/", "target.txt"]);
  });

  test.each([
    ["/files", 301],
    ["/missing/", 404],
    ["/target.txt/", 404],
    ["/files/etc/", 404],
    ["/files/.git/", 404],
    ["/files/broken/", 404],
    ["/../", 400],
  ])("%s is %d", async (target, status) => {
    expect((await shared.saker.get(target)).status).toBe(status);
  });

  test.each(["POST", "DELETE", "PUT"])("%s is refused", async (method) => {
    expect((await shared.saker.get("/files/", ["Content-Length: 0"], method)).status).toBe(405);
  });
});

describe("every link leads to what it names", () => {
  test("on a JSON list", async () => {
    const entries = await entriesAt("/awkward/");
    expect(entries.map(({ name }) => name).sort()).toEqual(
      [...AWKWARD.filter((name) => name[0] !== "."), "sub & <folder>"].sort(),
    );
    for (const { name, type, url } of entries) {
      const { pathname, host } = new URL(url!, "http://test.example/awkward/");
      expect(host).toBe("test.example");
      const response = await shared.saker.get(pathname);
      expect(response.status).toBe(200);
      if (type === "file") expect(response.text).toBe(`content of ${name}`);
    }
  });

  test("on an HTML page", async () => {
    const { text } = await shared.saker.get("/awkward/");
    const links = [...text.matchAll(/<th scope="row"><a[^>]* href="([^"]*)"/g)].map(([, href]) => href!);
    const pages = await entriesAt("/awkward/");
    expect(links).toEqual(["../", ...pages.map(({ url }) => url!)]);
  });

  test("names that are no UTF-8 are served octet for octet", async () => {
    const { site } = shared.saker;
    await site.place("octets", { folder: true });
    const at = (...octets: number[]) => Buffer.concat([Buffer.from(site.path("octets/caf")), Buffer.from(octets)]);
    writeFileSync(at(0xe9), "Latin-1");
    writeFileSync(at(0xc3, 0xa9), "UTF-8");
    writeFileSync(at(0xc0, 0xaf), "an overlong slash");
    mkdirSync(at(0xff));
    writeFileSync(Buffer.concat([at(0xff), Buffer.from("/index.html")]), "index");
    const entries = await entriesAt("/octets/");
    expect(entries.map(({ name, url, size }) => [name, url, size])).toEqual([
      ["caf\ufffd", "caf%FF/", null],
      ["caf\u00e9", "caf%C3%A9", 5],
      ["caf\ufffd\ufffd", "caf%C0%AF", 17],
      ["caf\ufffd", "caf%E9", 7],
    ]);
    for (const [target, text] of [
      ["caf%E9", "Latin-1"],
      ["caf%e9", "Latin-1"],
      ["caf%C3%A9", "UTF-8"],
      ["caf%C0%AF", "an overlong slash"],
      ["caf%FF/", "index"],
    ]) {
      await until(async () => {
        const response = await shared.saker.get(`/octets/${target}`);
        expect([response.text, response.status]).toEqual([text!, 200]);
        return response.field("X-Cache") === "HIT"; // a file this young is read again at first
      }, "it comes from the cache");
    }
    const slashed = await shared.saker.get("/octets/caf%ff?q");
    expect([slashed.status, slashed.field("Location")]).toEqual([301, "/octets/caf%FF/?q"]);
    expect((await shared.saker.get("/octets/caf%EF%BF%BD")).status).toBe(404); // U+FFFD is a name of its own
    expect((await shared.saker.get("/octets/caf%C0%AE%C0%AE/")).status).toBe(404);
    await rename(site.path("octets"), site.beside("octets"));
  });
});

describe("orders", () => {
  test.each([
    ["", ["sub", "a.bin", "b.txt", "c.txt", "inside"]],
    ["?sort=name&order=desc", ["sub", "inside", "c.txt", "b.txt", "a.bin"]],
    ["?sort=size&order=desc", ["sub", "a.bin", "inside", "b.txt", "c.txt"]],
    ["?sort=size&order=asc", ["sub", "c.txt", "b.txt", "inside", "a.bin"]],
    ["?unknown=1", ["sub", "a.bin", "b.txt", "c.txt", "inside"]],
  ])("%p", async (query, names) => {
    expect((await entriesAt(`/files/${query}`)).map(({ name }) => name)).toEqual(names);
    expect((await namesAt(`/files/${query}`)).slice(1).map((name) => name.replace("/", ""))).toEqual(names);
  });

  test("every heading of a page leads to a page in that order", async () => {
    const { text } = await shared.saker.get("/files/");
    const headings = [...text.matchAll(/<th scope="col"[^>]*><form rel="nofollow">(.*?)<\/form>/g)].map(
      ([, form]) => form!,
    );
    expect(headings).toHaveLength(3);
    for (const form of headings) {
      const inputs = [...form.matchAll(/name="(\w+)" value="(\w+)"/g)].map(
        ([, name, value]) => [name!, value!] as [string, string],
      );
      const page = (await shared.saker.get(`/files/?${new URLSearchParams(inputs)}`)).text;
      const { sort, order } = Object.fromEntries(inputs);
      expect(page).toMatch(
        new RegExp(`aria-sort="${order}ending"><form rel="nofollow">.*?<button name="sort" value="${sort}"`, "i"),
      );
    }
  });
});

describe("negotiation (RFC 9110 §12.5.1)", () => {
  test.each([
    [[], "text/html; charset=utf-8"],
    [["Accept: */*"], "text/html; charset=utf-8"],
    [["Accept: text/html,application/xhtml+xml,*/*;q=0.8"], "text/html; charset=utf-8"],
    [["Accept: image/png"], "text/html; charset=utf-8"],
    [["Accept: application/json"], "application/json"],
    [["Accept: text/html;q=0.1", "Accept: application/json"], "application/json"],
    [["accept: application/json, text/plain, */*"], "application/json"],
  ])("%p gets %s", async (lines, type) => {
    const response = await shared.saker.get("/files/", lines);
    expect(response.field("Content-Type")).toBe(type);
    expect(response.field("Vary")).toMatch(/^Accept(, Accept-Encoding)?$/);
  });
});

describe("validators", () => {
  const variants: [string, string[]][] = [
    ["/files/", []],
    ["/files/", JSON_FIRST],
    ["/files/?sort=size&order=asc", []],
    ["/files/?sort=size&order=asc", JSON_FIRST],
  ];

  test("each page has an entity tag of its own, the same each time", async () => {
    const tags = async (): Promise<(string | null)[]> =>
      Promise.all(variants.map(async ([target, lines]) => (await shared.saker.get(target, lines)).field("ETag")));
    const first = await tags();
    expect(new Set(first).size).toBe(variants.length);
    expect(await tags()).toEqual(first);
  });

  test.each(variants)("%s %p: 304, 412 and HEAD agree with GET", async (target, lines) => {
    const full = await shared.saker.get(target, lines);
    const tag = full.field("ETag")!;
    const ask = (line: string, method = "GET"): Promise<ClientResponse> =>
      shared.saker.get(target, [...lines, line], method);
    const unchanged = await ask(`If-None-Match: ${tag}`);
    expect(unchanged.status).toBe(304);
    for (const name of ["ETag", "Vary", "Cache-Control"]) expect(unchanged.field(name)).toBe(full.field(name)!);
    // What lies deeper may have changed, whatever date the folder has (RFC 9110 §13.1.3: no date, no decision).
    expect([full.field("Last-Modified"), unchanged.field("Last-Modified")]).toEqual([null, null]);
    const future = new Date(Date.now() + 86_400_000).toUTCString();
    expect((await ask(`If-Modified-Since: ${future}`)).status).toBe(200);
    expect((await ask("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT")).status).toBe(200);
    const part = await shared.saker.get(target, [...lines, "Range: bytes=0-1", `If-Range: ${future}`]);
    expect(part.status).toBe(200);
    expect((await ask('If-None-Match: "other"')).status).toBe(200);
    expect((await ask('If-Match: "other"')).status).toBe(412);
    const comparable = (response: ClientResponse) =>
      response.head.fields.filter(([name]) => !["Date", "X-Cache"].includes(name));
    expect(comparable(await ask("X: y", "HEAD"))).toEqual(comparable(full));
    expect(full.field("Cache-Control")).toBe("no-cache");
  });

  test("a range of a page", async () => {
    const full = await shared.saker.get("/files/");
    const part = await shared.saker.get("/files/", ["Range: bytes=0-14", `If-Range: ${full.field("ETag")}`]);
    expect(part.status).toBe(206);
    expect(part.text).toBe("<!doctype html>");
  });

  test("several on one connection, HEAD among them", async () => {
    await using client = await shared.saker.connect();
    for (const method of ["GET", "HEAD", "GET"]) {
      expect((await client.request(requestOctets("/files/", [], method))).status).toBe(200);
    }
  });
});

describe("changes are noticed", () => {
  test("a file comes, is renamed, and goes", async () => {
    const { site } = shared.saker;
    await site.place("changing/one", "1");
    expect(await namesAt("/changing/")).toEqual(["Parent folder", "one"]);
    await site.place("changing/two", "2");
    expect(await namesAt("/changing/")).toEqual(["Parent folder", "one", "two"]);
    await rename(site.path("changing/two"), site.path("changing/three"));
    expect(await namesAt("/changing/")).toEqual(["Parent folder", "one", "three"]);
    await site.remove("changing/one");
    expect(await namesAt("/changing/")).toEqual(["Parent folder", "three"]);
  });

  test("an index file comes and goes; a missing directory comes", async () => {
    const { site } = shared.saker;
    expect((await shared.saker.get("/later/")).status).toBe(404);
    await site.place("later/a", "a");
    expect(await namesAt("/later/")).toEqual(["Parent folder", "a"]);
    await site.place("later/index.html", "index");
    expect((await shared.saker.get("/later/")).text).toBe("index");
    await site.remove("later/index.html");
    expect(await namesAt("/later/")).toEqual(["Parent folder", "a"]);
  });

  test("a file that grows shows its size after a while, though its directory is the same", async () => {
    const { site } = shared.saker;
    await site.place("growing/log", "1");
    const sizeNow = async (): Promise<number | null> => (await entriesAt("/growing/"))[0]!.size;
    expect(await sizeNow()).toBe(1);
    writeFileSync(site.path("growing/log"), "12345");
    await until(
      async () => (await sizeNow()) === 5,
      () => "the listing shows the new size",
    );
  });

  test("is a hit while nothing changes", async () => {
    await shared.saker.site.place("steady/one", "1");
    await until(
      async () => (await shared.saker.get("/steady/")).field("X-Cache") === "HIT",
      () => "the listing comes from the cache",
    );
  });
});

describe("other settings", () => {
  test("off by default: a directory without index file is 404", async () => {
    await using saker = await startSaker({ site: { "folder/file": "x" } });
    expect((await saker.get("/folder/")).status).toBe(404);
    expect((await saker.get("/", JSON_FIRST)).status).toBe(404);
  });

  test("dotfiles, links never, without cache", async () => {
    await using saker = await startSaker({
      config: 'directory_listing = true\ndotfiles = true\nfollow_symlinks = "never"\ncache_size_mb = 0',
      site: { ".env": "x", file: "y", link: { link: "file" } },
    });
    for (let round = 0; round < 3; round++) {
      const response = await saker.get("/", JSON_FIRST);
      expect((JSON.parse(response.text) as JsonEntry[]).map(({ name }) => name)).toEqual([".env", "file"]);
      expect(response.field("X-Cache")).toBe("MISS");
    }
  });

  test("without foreign functions", async () => {
    await using saker = await startSaker({
      config: "directory_listing = true",
      site: { file: "y", "sub/x": "" },
      env: { SAKER_NO_FFI: "1" },
    });
    const entries = JSON.parse((await saker.get("/", JSON_FIRST)).text) as JsonEntry[];
    expect(entries.map(({ name }) => name)).toEqual(["sub", "file"]);
  });

  test.skipIf(asNobody() === null)("a directory that may not be read is 403", async () => {
    await using saker = await startSaker({
      config: "directory_listing = true",
      site: { "closed/file": "x", "open/file": "x" },
      wrapper: asNobody()!,
    });
    chmodSync(saker.site.path("closed"), 0o711);
    expect((await saker.get("/closed/")).status).toBe(403);
    expect((await saker.get("/closed/file")).status).toBe(200);
    expect((await saker.get("/open/")).status).toBe(200);
  });

  test("a directory of very many files is cut short, and says so", async () => {
    // In memory where that is possible: on a disk, making the files would take longer than all other tests together.
    const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "saker-test-"));
    await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
    mkdirSync(join(folder, "sub"));
    for (let index = 0; index < 12_000; index++) writeFileSync(join(folder, `file ${index}`), "");
    await using saker = await startSaker({
      config: 'directory_listing = true\nfollow_symlinks = "always"',
      site: { many: { link: folder } },
    });
    const page = await saker.get("/many/");
    expect(page.text).toContain("This folder has 12,001 entries. Only the first 10,000 by name are shown here");
    const list = await saker.get("/many/", JSON_FIRST);
    const names = (JSON.parse(list.text) as JsonEntry[]).map(({ name }) => name);
    expect(names).toHaveLength(10_000);
    expect([names[0], names[1], names[9999]]).toEqual(["sub", "file 0", "file 9998"]);
    expect(list.field("X-Total-Count")).toBe("12001");
  });
});
