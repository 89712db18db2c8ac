import { expect, test } from "bun:test";
import { putDecimal } from "../../src/http/decimal.ts";

const decoder = new TextDecoder("latin1");

test.each([
  0,
  1,
  9,
  10,
  99,
  100,
  101,
  404,
  999,
  1000,
  65_536,
  99_999,
  100_000,
  999_999,
  1_000_000,
  9_999_999,
  10_000_000,
  99_999_999,
  100_000_000,
  999_999_999,
  1_000_000_000,
  1_000_000_001,
  2_147_483_648,
  4_294_967_296,
  10_000_000_000_007,
  Number.MAX_SAFE_INTEGER,
])("putDecimal(%d)", (value) => {
  const into = new Uint8Array(24).fill(0x50);
  const end = putDecimal(value, into, 3);
  expect(decoder.decode(into.subarray(3, end))).toBe(String(value));
  expect(into[end]).toBe(0x50);
});

test.each([
  [12.9, "12"],
  [1_500_000_000.75, "1500000000"],
  [-1, "0"],
  [-0.5, "0"],
  [Number.NaN, "0"],
])("putDecimal(%d) is %s", (value, text) => {
  const into = new Uint8Array(24);
  expect(decoder.decode(into.subarray(0, putDecimal(value, into, 0)))).toBe(text);
});
