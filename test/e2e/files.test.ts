/** Files as clients see them: representations, index files, redirects, content types, error pages, methods. */
import { describe, expect, test } from "bun:test";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { requestOctets, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const LARGE = randomOctets(3 << 20);

const server = useSaker({
  config: `index = ["index.html", "index.txt"]`,
  site: {
    "index.html": "<h1>home</h1>",
    "sub/index.html": "sub home",
    "second/index.txt": "second choice",
    "bare/page.html": "no index here",
    "example.org/index.html": "a folder that looks like a host",
    "empty.txt": "",
    "large.bin": LARGE,
    "with space.txt": "space",
    "ünï.txt": "unicode",
    "100%.txt": "percent",
    "plus+sign.txt": "plus",
    "semi;colon,comma.txt": "delims",
    "no-extension": "?",
    "sub.d/LICENSE": "© everybody\n".repeat(100),
    empty: "",
    page: "<!doctype html><script>alert(1)</script>",
    program: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]),
    large: "a line\n".repeat(300_000),
    "large-program": Buffer.alloc(2_000_000),
    "UPPER.HTML": "upper",
    "two.tar.gz": "gz",
    "…": "ellipsis",
    "twin-a.txt": "same content",
    "twin-b.txt": "same content",
    ...Object.fromEntries(
      ["css", "js", "mjs", "json", "svg", "png", "txt", "wasm", "woff2", "xml", "unheard-of"].map((extension) => [
        `file.${extension}`,
        extension,
      ]),
    ),
  },
});

describe("selected representation", () => {
  test.each([
    ["/", "<h1>home</h1>"],
    ["/index.html", "<h1>home</h1>"],
    ["/?query=1", "<h1>home</h1>"],
    ["/index.html?a=/../b", "<h1>home</h1>"],
    ["/sub/", "sub home"],
    ["/second/", "second choice"],
    ["/empty.txt", ""],
    ["/with%20space.txt", "space"],
    ["/%C3%BCn%C3%AF.txt", "unicode"],
    ["/%c3%bcn%c3%af.txt", "unicode"],
    ["/100%25.txt", "percent"],
    ["/plus+sign.txt", "plus"],
    ["/plus%2Bsign.txt", "plus"],
    ["/semi;colon,comma.txt", "delims"],
    ["/%E2%80%A6", "ellipsis"],
    ["/%69ndex.html", "<h1>home</h1>"],
    ["/sub/../index.html", "<h1>home</h1>"],
    ["/./sub/./index.html", "sub home"],
    ["//index.html", "<h1>home</h1>"],
    ["http://test.example/sub/index.html", "sub home"],
    ["HTTP://test.example", "<h1>home</h1>"],
  ])("GET %s", async (target, content) => {
    const response = await server.saker.get(target);
    expect(response.status).toBe(200);
    expect(response.text).toBe(content);
    expect(response.field("Content-Length")).toBe(String(Buffer.byteLength(content)));
  });

  test("a large file comes whole", async () => {
    const response = await server.saker.get("/large.bin");
    expect(response.status).toBe(200);
    expect(firstDifference(response.body, LARGE)).toBeNull();
  });
});

describe("HEAD has the fields of GET and no content (RFC 9110 §9.3.2)", () => {
  test.each(["/", "/sub/", "/large.bin", "/empty.txt", "/missing", "/sub", "/bare/"])("%s", async (target) => {
    await using client = await server.saker.connect();
    const ofGet = await client.request(requestOctets(target));
    const ofHead = await client.request(requestOctets(target, [], "HEAD"));
    const comparable = (response: typeof ofGet) =>
      response.head.fields.filter(([name]) => !["Date", "X-Cache"].includes(name));
    expect(ofHead.status).toBe(ofGet.status);
    expect(comparable(ofHead)).toEqual(comparable(ofGet));
    // Anything that follows the head would break the next answer.
    expect((await client.request(requestOctets("/index.html"))).text).toBe("<h1>home</h1>");
  });
});

