/** `404.html` in a root: the page of what isn't found, for each host its own. */
import { expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { startSaker } from "../support/saker.ts";
import { createSite } from "../support/site.ts";

const PASSWORD_HASH = await Bun.password.hash("hunter2", { algorithm: "bcrypt", cost: 4 });
const ANN = `Authorization: Basic ${btoa("ann:hunter2")}`;
const guard = (path: string): string =>
  `[[virtual_host.basic_auth]]\npath = "${path}"\nusers = ["ann:${PASSWORD_HASH}"]\n`;

test("each host shows its own, settings win, guards hold", async () => {
  await using site = await createSite({
    "404.html": "outer lost",
    "docs/404.html": "docs lost",
    "docs/errors/lost.html": "named",
    "../plain/index.html": "plain",
    "../closed/404.html": "closed lost",
    "../half/404.html": "half lost",
  });
  const host = (name: string, root: string, rest = ""): string =>
    `[[virtual_host]]\nnames = ["${name}.example"]\nroot = ${JSON.stringify(root)}\n${rest}\n`;
  const config = [
    host("docs", site.path("docs")),
    host("off", site.path("docs"), "not_found_page = false"),
    host("named", site.path("docs"), 'error_pages = { 404 = "/errors/lost.html" }'),
    host("gone", site.path("docs"), 'error_pages = { 404 = "/errors/gone.html" }'),
    host("plain", site.beside("plain")),
    host("closed", site.beside("closed"), guard("/*")),
    host("half", site.beside("half"), guard("/404.html")),
  ].join("");
  await using saker = await startSaker({ site, config });
  const ask = async (url: string, lines: readonly string[] = []): Promise<[number, string]> => {
    const { status, text } = await saker.get(url, lines);
    return [status, text];
  };
  for (let round = 0; round < 2; round++) {
    expect(await ask("/x")).toEqual([404, "outer lost"]);
    expect(await ask("http://docs.example/x")).toEqual([404, "docs lost"]);
    expect(await ask("/docs/x")).toEqual([404, "outer lost"]);
    expect((await ask("http://off.example/x"))[1]).toContain("404 Not Found");
    expect(await ask("http://named.example/x")).toEqual([404, "named"]);
    expect(await ask("http://gone.example/x")).toEqual([404, "docs lost"]);
    expect((await ask("http://plain.example/x"))[1]).toContain("404 Not Found");
    expect((await ask("http://closed.example/x"))[0]).toBe(401);
    expect(await ask("http://closed.example/x", [ANN])).toEqual([404, "closed lost"]);
    expect((await ask("http://closed.example/.hidden"))[1]).toContain("404 Not Found");
    expect((await ask("http://half.example/x"))[1]).toContain("404 Not Found");
  }
  const head = await saker.get("/x", [], "HEAD");
  expect([head.status, head.field("Content-Length"), head.text]).toEqual([404, "10", ""]);
  await site.remove("404.html");
  await until(
    async () => (await ask("/x"))[1].includes("404 Not Found"),
    () => "the page that was removed is not shown",
  );
});
