/** The user in the access log: whoever's password was verified, and nobody else. */
import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { until } from "../support/deadline.ts";
import { useSaker } from "../support/use-saker.ts";

const hash = (password: string): string => Bun.password.hashSync(password, { algorithm: "bcrypt", cost: 4 });
const basic = (user: string, password: string): string =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const ANN = basic("ann", "one");
const BOB = basic("Böb [x] Smith", "two");

const CONFIG = `
[[basic_auth]]
path = "/vault/*"
users = ${JSON.stringify([`ann:${hash("one")}`, `Böb [x] Smith:${hash("two")}`])}
[[basic_auth]]
path = "/keys/*"
users = ${JSON.stringify([`ann:${hash("one")}`])}
[[rewrite]]
from = "/vault/keys/*"
to = "/keys/:splat"
[[rewrite]]
from = "/open/*"
to = "/vault/:splat"
`;

/** Target and credentials, and the user that the log names. */
const REQUESTS: [what: string, target: string, line: string, status: number, user: string | null, method?: string][] = [
  ["a path that nobody guards", "/", ANN, 200, null],
  ["no credentials", "/vault/a.txt", "X: y", 401, null],
  ["a wrong password", "/vault/a.txt", basic("ann", "no"), 401, null],
  ["a wrong password again, from memory", "/vault/a.txt", basic("ann", "no"), 401, null],
  ["an unknown user", "/vault/a.txt", basic("eve", "one"), 401, null],
  ["the right password, verified", "/vault/a.txt", ANN, 200, "ann"],
  ["the right password, remembered", "/vault/a.txt", ANN, 200, "ann"],
  ["another path with a remembered password", "/vault/b.txt", ANN, 200, "ann"],
  ["HEAD", "/vault/a.txt", ANN, 200, "ann", "HEAD"],
  ["a path that doesn't exist", "/vault/missing", ANN, 404, "ann"],
  ["a redirect", "/vault/sub", ANN, 301, "ann"],
  ["a coded representation that has to be made", "/vault/page.html", `${ANN}\r\nAccept-Encoding: gzip`, 200, "ann"],
  ["the same from the cache", "/vault/page.html", `${ANN}\r\nAccept-Encoding: gzip`, 200, "ann"],
  ["a range", "/vault/a.txt", `${ANN}\r\nRange: bytes=0-1`, 206, "ann"],
  ["a large file", "/vault/large.bin", ANN, 200, "ann"],
  ["a rewrite into a guarded folder", "/open/a.txt", ANN, 200, "ann"],
  ["a name with spaces, brackets and letters beyond ASCII", "/vault/a.txt", BOB, 200, "Böb [x] Smith"],
  ["one guard of two refuses", "/vault/keys/b", BOB, 401, null],
  ["both guards admit", "/vault/keys/b", ANN, 200, "ann"],
  ["a method that no guard sees", "/vault/a.txt", ANN, 405, null, "POST"],
];

describe.each(["combined", "json"] as const)("%s", (format) => {
  const server = useSaker({
    site: {
      "index.html": "home",
      "vault/a.txt": "aaa",
      "vault/b.txt": "bbb",
      "keys/b": "key",
      "vault/page.html": "page ".repeat(2000),
      "vault/sub/index.html": "sub",
      "vault/large.bin": Buffer.alloc(200_000),
    },
    config: (site) =>
      `access_log = ${JSON.stringify(site.beside("access.log"))}\naccess_log_format = "${format}"\n${CONFIG}`,
  });
  let lines: string[] = [];

  beforeAll(async () => {
    const { saker } = server;
    for (const [, target, line, status, , method] of REQUESTS) {
      expect([target, (await saker.get(target, line.split("\r\n"), method)).status]).toEqual([target, status]);
    }
    const read = () => readFileSync(saker.site.beside("access.log"), "utf8").split("\n").slice(0, -1);
    await until(() => read().length >= REQUESTS.length, "every request is logged");
    lines = read();
  });

  test.each(REQUESTS.map(([what, , , status, user], index) => [what, status, user, index] as const))(
    "%s",
    (_, status, user, index) => {
      const line = lines[index]!;
      if (format === "json") return expect(JSON.parse(line)).toMatchObject({ status, user });
      // As programs that split at spaces read it.
      const words = line.split(" ");
      expect(words.length).toBe(12);
      expect(words[2]).toBe(user === null ? "-" : user === "ann" ? "ann" : "B\\xC3\\xB6b\\x20\\x5Bx\\x5D\\x20Smith");
      expect(words[3]).toStartWith("[");
      expect(words[8]).toBe(String(status));
    },
  );
});
