/** Octets that no URI holds (RFC 3986 §2): a request-target that holds them means what its percent-encoded form means. */
import { describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { useSaker } from "../support/use-saker.ts";

const MARKS = `"<>[]^\`{|}`;

/** Octets of UTF-8, one character each, as the raw client sends them. */
const raw = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

const server = useSaker({
  config: `access_log = "-"
    access_log_format = "json"
    redirect = [
      { from = "/old/{a}|b/*", to = "/new/:splat" },
      { from = "/alt/*", to = "/neu/:splat" },
    ]
    deny_path = [{ path = "/gehe|m/*" }, { path = "/geheimß/*" }]
    [[header]]
    path = "/*|*"
    set = { X-Bar = "1" }
  `,
  site: {
    [`marks${MARKS}.txt`]: "marks",
    "café/menü.txt": "menu",
    "日本/index.html": "japan",
    "gehe|m/a.txt": "secret",
    "geheimß/a.txt": "secret",
    ".a|b": "hidden",
  },
});

async function get(target: string, method = "GET") {
  await using client = await server.saker.connect();
  return await client.request(`${method} ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
}

describe("a path", () => {
  test.each([
    [`/marks${MARKS}.txt`, "marks"],
    [`/marks${encodeURIComponent(MARKS)}.txt`, "marks"],
    [raw("/café/menü.txt"), "menu"],
    [`${raw("/café")}/men%c3${"\xbc"}.txt`, "menu"],
    [raw("/日本/"), "japan"],
    [raw("/日本/x|y/../"), "japan"],
    [raw("/café/menü.txt?größe={1|2}"), "menu"],
  ])("%s is served", async (target, text) => {
    const response = await get(target);
    expect([response.status, response.text]).toEqual([200, text]);
  });

  test("all spellings of a path are one entry of the cache", async () => {
    const encoded = encodeURI("/café/menü.txt");
    await get(encoded);
    expect((await get(raw("/café/menü.txt"))).field("X-Cache")).toBe("HIT");
    expect((await get(encoded)).field("X-Cache")).toBe("HIT");
  });

  test.each([
    [raw("/gehe|m/a.txt"), 403],
    ["/gehe%7Cm/a.txt", 403],
    [raw("/geheimß/a.txt"), 403],
    ["/.a|b", 404],
    ["/\xfc", 404],
    ["/..\xc0\xaf..\xc0\xafetc/passwd", 404],
    ["/marks\\..\\secret", 400],
    ["/a\x7f", 400],
    ["/a\x01|", 400],
    ["/a|#b", 400],
  ])("%s is refused with %d", async (target, status) => {
    expect((await get(target)).status).toBe(status);
  });

  test("rules match it, in whichever spelling it comes", async () => {
    for (const target of ["/marks|x", "/marks%7Cx"]) expect((await get(target)).field("X-Bar")).toBe("1");
  });
});

describe("Location holds nothing but the octets of a URI", () => {
  test.each([
    [raw("/日本"), "/%E6%97%A5%E6%9C%AC/"],
    [raw("/日本?größe=<1>"), "/%E6%97%A5%E6%9C%AC/?gr%C3%B6%C3%9Fe=%3C1%3E"],
    ['/old/{a}|b/"c"?d^e', "/new/%22c%22?d%5Ee"],
    ["/alt/\xc3\xbc|?[]\\`{|}\xff%7C%c3", "/neu/%C3%BC%7C?%5B%5D%5C%60%7B%7C%7D%FF%7C%c3"],
  ])("%s leads to %s", async (target, location) => {
    for (const method of ["GET", "HEAD"]) {
      const response = await get(target, method);
      expect([response.status, response.field("Location")]).toEqual([301, location]);
      expect(response.text).not.toMatch(/[^\x0a\x20-\x7e]/);
    }
  });
});

test("the access log has it percent-encoded", async () => {
  await get(raw("/größe|{1}?ä=<>"));
  const line = '"target":"/gr%C3%B6%C3%9Fe%7C%7B1%7D?%C3%A4=%3C%3E"';
  await until(
    () => server.saker.stdout.includes(line),
    () => server.saker.output,
  );
});

test("curl and fetch get what they ask for", async () => {
  const curl = Bun.spawn(["curl", "-sg", `${server.saker.url}/café/menü.txt`]);
  expect(await new Response(curl.stdout).text()).toBe("menu");
  expect(
    await (await fetch(`${server.saker.url}/marks${MARKS.replace(/[<>"`]/g, encodeURIComponent)}.txt`)).text(),
  ).toBe("marks");
});
