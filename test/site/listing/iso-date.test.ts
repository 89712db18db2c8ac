import { expect, test } from "bun:test";
import { isoDate } from "../../../src/site/listing/iso-date.ts";

test.each([
  [0, "1970-01-01T00:00:00Z"],
  [Date.UTC(2024, 1, 29, 23, 59, 59, 999), "2024-02-29T23:59:59Z"],
  [-1, "1969-12-31T23:59:59Z"],
  [1_700_000_000_123.75, "2023-11-14T22:13:20Z"],
  [-1e18, "0001-01-01T00:00:00Z"],
  [1e18, "9999-12-31T23:59:59Z"],
  [Infinity, "9999-12-31T23:59:59Z"],
  [NaN, ""],
])("%p is %p", (ms, text) => expect(isoDate(ms)).toBe(text));
