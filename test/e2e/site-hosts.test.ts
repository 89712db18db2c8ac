/** Virtual hosts: which site answers for which name. */
import { describe, expect, test } from "bun:test";
import type { ClientResponse } from "../support/response.ts";
import type { Saker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const SITE = {
  "index.html": "default",
  "only-default.txt": "d",
  "../one/index.html": "one",
  "../one/page.html": "page of one",
  "../one/404.html": "<p>one has nothing",
  "../two/start.html": "two",
  "../two/index.html": "not the index",
  "../two/many/a.txt": "a",
  "../two/many/secret.txt": "s",
  "../two/many/.hidden": "h",
  "../one/many/a.txt": "a",
  "../wild/index.html": "wild",
};

const hosts = (site: { beside(name: string): string }): string =>
  `
[[virtual_host]]
names = ["one.example", "127.0.0.1"]
root = "${site.beside("one")}"
clean_urls = true
[virtual_host.error_pages]
404 = "/404.html"
[[virtual_host]]
names = ["Two.Example.", "deep.wild.example"]
root = "${site.beside("two")}"
index = ["start.html"]
directory_listing = true
[[virtual_host.deny_path]]
path = "/many/secret*"
[[virtual_host.redirect]]
from = "/r"
to = "https://one.example/"
[[virtual_host]]
names = ["*.wild.example"]
root = "${site.beside("wild")}"
`;

async function ask(saker: Saker, octets: string): Promise<ClientResponse> {
  await using client = await saker.connect();
  return await client.request(octets.replaceAll("\n", "\r\n") + "\r\n\r\n");
}

describe("the host decides", () => {
  const server = useSaker({ config: hosts, site: SITE });
  test.each([
    ["GET / HTTP/1.1\nHost: one.example", "one"],
    ["GET / HTTP/1.1\nHost: ONE.example", "one"],
    ["GET / HTTP/1.1\nHost: one.example:8080", "one"],
    ["GET / HTTP/1.1\nHost: one.example.", "one"],
    ["GET / HTTP/1.1\nHost: one.example.:1", "one"],
    ["GET / HTTP/1.1\nHost: 127.0.0.1:99", "one"],
    ["GET / HTTP/1.1\nHost: two.example", "two"],
    ["GET / HTTP/1.1\nHost: a.wild.example", "wild"],
    ["GET / HTTP/1.1\nHost: a.b.wild.example", "wild"],
    ["GET / HTTP/1.1\nHost: deep.wild.example", "two"],
    ["GET / HTTP/1.1\nHost: wild.example", "default"],
    ["GET / HTTP/1.1\nHost: one.example.evil", "default"],
    ["GET / HTTP/1.1\nHost: xone.example", "default"],
    ["GET / HTTP/1.1\nHost: nobody", "default"],
    ["GET / HTTP/1.1\nHost: [::1]", "default"],
    ["GET http://two.example/ HTTP/1.1\nHost: one.example", "two"],
    ["GET http://two.example HTTP/1.1\nHost: two.example", "two"],
    ["GET / HTTP/1.0", "default"],
    ["GET / HTTP/1.0\nHost: one.example", "one"],
    ["GET http://one.example/ HTTP/1.0", "one"],
  ])("%j: %s", async (octets, content) => {
    for (let round = 0; round < 2; round++) expect((await ask(server.saker, octets)).text).toBe(content);
  });

  test("on one connection, pipelined", async () => {
    await using client = await server.saker.connect();
    const names = ["one.example", "two.example", "nobody", "x.wild.example", "one.example", "one.example"];
    await client.send(names.map((name) => `GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`).join(""));
    const texts = (await client.readResponses(names.length)).map((response) => response.text);
    expect(texts).toEqual(["one", "two", "default", "wild", "one", "one"]);
  });

  test("a host's files, pages, index and rules are its own", async () => {
    const of = (host: string, path: string) => ask(server.saker, `GET ${path} HTTP/1.1\nHost: ${host}`);
    expect((await of("one.example", "/only-default.txt")).status).toBe(404);
    expect((await of("nobody", "/only-default.txt")).status).toBe(200);
    expect((await of("one.example", "/page")).text).toBe("page of one");
    expect((await of("two.example", "/page")).status).toBe(404);
    expect((await of("one.example", "/nope")).text).toBe("<p>one has nothing");
    expect((await of("two.example", "/nope")).text).toStartWith("404 Not Found: ");
    expect((await of("two.example", "/r")).field("Location")).toBe("https://one.example/");
    expect((await of("one.example", "/r")).status).toBe(404);
    expect((await of("one.example", "/../two/start.html")).status).toBe(400);
  });

  test("a host's folders are listed if it says so, without what it denies", async () => {
    const list = (host: string) => ask(server.saker, `GET /many/ HTTP/1.1\nHost: ${host}\nAccept: application/json`);
    expect(JSON.parse((await list("two.example")).text).map(({ name }: { name: string }) => name)).toEqual(["a.txt"]);
    expect((await list("one.example")).status).toBe(404);
  });

  test("admin endpoints answer whatever they are called", async () => {
    expect((await ask(server.saker, "GET /health HTTP/1.1\nHost: one.example")).text).toContain('"healthy"');
  });
});

describe.each([404, 421])("unknown_host = %d", (status) => {
  const server = useSaker({ config: (site) => `unknown_host = ${status}\n${hosts(site)}`, site: SITE });
  test.each(["nobody", "one.example.evil", "[::1]", "wild.example"])("%s is refused", async (host) => {
    for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
      const response = await ask(server.saker, `${method} / HTTP/1.1\nHost: ${host}\nContent-Length: 0`);
      expect(response.status).toBe(status);
      expect(response.text).not.toContain("default");
    }
    expect((await ask(server.saker, `GET /../x HTTP/1.1\nHost: ${host}`)).status).toBe(status);
  });
  test("known ones are not", async () => {
    expect((await ask(server.saker, "GET / HTTP/1.1\nHost: one.example")).text).toBe("one");
    expect((await ask(server.saker, "GET / HTTP/1.1\nHost: q.wild.example")).text).toBe("wild");
  });
  test("nor is HTTP/1.0 without a host, nor an admin endpoint", async () => {
    expect((await ask(server.saker, "GET / HTTP/1.0")).text).toBe("default");
    expect((await ask(server.saker, "GET /health HTTP/1.1\nHost: nobody")).text).toContain('"healthy"');
  });
  test("the connection goes on", async () => {
    await using client = await server.saker.connect();
    expect((await client.request("GET / HTTP/1.1\r\nHost: nobody\r\n\r\n")).status).toBe(status);
    expect((await client.request("GET / HTTP/1.1\r\nHost: one.example\r\n\r\n")).text).toBe("one");
  });
});

describe("* is every other host", () => {
  const server = useSaker({
    config: (site) =>
      `unknown_host = 421\n${hosts(site)}[[virtual_host]]\nnames = ["*"]\nroot = "${site.beside("two")}"\n`,
    site: SITE,
  });
  test.each([
    ["nobody", "not the index"],
    ["one.example", "one"],
  ])("%s: %s", async (host, content) => {
    expect((await ask(server.saker, `GET / HTTP/1.1\nHost: ${host}`)).text).toBe(content);
  });
});
