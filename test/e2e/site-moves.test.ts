/** Redirects and rewrites, clean URLs, slashes, try_files and fallbacks. */
import { describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { requestOctets } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const rule = (kind: string, from: string, to: string, rest = ""): string =>
  `[[${kind}]]\nfrom = "${from}"\nto = "${to}"\n${rest}\n`;

describe("redirects", () => {
  const server = useSaker({
    config:
      rule("redirect", "/old/*", "/new/:splat") +
      rule("redirect", "/permanent", "/new", "status = 308") +
      rule("redirect", "/own-query", "/new?x=1#top") +
      rule("redirect", "/:year/:name.html", "/never") +
      rule("redirect", "/blog/:year/:slug", "https://blog.example/:slug-:year") +
      rule("redirect", "/search/:term", "/find?q=:term") +
      rule("redirect", "/away/*", "https://away.example/:splat") +
      rule("redirect", "/tricky/*", "/:splat/end") +
      rule("redirect", "/there.txt", "/elsewhere", 'when = "missing"') +
      rule("redirect", "/not-there.txt", "/elsewhere", 'when = "missing"') +
      rule("redirect", "/self", "/self"),
    site: { "there.txt": "there", "old/file.txt": "hidden by the rule", "self/index.html": "self" },
  });

  test.each([
    ["POST", "/permanent?q", 308, "/new?q"],
    ["PUT", "/old/a", 301, "/new/a"],
    ["DELETE", "/away/x", 301, "https://away.example/x"],
    ["PATCH", "/permanent", 308, "/new"],
    ["POST", "/there.txt", 405, null],
    ["POST", "/not-there.txt", 405, null],
    ["POST", "/self", 405, null],
    ["TRACE", "/permanent", 405, null],
    ["BREW", "/permanent", 501, null],
    ["OPTIONS", "/permanent", 200, null],
  ])("%s %s: %d to %s", async (method, target, status, location) => {
    await using client = await server.saker.connect();
    await client.send(`${method} ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello`);
    const response = await client.readResponse();
    expect([response.status, response.field("Location")]).toEqual([status, location]);
    expect((await client.request(requestOctets("/there.txt"))).text).toBe("there");
  });

  test.each([
    ["/old/a", 301, "/new/a"],
    ["/old/a/b/", 301, "/new/a/b/"],
    ["/old", 301, "/new/"],
    ["/old/file.txt", 301, "/new/file.txt"],
    ["/old/a?x=y&z=%20", 301, "/new/a?x=y&z=%20"],
    ["/old/a%20b/%C3%A9", 301, "/new/a%20b/%C3%A9"],
    ["/old/a%3Fb%23c", 301, "/new/a%3Fb%23c"],
    ["/old/100%25", 301, "/new/100%25"],
    ["/./old//a", 301, "/new/a"],
    ["/%6Fld/a", 301, "/new/a"],
    ["/permanent", 308, "/new"],
    ["/permanent/?q", 308, "/new?q"],
    ["/own-query?a=b", 301, "/new?x=1#top"],
    ["/blog/2026/hello", 301, "https://blog.example/hello-2026"],
    ["/search/a&b=c%20d", 301, "/find?q=a%26b%3Dc%20d"],
    ["/away/x/y?z", 301, "https://away.example/x/y?z"],
    ["/away", 301, "https://away.example/"],
    ["/not-there.txt", 301, "/elsewhere"],
    ["http://test.example/old/a?b", 301, "/new/a?b"],
  ])("%s: %d to %s", async (target, status, location) => {
    for (const method of ["GET", "HEAD", "GET"]) {
      const response = await server.saker.get(target, [], method);
      expect([response.status, response.field("Location")]).toEqual([status, location]);
    }
  });

  test.each([
    ["/there.txt", 200],
    ["/OLD/a", 404],
    ["/self", 301],
    ["/older", 404],
    ["/old/%2e%2e/%2e%2e/x", 400],
    ["/old%2Fa", 404],
  ])("%s is not one: %d", async (target, status) => {
    const response = await server.saker.get(target);
    expect(response.status).toBe(status);
    if (status === 301) expect(response.field("Location")).toBe("/self/");
  });

  test.each([
    "/tricky/",
    "/tricky//evil.example",
    "/tricky/%2fevil.example",
    "/tricky/\\evil.example",
    "/tricky/%5cevil.example",
    "/tricky/@evil.example",
    "/away//evil.example",
    "/away/%0d%0aSet-Cookie:%20a=b",
    "/away/..%5c..%5cevil.example",
    "/away/@evil.example/",
    "/away/.evil.example",
    "/away/:80@evil.example",
    "/old/%0d%0aLocation:%20https://evil.example",
    "/old/%E2%80%A8x",
  ])("%j leads to no other host and into no other field", async (target) => {
    const response = await server.saker.get(target);
    const location = response.field("Location");
    if (location !== null) {
      expect(location).not.toMatch(/^\/[/\\]/);
      expect(["test.example", "away.example"]).toContain(new URL(location, "http://test.example/").host);
    }
    expect(response.has("Set-Cookie")).toBe(false);
  });

  test("the connection goes on, and the answer is small and whole", async () => {
    await using client = await server.saker.connect();
    await client.send(requestOctets("/old/a").repeat(3) + requestOctets("/there.txt"));
    const responses = await client.readResponses(4);
    expect(responses.map(({ status }) => status)).toEqual([301, 301, 301, 200]);
    expect(responses[0]!.text).toContain("Moved Permanently");
  });
});

describe("rewrites", () => {
  const server = useSaker({
    config:
      rule("rewrite", "/app/*", "/app.html") +
      rule("rewrite", "/lang/:code/*", "/:splat/:code") +
      rule("rewrite", "/hidden/*", "/.secret/:splat") +
      rule("rewrite", "/folder", "/sub") +
      rule("rewrite", "/maybe/*", "/fallback.html", 'when = "missing"') +
      rule("rewrite", "/link", "/out"),
    site: {
      "app.html": "the app",
      "app/real.txt": "never",
      "page/en": "english",
      ".secret/key": "key",
      "sub/index.html": "sub",
      "maybe/there.txt": "there",
      "fallback.html": "fallback",
      "../outside.txt": "outside",
      out: { link: "../outside.txt" },
    },
  });
  test.each([
    ["/app/x/y", 200, "the app"],
    ["/app", 200, "the app"],
    ["/app/real.txt", 200, "the app"],
    ["/lang/en/page", 200, "english"],
    ["/folder/", 200, "sub"],
    ["/maybe/there.txt", 200, "there"],
    ["/maybe/not", 200, "fallback"],
    ["/hidden/key", 404, null],
    ["/link", 404, null],
    ["/lang/de/page", 404, null],
    ["/lang/en/..%2f..%2foutside.txt", 404, null],
    ["/lang/%2e%2e/x", 404, null],
  ])("%s: %d %s", async (target, status, content) => {
    for (let round = 0; round < 2; round++) {
      const response = await server.saker.get(target);
      expect(response.status).toBe(status);
      expect(response.has("Location")).toBe(false);
      if (content !== null) expect(response.text).toBe(content);
    }
  });
  test("of many paths to one file each has its entity tag, and it can be asked for parts", async () => {
    const [a, b] = [await server.saker.get("/app/a"), await server.saker.get("/app/b")];
    expect(a.field("ETag")).toBe(b.field("ETag")!);
    expect((await server.saker.get("/app/b", [`If-None-Match: ${a.field("ETag")}`])).status).toBe(304);
    expect((await server.saker.get("/app/c", ["Range: bytes=4-6"])).text).toBe("app");
  });
});

describe("clean_urls", () => {
  const server = useSaker({
    config: "clean_urls = true\ncache_revalidate_ms = 0",
    site: {
      "about.html": "about",
      both: "file",
      "both.html": "page",
      "dir/index.html": "dir",
      "dir.html": "page beside the folder",
      "blog/index.html": "blog",
    },
  });
  test.each([
    ["/about", 200, "about"],
    ["/about.html", 200, "about"],
    ["/about?x=y", 200, "about"],
    ["/both", 200, "file"],
    ["/dir", 200, "page beside the folder"],
    ["/dir/", 200, "dir"],
    ["/about/", 301, null],
    ["/about.htm", 404, null],
    ["/", 404, null],
  ])("%s: %d %s", async (target, status, content) => {
    const response = await server.saker.get(target);
    expect(response.status).toBe(status);
    if (content !== null) expect(response.text).toBe(content);
  });
  test("has the type of the page", async () => {
    expect((await server.saker.get("/about")).field("Content-Type")).toBe("text/html; charset=utf-8");
  });
  test("a folder without a page still gets its slash", async () => {
    expect((await server.saker.get("/blog")).field("Location")).toBe("/blog/");
  });
  test("what comes first is noticed when it appears, and when it goes", async () => {
    const { site } = server.saker;
    expect((await server.saker.get("/later")).status).toBe(404);
    await site.place("later.html", "page");
    expect((await server.saker.get("/later")).text).toBe("page");
    await site.place("later", "file");
    expect((await server.saker.get("/later")).text).toBe("file");
    await site.remove("later");
    expect((await server.saker.get("/later")).text).toBe("page");
    await site.remove("later.html");
    await site.place("later/index.html", "folder");
    expect((await server.saker.get("/later")).field("Location")).toBe("/later/");
  });
});

describe.each<[string, [string, number, string][]]>([
  [
    "add",
    [
      ["/about", 301, "/about/"],
      ["/about?q", 301, "/about/?q"],
      ["/about/", 200, "about"],
      ["/dir", 301, "/dir/"],
      ["/dir/", 200, "dir"],
      ["/file.txt", 200, "file"],
      ["/LICENSE", 200, "licence"],
      ["/", 200, "home"],
    ],
  ],
  [
    "remove",
    [
      ["/about", 200, "about"],
      ["/about/", 301, "/about"],
      ["/about/?q", 301, "/about?q"],
      ["/dir", 200, "dir"],
      ["/dir/", 301, "/dir"],
      ["//dir//", 301, "/dir"],
      ["/LICENSE", 200, "licence"],
      ["/", 200, "home"],
    ],
  ],
])("trailing_slash = %s", (value, rows) => {
  const server = useSaker({
    config: `clean_urls = true\ntrailing_slash = "${value}"`,
    site: {
      "index.html": "home",
      "about.html": "about",
      "dir/index.html": "dir",
      "file.txt": "file",
      LICENSE: "licence",
    },
  });
  test.each(rows)("%s: %d %s", async (target, status, outcome) => {
    const response = await server.saker.get(target);
    expect([response.status, status === 200 ? response.text : response.field("Location")]).toEqual([status, outcome]);
  });
});

describe("the slash of pages and folders", () => {
  const hash = Bun.password.hashSync("hunter2", { algorithm: "bcrypt", cost: 4 });
  const server = useSaker({
    config: ({ root }) => `clean_urls = true
[[rewrite]]
from = "/app/*"
to = "/v2/:splat"
[[basic_auth]]
path = "/v2/secret/*"
users = ["ann:${hash}"]
[[virtual_host]]
names = ["docs.example"]
root = ${JSON.stringify(`${root}/v2`)}
`,
    site: {
      "join.html": "join",
      "join/more.html": "more",
      "alone.html": "alone",
      "both.html": "page",
      "both/index.html": "folder",
      "a b.html": "spaced",
      "v2/docs/index.html": "docs",
      "v2/guide.html": "guide",
      "v2/secret/index.html": "secret",
    },
  });
  test.each([
    ["/join", 200, "join"],
    ["/join/", 301, "/join"],
    ["/join/?a=1&b", 301, "/join?a=1&b"],
    ["/join/more", 200, "more"],
    ["/alone/", 301, "/alone"],
    ["/a%20b/", 301, "/a%20b"],
    ["//join//", 301, "/join"],
    ["/both", 200, "page"],
    ["/both/", 200, "folder"],
    ["/nothing/", 404, null],
    ["/app/docs", 301, "/app/docs/"],
    ["/app/docs?q", 301, "/app/docs/?q"],
    ["/app/docs/", 200, "docs"],
    ["/app/guide", 200, "guide"],
    ["/app/secret", 401, null],
    ["/app/secret/", 401, null],
    ["http://docs.example/guide/", 301, "/guide"],
  ])("%s: %d %s", async (target, status, outcome) => {
    for (const method of ["GET", "HEAD", "GET"]) {
      const response = await server.saker.get(target, [], method);
      expect([method, response.status, response.field("Location")]).toEqual([
        method,
        status,
        status === 301 ? outcome : null,
      ]);
      if (status === 200 && method === "GET") expect(response.text).toBe(outcome!);
    }
  });
});

describe("spa_fallback", () => {
  const server = useSaker({
    config: 'spa_fallback = "/app.html"\ncache_revalidate_ms = 0',
    site: { "app.html": "app", "main.js": "js", "assets/logo.svg": "<svg/>", "docs/index.html": "docs" },
  });
  test.each([
    ["/", 200, "app"],
    ["/users/42", 200, "app"],
    ["/users/42/", 200, "app"],
    ["/users/v1.2/x?y", 200, "app"],
    ["/main.js", 200, "js"],
    ["/docs/", 200, "docs"],
    ["/app.html", 200, "app"],
    ["/missing.js", 404, null],
    ["/assets/missing.png", 404, null],
    ["/.env", 404, null],
  ])("%s: %d %s", async (target, status, content) => {
    const response = await server.saker.get(target);
    expect(response.status).toBe(status);
    if (content !== null) expect(response.text).toBe(content);
  });
  test("a new version is noticed on every path", async () => {
    await server.saker.get("/one");
    await server.saker.site.replace("app.html", "newer app");
    for (const target of ["/one", "/two", "/app.html"]) expect((await server.saker.get(target)).text).toBe("newer app");
    await server.saker.site.replace("app.html", "app");
  });
  test("a path with a dot is a route for who asks for a page, a file for all others", async () => {
    const page = ["Accept: text/html,application/xhtml+xml,*/*;q=0.8"];
    const answer = async (target: string, lines: readonly string[] = []) => {
      const response = await server.saker.get(target, lines);
      return [response.status, response.status === 200 ? response.text : "", response.field("Vary")];
    };
    for (let round = 0; round < 2; round++) {
      for (const target of ["/user/john.doe", "/v1.2", "/a//john.doe?x"]) {
        expect(await answer(target, page)).toEqual([200, "app", "Accept"]);
        expect(await answer(target)).toEqual([404, "", "Accept"]);
        expect(await answer(target, ["Accept: image/*,*/*;q=0.5"])).toEqual([404, "", "Accept"]);
      }
      for (const lines of [page, []]) {
        for (const target of ["/main.js", "//main.js"]) expect(await answer(target, lines)).toEqual([200, "js", null]);
        expect(await answer("/users/42", lines)).toEqual([200, "app", null]);
        expect(await answer("/app.html", lines)).toEqual([200, "app", null]);
      }
    }
    const hits = await Promise.all([page, []].map((lines) => server.saker.get("/main.js", lines)));
    expect(hits.map((response) => response.field("X-Cache"))).toEqual(["HIT", "HIT"]);
    await server.saker.site.place("jane.doe", "file");
    await server.saker.get("/jane.doe", page);
    await server.saker.site.remove("jane.doe");
    await until(
      async () => (await answer("/jane.doe", page))[1] === "app",
      () => "the file that is gone is a route",
    );
    expect(await answer("/jane.doe")).toEqual([404, "", "Accept"]);
  });
  test("a route that becomes a file is a file", async () => {
    expect((await server.saker.get("/contact")).text).toBe("app");
    await server.saker.site.place("contact", "file");
    await until(
      async () => (await server.saker.get("/contact")).text === "file",
      () => "the file is noticed",
    );
  });
});

describe("try_files", () => {
  const server = useSaker({
    config: 'try_files = ["{path}", "{path}/", "/index.html"]',
    site: { "index.html": "home", "a.txt": "a", "dir/index.html": "dir", "empty/x": "x" },
  });
  test.each([
    ["/a.txt", 200, "a"],
    ["/dir/", 200, "dir"],
    ["/dir", 301, "/dir/"],
    ["/nothing.js", 200, "home"],
    ["/nothing/", 200, "home"],
    ["/empty/", 200, "home"],
    ["/", 200, "home"],
    ["/.env", 404, null],
  ])("%s: %d %s", async (target, status, outcome) => {
    const response = await server.saker.get(target);
    expect(response.status).toBe(status);
    if (outcome !== null) expect(status === 200 ? response.text : response.field("Location")).toBe(outcome);
  });
});
