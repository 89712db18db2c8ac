import { expect, test } from "bun:test";
import { Coding, CODING_NAME, parseAcceptEncoding } from "../../../src/http/content-coding.ts";
import { CodingOrders, PLACE_BITS, PLACE_MASK } from "../../../src/site/coding/coding-order.ts";

const orders = new CodingOrders([Coding.Br, Coding.Zstd, Coding.Gzip]);

function orderOf(value: string, neighbours: readonly Coding[], from = orders): string {
  const set = neighbours.reduce((bits, coding) => bits | (1 << coding), 0);
  const names: string[] = [];
  let order = from.of(parseAcceptEncoding(Buffer.from(value), 0, value.length), set);
  for (; order !== 0; order >>= PLACE_BITS) names.push(CODING_NAME[(order & PLACE_MASK) - 1]!);
  return names.join(" ");
}

test.each([
  ["gzip, deflate, br, zstd", [], "br zstd gzip identity"],
  ["gzip, deflate, br", [], "br gzip identity"],
  ["gzip", [], "gzip identity"],
  ["", [], "identity"],
  ["identity", [], "identity"],
  ["deflate", [], "identity"],
  ["*", [], "br zstd gzip identity"],
  ["gzip, identity;q=0", [], "gzip identity"],
  ["gzip;q=0.9, br;q=0.1, zstd;q=0.2", [], "gzip zstd br identity"],
  ["gzip;q=0.1, identity;q=0.9", [], "identity"],
  ["gzip, identity;q=0.5, br;q=0.1", [], "gzip identity"],
  ["gzip, identity", [], "gzip identity"],
  ["gzip, deflate, br, zstd", [Coding.Gzip], "gzip br zstd identity"],
  ["gzip, deflate, br, zstd", [Coding.Gzip, Coding.Zstd], "zstd gzip br identity"],
  ["gzip, deflate, br, zstd", [Coding.Gzip, Coding.Br, Coding.Zstd], "br zstd gzip identity"],
  ["gzip;q=0.5, br", [Coding.Gzip], "br gzip identity"],
  ["br", [Coding.Gzip], "br identity"],
  ["identity", [Coding.Gzip], "identity"],
])("%j with neighbours %j: %s", (value, neighbours, expected) => {
  expect(orderOf(value, neighbours)).toBe(expected);
  expect(orderOf(value, neighbours)).toBe(expected); // remembered
});

test.each([
  ["only gzip", [Coding.Gzip], "gzip identity"],
  ["nothing", [], "identity"],
  ["the other way round", [Coding.Gzip, Coding.Zstd, Coding.Br], "gzip zstd br identity"],
])("offers %s", (_, offered, expected) => {
  expect(orderOf("gzip, deflate, br, zstd", [], new CodingOrders(offered))).toBe(expected);
});
