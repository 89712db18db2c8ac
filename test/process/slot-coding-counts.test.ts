import { expect, test } from "bun:test";
import { Coding, CODING_NAME } from "../../src/http/content-coding.ts";
import { SlotCodingCounts } from "../../src/process/slot-coding-counts.ts";
import { Compressed } from "../../src/site/coding/coding-counts.ts";
import { Counter, SLOT_CELLS } from "../../src/stats/layout.ts";
import { SLOT_TABLE } from "../../src/stats/layout-table.ts";

test("each coding has a counter, under its own name", () => {
  const values = new Float64Array(SLOT_CELLS);
  const counts = new SlotCodingCounts(values);
  for (let coding = Coding.Identity + 1; coding < Coding.count; coding++) {
    const cell = SLOT_TABLE.find(({ shown }) => shown.json?.includes(`compression.responses.${CODING_NAME[coding]}`))!;
    for (let responses = 0; responses < coding; responses++) counts.responded(coding, 100, 40);
    expect(values[cell.index]).toBe(coding);
  }
  expect(values[Counter.CodingSavedOctets]).toBe((1 + 2 + 3) * 60);
  expect(() => counts.responded(Coding.Identity, 1, 1)).toThrow(RangeError);
});

test("compressing takes time whatever comes of it", () => {
  const values = new Float64Array(SLOT_CELLS);
  const counts = new SlotCodingCounts(values);
  counts.compressed(1.5, Compressed.Made);
  counts.compressed(2, Compressed.Upgraded);
  counts.compressed(3, Compressed.Nothing);
  expect(values[Counter.CodingMicroseconds]).toBe(6500);
  expect([values[Counter.CodingsMade], values[Counter.CodingsUpgraded]]).toEqual([1, 1]);
});
