import { expect, test } from "bun:test";
import { textOf } from "../../src/http/octets.ts";
import {
  ENTRY_NUMBERS,
  STATIC_COUNT,
  STATIC_ENTRIES,
  STATIC_TEXT,
  staticIndexOf,
  staticIndexWithValue,
} from "../../src/http2/static-table.ts";

function fieldAt(index: number): [name: string, value: string] {
  const [start, valueStart, end] = STATIC_ENTRIES.subarray(index * ENTRY_NUMBERS);
  return [textOf(STATIC_TEXT, start!, valueStart!), textOf(STATIC_TEXT, valueStart!, end!)];
}

test.each([
  [1, ":authority", ""],
  [2, ":method", "GET"],
  [5, ":path", "/index.html"],
  [7, ":scheme", "https"],
  [8, ":status", "200"],
  [14, ":status", "500"],
  [15, "accept-charset", ""],
  [16, "accept-encoding", "gzip, deflate"],
  [17, "accept-language", ""],
  [24, "cache-control", ""],
  [28, "content-length", ""],
  [32, "cookie", ""],
  [38, "host", ""],
  [50, "range", ""],
  [58, "user-agent", ""],
  [61, "www-authenticate", ""],
])("entry %d is %s, %p (RFC 7541 Appendix A)", (index, name, value) => {
  expect(fieldAt(index)).toEqual([name, value]);
});

test("has 61 entries, each found by its name, and by its value if it has one", () => {
  expect(STATIC_COUNT).toBe(61);
  for (let index = 1; index <= STATIC_COUNT; index++) {
    const [name, value] = fieldAt(index);
    const first = staticIndexOf(name);
    expect(fieldAt(first)[0]).toBe(name);
    expect(first).toBeLessThanOrEqual(index);
    expect(staticIndexWithValue(first, value)).toBe(value === "" ? 0 : index);
    expect(staticIndexWithValue(first, "x")).toBe(0);
  }
});

test.each(["x", "", "Host", "accept-encoding gzip, deflate"])("has no field %p", (name) => {
  expect(staticIndexOf(name)).toBe(0);
});
