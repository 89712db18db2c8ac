/** `_redirects` and `_headers` in the root, and a reload that reads them again. */
import { describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { spawnSaker, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const REDIRECTS = `# moved
/old/*      /new/:splat        302
/force      /there.txt         301!
/there.txt  /never
/app/*      /app.html          200
/gone/*     /gone.html         410
/api/*      https://api.example/:splat  200
/de/*       /deutsch/:splat    302  Country=de
/store      id=:id  /blog/:id  301
/shelf      id=:id  /books/:id.html  200
/shelf      /shelf.html        200
/welcome    /de.html           200  Language=de
/welcome    /en.html           200
`;
const HEADERS = `/*
  X-Site: yes
/app/*
  X-App: a
  X-App: b
/secret/*
  Basic-Auth: ann:hunter2
/desk
  Basic-Auth: ann:hunter2
/*.PDF
X-Kind: paper
  /private*/x
Basic-Auth: ann:hunter2
`;

const SITE = {
  _redirects: REDIRECTS,
  _headers: HEADERS,
  "there.txt": "there",
  "app.html": "app",
  "app/file.txt": "file",
  "gone.html": "gone for good",
  "secret/x.txt": "secret",
  "docs/a/b.pdf": "paper",
  "desk/index.html": "desk",
  "private-2026/deep/x": "private",
  "404.html": "the site's own 404",
  "books/1.html": "book 1",
  "books/2.html": "book 2",
  "books/.hidden.html": "hidden",
  "shelf.html": "all books",
  "de.html": "willkommen",
  "en.html": "welcome",
};

describe("netlify_files = true", () => {
  const server = useSaker({ config: "netlify_files = true\ndirectory_listing = true", site: SITE });
  test.each([
    ["/old/a?b", 302, "/new/a?b"],
    ["/force", 301, "/there.txt"],
    ["/there.txt", 200, "there"],
    ["/app/x/y", 200, "app"],
    ["/app/file.txt", 200, "file"],
    ["/gone/x", 410, "gone for good"],
    ["/api/x", 404, "the site's own 404"],
    ["/store?id=5", 301, "/blog/5?id=5"],
    ["/store?id=../x", 404, null],
    ["/store", 404, null],
    ["/shelf?id=1", 200, "book 1"],
    ["/shelf?x=y&id=2", 200, "book 2"],
    ["/shelf?id=3", 404, null],
    ["/shelf?id=.hidden", 404, null],
    ["/shelf?id=1%00", 200, "all books"],
    ["/shelf", 200, "all books"],
    ["/shelf?x=1", 200, "all books"],
    ["/de/x", 404, null],
  ])("%s: %d %s", async (target, status, outcome) => {
    for (let round = 0; round < 2; round++) {
      const response = await server.saker.get(target);
      expect(response.status).toBe(status);
      if (outcome !== null) expect(response.field("Location") ?? response.text).toBe(outcome);
      expect(response.field("X-Site")).toBe("yes");
    }
  });
  test("what depends on the language says so, and is cached by it", async () => {
    for (let round = 0; round < 2; round++) {
      for (const [language, text] of [
        ["de-AT, en;q=0.5", "willkommen"],
        ["fr", "welcome"],
      ]) {
        const response = await server.saker.get("/welcome", [`Accept-Language: ${language}`]);
        expect([response.text, response.field("Vary")]).toEqual([text!, "Accept-Language"]);
      }
    }
    expect((await server.saker.get("/shelf")).has("Vary")).toBe(false);
  });
  test("listings don't show the files that hold the rules", async () => {
    const { text } = await server.saker.get("/", ["Accept: application/json"]);
    expect(text).toContain('"there.txt"');
    expect(text).not.toMatch(/_redirects|_headers/);
  });
  test("fields of a block", async () => {
    expect((await server.saker.get("/app/x")).field("X-App")).toBe("a, b");
    expect((await server.saker.get("/there.txt")).field("X-App")).toBeNull();
  });
  test("a star is any text, slashes included, in any case", async () => {
    expect((await server.saker.get("/docs/a/b.pdf")).field("X-Kind")).toBe("paper");
    for (const target of [
      "/desk/",
      "/desk/index.html",
      "/private-2026/deep/x",
      "/private-2026/deep/./x",
      "/%70rivate-2026//deep/x",
    ]) {
      expect((await server.saker.get(target)).status).toBe(401);
    }
  });
  test("Basic-Auth guards, and is never sent", async () => {
    const shut = await server.saker.get("/secret/x.txt");
    expect(shut.status).toBe(401);
    expect(shut.has("Basic-Auth")).toBe(false);
    const line = (text: string) => `Authorization: Basic ${Buffer.from(text).toString("base64")}`;
    expect((await server.saker.get("/secret/x.txt", [line("ann:hunter2")])).text).toBe("secret");
    expect((await server.saker.get("/secret/x.txt", [line("ann:hunter3")])).status).toBe(401);
    expect((await server.saker.get("/secret/x.txt", [line("eve:hunter2")])).status).toBe(401);
  });
  test.each(["/_redirects", "/_headers", "/_HEADERS", "/%5Fheaders", "/x/../_headers", "/_headers.gz"])(
    "%s is not served",
    async (target) => expect((await server.saker.get(target)).status).toBe(404),
  );
  test("lines that are not obeyed are told, and passwords are not", async () => {
    await server.saker.printed(/_redirects:7: not a file of this site/);
    await server.saker.printed(/_redirects:8: conditions are not supported/);
    expect(server.saker.output).not.toContain("hunter2");
  });
});

describe("rules for an origin", () => {
  const redirects = [
    "http://old.example/* https://new.example/:splat 301!",
    "http://old.example:8080/* /port 302!",
    "https://shop.example/* /secure/:splat 301!",
    "http://shop.example/* https://shop.example/:splat 301!",
    "http://b.example/page /of-b 302!",
  ].join("\n");
  const server = useSaker({
    config: ({ root }) => `netlify_files = true\ntrusted_proxies = ["127.0.0.1"]\n
[[virtual_host]]\nnames = ["*.example"]\nroot = "${root}/v"\nnetlify_files = true\n`,
    site: { page: "default", _redirects: redirects, "v/page": "virtual", "v/_redirects": redirects },
  });
  const answer = async (target: string, host: string, ...lines: string[]) => {
    await using client = await server.saker.connect();
    const head = [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...lines, "", ""];
    const response = await client.request(head.join("\r\n"));
    return [response.status, response.field("Location") ?? response.text];
  };

  test("hold for that origin and no other, also once their answers are cached", async () => {
    for (let round = 0; round < 3; round++) {
      expect(await answer("/page", "old.example")).toEqual([301, "https://new.example/page"]);
      expect(await answer("/page", "a.example")).toEqual([200, "virtual"]);
      expect(await answer("/page", "OLD.example:81")).toEqual([301, "https://new.example/page"]);
      expect(await answer("/page", "b.example")).toEqual([302, "/of-b"]);
      expect(await answer("/page", "old")).toEqual([200, "default"]);
    }
  });
  test("the scheme is the one that a trusted proxy had", async () => {
    for (let round = 0; round < 2; round++) {
      expect(await answer("/a", "shop.example")).toEqual([301, "https://shop.example/a"]);
      expect(await answer("/a", "shop.example", "X-Forwarded-Proto: https")).toEqual([301, "/secure/a"]);
      expect(await answer("/a", "shop.example", "X-Forwarded-Proto: https, http")).toEqual([
        301,
        "https://shop.example/a",
      ]);
    }
  });
  test("nothing in a request becomes a host", async () => {
    expect(await answer("//evil.example/", "old.example")).toEqual([301, "https://new.example/evil.example/"]);
    expect((await answer("/page", "evil.example"))[1]).toBe("virtual");
  });
});

describe("without it", () => {
  const server = useSaker({ site: SITE });
  test("they are not obeyed, and not served either", async () => {
    for (const target of ["/_redirects", "/_headers", "/old/a"]) {
      expect((await server.saker.get(target)).status).toBe(404);
    }
    expect((await server.saker.get("/secret/x.txt")).status).toBe(200);
  });
});

describe("a line about a password that is not understood", () => {
  const BROKEN = "/secret/*\n  Basic-Auth ann:hunter2\n";
  const FAULT = /_headers:2: this is not how a password is asked for/;

  test("is a reason not to start", async () => {
    await using saker = await spawnSaker({ config: "netlify_files = true", site: { ...SITE, _headers: BROKEN } });
    expect(await saker.exited).not.toBe(0);
    expect(saker.output).toMatch(FAULT);
    expect(saker.output).not.toContain("hunter2");
  });

  test("in a virtual host, too, which is named", async () => {
    await using saker = await spawnSaker({
      config: ({ root }) => `[[virtual_host]]\nnames = ["a.example"]\nroot = "${root}/a"\nnetlify_files = true\n`,
      site: { "a/_headers": BROKEN },
    });
    expect(await saker.exited).not.toBe(0);
    expect(saker.output).toMatch(/a\.example: _headers:2: /);
  });

  test("is a reason not to take over on a reload", async () => {
    await using saker = await startSaker({ config: "netlify_files = true", site: SITE });
    await saker.site.replace("_headers", BROKEN);
    saker.signal("SIGHUP");
    await saker.printed(FAULT);
    expect((await saker.get("/secret/x.txt")).status).toBe(401);
  });

  test("is no concern of a worker that replaces a dead one: it obeys what the others obey", async () => {
    await using saker = await startSaker({ config: "netlify_files = true\nnum_workers = 1", site: SITE });
    const before = (await saker.get("/there.txt")).status;
    await saker.site.replace("_headers", BROKEN);
    await saker.printed(FAULT);
    const dead = saker.workerPids()[0]!;
    process.kill(dead, "SIGKILL");
    await until(
      () => saker.workerPids().some((pid) => pid !== dead),
      () => `another worker\n${saker.output}`,
    );
    expect((await saker.get("/there.txt")).status).toBe(before);
  });
});

test("a reload picks up changed rules, of the configuration and of the files", async () => {
  await using saker = await startSaker({
    config: 'netlify_files = true\n[[redirect]]\nfrom = "/r"\nto = "/one"\n',
    site: { _redirects: "/n /one\n", "index.html": "home" },
  });
  const locationOf = async (target: string) => (await saker.get(target)).field("Location");
  expect([await locationOf("/r"), await locationOf("/n")]).toEqual(["/one", "/one"]);
  await saker.site.replace("_redirects", "/n /two\n");
  await saker.configure('netlify_files = true\n[[redirect]]\nfrom = "/r"\nto = "/two"\n');
  saker.signal("SIGHUP");
  await until(
    async () => (await locationOf("/r")) === "/two" && (await locationOf("/n")) === "/two",
    () => `the new rules hold\n${saker.output}`,
  );
});

test.each([
  ['[[redirect]]\nfrom = "/a"\nto = "//evil.example"', /saker-[\w-]+\.toml:\d+:6: to must be a path/],
  [
    '[[virtual_host]]\nnames = ["a"]\nroot = "/nowhere/at/all"',
    /root of virtual host "a" \/nowhere\/at\/all does not exist/,
  ],
])("a reload with %j changes nothing and says why", async (rules, message) => {
  await using saker = await startSaker({ config: '[[redirect]]\nfrom = "/r"\nto = "/one"\n' });
  await saker.configure(`${rules}\n[[redirect]]\nfrom = "/r"\nto = "/two"\n`);
  saker.signal("SIGHUP");
  await saker.printed(message);
  expect((await saker.get("/r")).field("Location")).toBe("/one");
});
