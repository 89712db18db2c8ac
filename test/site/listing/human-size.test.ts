import { expect, test } from "bun:test";
import { exactSize, humanSize, withThousands } from "../../../src/site/listing/human-size.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [1000, "1.0 KiB"],
  [1023, "1.0 KiB"],
  [1024, "1.0 KiB"],
  [1536, "1.5 KiB"],
  [10_188, "9.9 KiB"],
  [10_189, "10 KiB"],
  [10_240, "10 KiB"],
  [1_023_487, "999 KiB"],
  [1_023_488, "1.0 MiB"],
  [1_048_576, "1.0 MiB"],
  [1_073_741_823, "1.0 GiB"],
  [5_000_000_000, "4.7 GiB"],
  [2 ** 40, "1.0 TiB"],
  [Number.MAX_SAFE_INTEGER, "8.0 PiB"],
])("%d octets are %s", (octets, text) => {
  expect(humanSize(octets)).toBe(text.replace(" ", "\u00a0"));
});

test("never has more than three digits", () => {
  for (let octets = 1; octets < Number.MAX_SAFE_INTEGER; octets = Math.ceil(octets * 1.001)) {
    expect(humanSize(octets)).toMatch(/^(\d|\d\d|\d\d\d|\d\.\d)\u00a0([KMGTP]i)?B$/);
  }
});

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1,000 bytes"],
  [1_234_567, "1,234,567 bytes"],
])("%d exactly is %s", (octets, text) => expect(exactSize(octets)).toBe(text));

test.each([
  [0, "0"],
  [12, "12"],
  [123_456, "123,456"],
  [1_000_000_000, "1,000,000,000"],
])("%d has commas: %s", (integer, text) => expect(withThousands(integer)).toBe(text));