describe("Content-Type", () => {
  test.each([
    ["/index.html", "text/html; charset=utf-8"],
    ["/UPPER.HTML", "text/html; charset=utf-8"],
    ["/file.css", "text/css; charset=utf-8"],
    ["/file.js", "text/javascript; charset=utf-8"],
    ["/file.mjs", "text/javascript; charset=utf-8"],
    ["/file.txt", "text/plain; charset=utf-8"],
    ["/file.svg", "image/svg+xml; charset=utf-8"],
    ["/file.json", "application/json"],
    ["/file.png", "image/png"],
    ["/file.wasm", "application/wasm"],
    ["/file.woff2", "font/woff2"],
    ["/two.tar.gz", "application/gzip"],
    ["/no-extension", "text/plain; charset=utf-8"],
    ["/sub.d/LICENSE", "text/plain; charset=utf-8"],
    ["/empty", "text/plain; charset=utf-8"],
    ["/page", "text/plain; charset=utf-8"],
    ["/program", "application/octet-stream"],
    ["/large", "text/plain; charset=utf-8"],
    ["/large-program", "application/octet-stream"],
    ["/file.unheard-of", "application/octet-stream"],
  ])("%s is %s", async (target, type) => {
    const value = (await server.saker.get(target)).field("Content-Type")!;
    expect(value.toLowerCase().replaceAll(" ", "")).toBe(type.replaceAll(" ", ""));
  });

  test("a browser must not see more in text without an extension", async () => {
    expect((await server.saker.get("/page")).field("X-Content-Type-Options")).toBe("nosniff");
  });

  test("text without an extension is not looked for with detect_text = false, nor where a rule says what it is", async () => {
    await using plain = await startSaker({ site: { README: "text" }, config: "detect_text = false" });
    expect((await plain.get("/README")).field("Content-Type")).toBe("application/octet-stream");
    const config = '[[header]]\npath = "/README"\nset = { Content-Type = "text/markdown" }';
    await using ruled = await startSaker({ site: { README: "text" }, config });
    expect((await ruled.get("/README")).field("Content-Type")).toBe("text/markdown");
  });
});

describe("fields of a 200", () => {
  test("Date, Last-Modified, ETag, Accept-Ranges, Server", async () => {
    const modified = new Date("2020-02-29T12:34:56Z");
    await server.saker.site.place("dated.txt", "dated");
    await server.saker.site.setModified("dated.txt", modified);
    const response = await server.saker.get("/dated.txt");
    expect(response.field("Last-Modified")).toBe("Sat, 29 Feb 2020 12:34:56 GMT");
    expect(response.field("Date")).toMatch(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/);
    expect(Math.abs(Date.parse(response.field("Date")!) - Date.now())).toBeLessThan(10_000);
    expect(response.field("ETag")).toMatch(/^"[\x21\x23-\x7e]+"$/);
    expect(response.field("Accept-Ranges")).toBe("bytes");
    expect(response.field("Server")).toBe("saker");
  });

  test("equal content has an equal entity tag whatever the file and its mtime; other content has another", async () => {
    await server.saker.site.setModified("twin-a.txt", new Date("2001-01-01T00:00:00Z"));
    const [a, b, other] = await Promise.all(
      ["/twin-a.txt", "/twin-b.txt", "/index.html"].map(async (target) =>
        (await server.saker.get(target)).field("ETag"),
      ),
    );
    expect(a).toBe(b!);
    expect(a).not.toBe(other!);
  });

  test("a file from the future is not modified after the response (RFC 9110 §8.8.2.1)", async () => {
    await server.saker.site.place("future.txt", "future");
    await server.saker.site.setModified("future.txt", new Date(Date.now() + 86_400_000));
    const response = await server.saker.get("/future.txt");
    const lastModified = response.field("Last-Modified");
    if (lastModified !== null)
      expect(Date.parse(lastModified)).toBeLessThanOrEqual(Date.parse(response.field("Date")!));
  });
});

