import { expect, test } from "bun:test";
import { RowOctets } from "../../../src/site/listing/row-octets.ts";

const ROWS = ["first\n", "", "zweite: äöü\n", "日本語".repeat(500), "😀", "last"];

function rowsOf(texts: readonly string[]): RowOctets {
  const rows = new RowOctets(texts.length);
  for (const text of texts) rows.add(text);
  rows.trim();
  return rows;
}

test.each([
  ["in order", [0, 1, 2, 3, 4, 5]],
  ["backwards", [5, 4, 3, 2, 1, 0]],
  ["some", [2, 5]],
  ["none", []],
])("copies rows: %s", (_, indices) => {
  const rows = rowsOf(ROWS);
  const target = Buffer.alloc(rows.length + 2, ".");
  const end = rows.copyTo(target, 1, Uint32Array.from(indices));
  const text = indices.map((index) => ROWS[index]).join("");
  expect(end).toBe(1 + Buffer.byteLength(text));
  expect(target.toString("utf8", 1, end)).toBe(text);
  expect(target[0]).toBe(0x2e);
  expect(target[end]).toBe(0x2e);
});

test("counts octets, not characters", () => {
  expect(rowsOf(ROWS).length).toBe(Buffer.byteLength(ROWS.join("")));
  expect(rowsOf([]).length).toBe(0);
});
