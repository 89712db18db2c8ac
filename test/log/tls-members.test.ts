/** What JSON lines say of TLS: valid, whatever name a client asked for. */
import { expect, test } from "bun:test";
import { encodeTls, NO_TLS } from "../../src/log/tls-members.ts";

const parse = (octets: Uint8Array): unknown => JSON.parse(`{"x":1${Buffer.from(octets).toString("utf8")}}`);

test.each<[string | null, string | null]>([
  ["example.org", "example.org"],
  [null, null],
  ['"\\\r\n', '"\\\r\n'],
  ["x".repeat(255), `${"x".repeat(128)}...`],
])("%j", (sent, logged) => {
  const suite = "TLS_AES_128_GCM_SHA256";
  expect(parse(encodeTls("1.3", suite, sent, true))).toEqual({ x: 1, tls: "1.3", suite, sni: logged, resumed: true });
});

test("of plain text there is nothing to say", () => {
  expect(parse(NO_TLS)).toEqual({ x: 1, tls: null, suite: null, sni: null, resumed: null });
});