describe("a directory without its slash is redirected, query included", () => {
  test.each([
    ["/sub", "/sub/"],
    ["/sub?a=b&c=%20d", "/sub/?a=b&c=%20d"],
    ["/sub?", "/sub/?"],
    ["/example.org", "/example.org/"],
    ["http://test.example/sub?x", "/sub/?x"],
  ])("%s -> %s", async (target, location) => {
    const response = await server.saker.get(target);
    expect([301, 308]).toContain(response.status);
    const value = response.field("Location")!;
    const resolved = new URL(value, "http://test.example/");
    expect(resolved.host).toBe("test.example");
    expect(resolved.pathname + (value.includes("?") ? `?${value.split("?")[1]}` : "")).toBe(location);
  });

  test.each([
    "//example.org",
    "///example.org",
    "/.//example.org",
    "/%2e//example.org",
    "//example.org/..//example.org",
  ])("%s never leads to another host", async (target) => {
    const response = await server.saker.get(target);
    const location = response.field("Location");
    if (location !== null) expect(new URL(location, "http://test.example/").host).toBe("test.example");
  });

  test.each(["/sub\\", "/\\example.org", "/%5Cexample.org", "/%0d%0aSet-Cookie:%20a=b/../sub"])(
    "%j splits no field section and leads nowhere",
    async (target) => {
      const response = await server.saker.get(target);
      expect(response.has("Set-Cookie")).toBe(false);
      const location = response.field("Location");
      if (location !== null) expect(new URL(location, "http://test.example/").host).toBe("test.example");
    },
  );
});

describe("nothing there", () => {
  test.each([
    ["/missing", 404],
    ["/missing/", 404],
    ["/sub/missing.html", 404],
    ["/index.html/", 404],
    ["/index.html/more", 404],
    ["/index.htm", 404],
    ["/bare/", 404],
    ["/sub/.", 200],
    ["/%", 400],
    ["/%4", 400],
    ["/%zz", 400],
  ])("%s is %d", async (target, status) => {
    expect((await server.saker.get(target)).status).toBe(status);
  });

  test.each([
    ["a name longer than NAME_MAX", `/${"a".repeat(300)}`],
    ["a path longer than PATH_MAX", `/${"a/".repeat(2500)}`],
  ])("%s is 404", async (_, target) => {
    expect((await server.saker.get(target)).status).toBe(404);
  });

  test("the error page is a page of its own that tells nothing of the machine", async () => {
    const response = await server.saker.get("/missing/<script>", ["Accept: text/html"]);
    const page = await server.saker.get("/missing", ["Accept: text/html"]);
    expect(page.field("Content-Type")?.toLowerCase()).toBe("text/html; charset=utf-8");
    expect(page.text).toContain("404");
    expect(page.text.toLowerCase()).toContain("<!doctype html>");
    expect(page.text).not.toContain(server.saker.site.folder);
    expect(response.text).not.toContain("<script>");
  });

  test("a missing file leaves the connection usable", async () => {
    await using client = await server.saker.connect();
    expect((await client.request(requestOctets("/missing"))).status).toBe(404);
    expect((await client.request(requestOctets("/"))).status).toBe(200);
  });
});

describe("methods", () => {
  test.each(["POST", "PUT", "DELETE", "PATCH"])(
    "%s gets 405 with Allow, on a connection that goes on",
    async (method) => {
      await using client = await server.saker.connect();
      const response = await client.request(requestOctets("/index.html", ["Content-Length: 0"], method));
      expect(response.status).toBe(405);
      const allow = response.field("Allow")!.split(/,\s*/);
      expect(allow).toContain("GET");
      expect(allow).toContain("HEAD");
      expect(allow).not.toContain(method);
      expect((await client.request(requestOctets("/"))).status).toBe(200);
    },
  );

  test.each(["BREW", "get", "PROPFIND"])(
    "%s, which isn't implemented here, gets 501 (RFC 9110 §9.1)",
    async (method) => {
      expect((await server.saker.get("/", [], method)).status).toBe(501);
    },
  );

  test("TRACE sends nothing back (RFC 9110 §9.3.8)", async () => {
    const response = await server.saker.get("/", ["Cookie: secret"], "TRACE");
    expect(response.status).toBe(405);
    expect(response.text).not.toContain("secret");
  });

  test("OPTIONS * and OPTIONS of a file tell what is allowed", async () => {
    for (const target of ["*", "/index.html"]) {
      const response = await server.saker.get(target, [], "OPTIONS");
      expect([response.status, response.field("Content-Length"), response.text]).toEqual([200, "0", ""]);
      expect(response.field("Allow")).toBe("GET, HEAD, OPTIONS");
    }
  });
});
