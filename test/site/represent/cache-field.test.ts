import { expect, test } from "bun:test";
import { type CacheField, cacheLines, type Forward } from "../../../src/site/represent/cache-field.ts";

test.each<[CacheField, Forward | null, string[]]>([
  ["x-cache", null, ["X-Cache: HIT"]],
  ["x-cache", "stale", ["X-Cache: MISS"]],
  ["cache-status", null, ["Cache-Status: saker; hit"]],
  ["cache-status", "uri-miss", ["Cache-Status: saker; fwd=uri-miss"]],
  ["both", null, ["X-Cache: HIT", "Cache-Status: saker; hit"]],
  ["both", "bypass", ["X-Cache: MISS", "Cache-Status: saker; fwd=bypass"]],
  ["off", null, []],
  ["off", "bypass", []],
])("%s, %s: %j", (field, forward, lines) => {
  expect(cacheLines(field, forward).map(([name, value]) => `${name}: ${value}`)).toEqual(lines);
});
