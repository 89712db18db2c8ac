/** Where a request in plain text is sent: the host that it asked for, and the port that it will find. */
import { expect, test } from "bun:test";
import { httpsUrlOf } from "../../src/process/https-url.ts";
import { headOf } from "../http/support/head-result.ts";

const STANDARD = { http: 80, https: 443 };
const HIGH = { http: 8080, https: 8443 };

test.each<[target: string, host: string, typeof HIGH, "http" | "https", url: string | null]>([
  ["/", "a.example", STANDARD, "http", "https://a.example/"],
  ["/", "a.example:80", STANDARD, "http", "https://a.example/"],
  ["/", "a.example", { http: 80, https: 8443 }, "http", "https://a.example:8443/"],
  // The client sees the ports as they are …
  ["/", "a.example:8080", HIGH, "http", "https://a.example:8443/"],
  ["/", "a.example:8443", HIGH, "https", "https://a.example:8443/"],
  ["/", "[::1]:8080", HIGH, "http", "https://[::1]:8443/"],
  // … or somebody maps 80 and 443 to them.
  ["/", "a.example", HIGH, "http", "https://a.example/"],
  ["/", "a.example:80", HIGH, "http", "https://a.example/"],
  // Whatever else is asked for is kept as it was sent, but for what no URI holds.
  ["/a%2Fb//../c?d=e&f", "a", STANDARD, "http", "https://a/a%2Fb//../c?d=e&f"],
  ['/\xe9|?\xe9"<>', "a", STANDARD, "http", "https://a/%E9%7C?%E9%22%3C%3E"],
  ["http://b.example", "a", STANDARD, "http", "https://b.example/"],
  ["http://b.example/x?y", "a", STANDARD, "http", "https://b.example/x?y"],
])("%s of %s at %p, which came to that of %s", (target, host, ports, arrivedAt, url) => {
  const head = headOf(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  expect(httpsUrlOf(head, ports, arrivedAt)).toBe(url);
});

test("without a host there is no URL", () => {
  expect(httpsUrlOf(headOf("GET / HTTP/1.0\r\n\r\n"), STANDARD, "http")).toBeNull();
});
