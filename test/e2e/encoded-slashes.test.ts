/** `encoded_slashes`: what `%2F` in a path means, for files, rules and guards, in the main site and in virtual hosts. */
import { describe, expect, test } from "bun:test";
import { useSaker } from "../support/use-saker.ts";

const HASH = "$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";

const server = useSaker({
  config: `index = ["index.json"]
    [[deny_path]]
    path = "/private/*"
    [[basic_auth]]
    path = "/members/*"
    users = ["a:${HASH}"]
    [[virtual_host]]
    names = ["registry"]
    encoded_slashes = "decode"
    [[virtual_host.header]]
    path = "/@scope/*"
    set = { X-Scope = "1" }
    [[virtual_host.redirect]]
    from = "/old/*"
    to = "/new/:splat"
  `,
  site: {
    "@scope/name/index.json": "{}",
    "@scope/name/-/name-1.0.0.tgz": "tgz",
    "dir/file.txt": "file",
    "private/a.txt": "secret",
    "members/a.txt": "secret",
    ".git/config": "secret",
    "../outside.txt": "secret",
  },
});

async function get(host: string, target: string) {
  await using client = await server.saker.connect();
  return await client.request(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
}

describe("decode", () => {
  test.each([
    ["/dir%2Ffile.txt", "file"],
    ["/dir%2ffile.txt", "file"],
    ["/%2Fdir/%2e%2Ffile.txt", "file"],
    ["/@scope%2fname/", "{}"],
    ["/@scope%2Fname%2F", "{}"],
    ["/@scope%2fname/-/name-1.0.0.tgz", "tgz"],
    ["/x%2F..%2Fdir%2Ffile.txt", "file"],
  ])("%s is served", async (target, text) => {
    const response = await get("registry", target);
    expect([response.status, response.text]).toEqual([200, text]);
  });

  test.each([
    ["/private%2Fa.txt", 403],
    ["/x%2F..%2Fprivate%2Fa.txt", 403],
    ["/%2Fprivate%2F%2Fa.txt", 403],
    ["/members%2Fa.txt", 401],
    ["/dir/%2e%2e%2Fmembers/a.txt", 401],
    ["/%2F.git%2Fconfig", 404],
    ["/dir%2F..%2F.git/config", 404],
    ["/..%2Foutside.txt", 400],
    ["/dir%2F%2e%2e%2F..%2Foutside.txt", 400],
    ["/dir%5Cfile.txt", 404],
    ["/dir%252Ffile.txt", 404],
    ["/dir%2Ffile.txt%2F", 404],
  ])("%s gets %d", async (target, status) => {
    expect((await get("registry", target)).status).toBe(status);
  });

  test("the entry in the cache, rules and redirects are those of the path with slashes", async () => {
    await get("registry", "/@scope/name/-/name-1.0.0.tgz");
    const response = await get("registry", "/@scope%2Fname%2f-/name-1.0.0.tgz");
    expect([response.field("X-Cache"), response.field("X-Scope")]).toEqual(["HIT", "1"]);
    expect((await get("registry", "/@scope%2fname")).field("Location")).toBe("/@scope/name/");
    expect((await get("registry", "/old%2Fa%2Fb")).field("Location")).toBe("/new/a/b");
  });
});

test.each(["/dir%2Ffile.txt", "/private%2Fa.txt", "/%2F", "/..%2Foutside.txt"])(
  "refuse, the default: %s gets 404",
  async (target) => {
    expect((await get("main", target)).status).toBe(404);
  },
);
