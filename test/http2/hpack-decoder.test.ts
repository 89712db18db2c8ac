import { describe, expect, test } from "bun:test";
import { FieldStore } from "../../src/http2/field-store.ts";
import { HpackOutcome } from "../../src/http2/hpack-decoder.ts";
import { Random } from "../http/support/random.ts";
import { BlockBuilder, Literal } from "./support/block-builder.ts";
import { generateBlock, mutate } from "./support/block-generator.ts";
import { Decoding, fieldsOf, LIST_OCTETS_MAX, type TextField } from "./support/decoding.ts";
import { HpackModel } from "./support/hpack-model.ts";

const TABLE_OCTETS_MAX = 4096;
const block = () => new BlockBuilder();

/** What is wrong with blocks that a connection can't survive. */
describe("malformed", () => {
  test.each<[string, BlockBuilder]>([
    ["index 0", block().indexed(0)],
    ["index 0 in two octets", block().raw(0xff, 0x80, 0x00).raw(0x80)],
    ["an index beyond the static table, where the other is empty", block().indexed(62)],
    ["an index far beyond", block().indexed(2 ** 27)],
    ["a name by an index beyond the tables", block().literal(Literal.WithoutIndexing, 62, "x")],
    ["a name by an index beyond the tables, for the table", block().literal(Literal.WithIndexing, 70, "x")],
    ["an index that is cut short", block().raw(0xff)],
    ["an index of too many octets", block().raw(0xff, 0x80, 0x80, 0x80, 0x80, 0x00)],
    ["a literal without name and value", block().raw(0x40)],
    ["a literal without a value", block().raw(0x40, 0x01, 0x61)],
    ["a value that is cut short", block().raw(0x0f, 0x01, 0x05, 0x61, 0x62)],
    ["a name of too many octets", block().raw(0x00, 0x7f, 0xff, 0xff, 0xff, 0x7f)],
    ["EOS in a name", block().raw(0x40, 0x84, 0xff, 0xff, 0xff, 0xff, 0x01, 0x61)],
    ["EOS in a value", block().raw(0x41, 0x84, 0xff, 0xff, 0xff, 0xff)],
    ["padding of a whole octet", block().raw(0x41, 0x82, 0x1f, 0xff)],
    ["padding of zeros", block().raw(0x41, 0x81, 0x18)],
    ["a size update above the maximum", block().sizeUpdate(TABLE_OCTETS_MAX + 1)],
    ["a size update that is cut short", block().raw(0x3f)],
    ["a size update of too many octets", block().raw(0x3f, 0x80, 0x80, 0x80, 0x80, 0x00)],
    ["a size update behind a field", block().indexed(2).sizeUpdate(0)],
    ["a size update behind a literal", block().literal(Literal.NeverIndexed, "a", "b").sizeUpdate(100)],
  ])("%s", (_what, builder) => {
    expect(new Decoding().fields(builder.block)).toBe("Malformed");
  });

  test("no block is an empty list", () => {
    expect(new Decoding().fields(Buffer.alloc(0))).toEqual([]);
  });
});

describe("the dynamic table", () => {
  test("gives what it was given, newest first", () => {
    const decoding = new Decoding();
    decoding.outcome(block().literal(Literal.WithIndexing, "a", "1").literal(Literal.WithIndexing, "b", "2").block);
    expect(decoding.fields(block().indexed(62).indexed(63).block)).toEqual([
      ["b", "2"],
      ["a", "1"],
    ]);
  });

  test("serves the block that fills it", () => {
    const both = block().literal(Literal.WithIndexing, "a", "1").indexed(62).literal(Literal.WithIndexing, 62, "2");
    expect(new Decoding().fields(both.indexed(62).indexed(63).block)).toEqual([
      ["a", "1"],
      ["a", "1"],
      ["a", "2"],
      ["a", "2"],
      ["a", "1"],
    ]);
  });

  test("evicts the oldest entries, and a field refers to what is evicted behind it", () => {
    const decoding = new Decoding();
    const old = "o".repeat(2000);
    decoding.outcome(block().literal(Literal.WithIndexing, "old", old).block);
    const fresh = "f".repeat(2100);
    const fields = decoding.fields(block().indexed(62).literal(Literal.WithIndexing, "new", fresh).block);
    expect(fields).toBe("TooLarge");
    expect(fieldsOf(decoding.store)).toEqual([["old", old]]);
    expect(decoding.table).toEqual([["new", fresh]]);
    expect(decoding.tableSize).toBe(3 + 2100 + 32);
  });

  test("keeps a name that is evicted for its own new value (RFC 7541 §4.4)", () => {
    const decoding = new Decoding();
    decoding.outcome(block().sizeUpdate(100).literal(Literal.WithIndexing, "a-long-name", "x".repeat(50)).block);
    const value = "y".repeat(57);
    expect(decoding.fields(block().literal(Literal.WithIndexing, 62, value).block)).toEqual([["a-long-name", value]]);
    expect(decoding.table).toEqual([["a-long-name", value]]);
    expect(decoding.tableSize).toBe(100);
  });

  test("is empty after an entry that is larger than it (RFC 7541 §4.4)", () => {
    const decoding = new Decoding();
    decoding.outcome(block().sizeUpdate(60).literal(Literal.WithIndexing, "a", "b").block);
    expect(decoding.tableSize).toBe(34);
    const value = "x".repeat(28);
    expect(decoding.fields(block().literal(Literal.WithIndexing, "a", value).block)).toEqual([["a", value]]);
    expect([decoding.tableSize, decoding.table]).toEqual([0, []]);
  });

  test("shrinks at once, and grows again without what it lost", () => {
    const decoding = new Decoding();
    const three = block();
    for (const name of ["a", "b", "c"]) three.literal(Literal.WithIndexing, name, "1");
    decoding.outcome(three.block);
    expect(decoding.fields(block().sizeUpdate(68).sizeUpdate(4096).indexed(62).block)).toEqual([["c", "1"]]);
    expect(decoding.table.map(([name]) => name)).toEqual(["c", "b"]);
    decoding.outcome(block().sizeUpdate(0).block);
    expect(decoding.table).toEqual([]);
    decoding.outcome(block().literal(Literal.WithIndexing, "a", "1").block);
    expect([decoding.table, decoding.tableSize]).toEqual([[], 0]);
  });

  test("has room for as many entries as can be counted", () => {
    const decoding = new Decoding();
    const full = block();
    for (let index = 0; index < 128; index++) full.literal(Literal.WithIndexing, "", "");
    expect(decoding.outcome(full.block)).toBe(HpackOutcome.Done);
    expect([decoding.tableSize, decoding.table.length]).toEqual([4096, 128]);
    decoding.outcome(full.block);
    expect([decoding.tableSize, decoding.table.length]).toEqual([4096, 128]);
  });

  test("of a released decoder is as new", () => {
    const decoding = new Decoding();
    decoding.outcome(block().sizeUpdate(100).literal(Literal.WithIndexing, "a", "1").block);
    decoding.decoder.release();
    expect([decoding.table, decoding.tableSize]).toEqual([[], 0]);
    decoding.outcome(block().literal(Literal.WithIndexing, "a", "1".repeat(100)).block);
    expect(decoding.tableSize).toBe(133);
  });
});

describe("the limit of the list", () => {
  const limit = (octets: number) => new Decoding(new FieldStore(octets));

  test("counts name, value and 32 for each field", () => {
    const two = block().literal(Literal.WithoutIndexing, "ab", "cde").indexed(2).block;
    expect(limit(37 + 42).fields(two)).toEqual([
      ["ab", "cde"],
      [":method", "GET"],
    ]);
    expect(limit(37 + 41).fields(two)).toBe("TooLarge");
  });

  test("counts what an index refers to, every time", () => {
    const decoding = limit(16384);
    decoding.outcome(block().literal(Literal.WithIndexing, "x", "y".repeat(4000)).block);
    const bomb = Buffer.alloc(16, 0x80 | 62);
    expect(decoding.outcome(bomb)).toBe(HpackOutcome.TooLarge);
    expect(decoding.store.fieldCount).toBe(4);
    expect(decoding.tableSize).toBe(4033);
  });

  test("ends decoding where it is exceeded four times", () => {
    const decoding = limit(16384);
    decoding.outcome(block().literal(Literal.WithIndexing, "x", "y".repeat(4000)).block);
    const bomb = Buffer.alloc(16000, 0x80 | 62);
    expect(decoding.outcome(bomb)).toBe(HpackOutcome.Excessive);
    expect(decoding.store.listOctets).toBe(17 * 4033);
    const literals = block();
    for (let count = 0; count < 100; count++) literals.literal(Literal.WithoutIndexing, "x", "y".repeat(1000));
    expect(limit(16384).outcome(literals.block)).toBe(HpackOutcome.Excessive);
    const one = block().literal(Literal.WithoutIndexing, "x", "y".repeat(66_000));
    expect(limit(16384).outcome(one.block)).toBe(HpackOutcome.Excessive);
  });

  test("holds for names that are referred to, and copied, again and again", () => {
    const decoding = limit(16384);
    const name = "n".repeat(4060);
    decoding.outcome(block().literal(Literal.WithIndexing, name, "").block);
    const copies = block();
    for (let count = 0; count < 14; count++) copies.literal(Literal.WithIndexing, 62, "");
    expect(decoding.outcome(copies.literal(Literal.WithIndexing, 62, "abc").block)).toBe(HpackOutcome.TooLarge);
    expect(decoding.table).toEqual([[name, "abc"]]);
  });

  test("never keeps the table from being right", () => {
    const decoding = limit(5000);
    const many = block();
    const expected: TextField[] = [];
    for (let index = 0; index < 300; index++) {
      many.literal(Literal.WithIndexing, `x-${index}`, "v".repeat(index % 40));
      expected.unshift([`x-${index}`, "v".repeat(index % 40)]);
    }
    expect(decoding.outcome(many.block)).toBe(HpackOutcome.TooLarge);
    expect(decoding.table.length).toBeGreaterThan(10);
    expect(decoding.table.at(0)).toEqual(expected[0]);
    expect(decoding.table).toEqual(expected.slice(0, decoding.table.length));
    expect(decoding.fields(block().indexed(2).block)).toEqual([[":method", "GET"]]);
  });

  test("does not hide that a block is malformed", () => {
    const huge = block().literal(Literal.WithoutIndexing, "x", "y".repeat(5000));
    expect(limit(1500).fields(huge.block)).toBe("TooLarge");
    expect(limit(1500).fields(huge.indexed(0).block)).toBe("Malformed");
  });

  test("says which value alone went beyond it", () => {
    const decoding = limit(1000);
    decoding.outcome(block().literal(Literal.WithoutIndexing, ":path", "/".repeat(999)).block);
    const { oversizedKind, oversizedOctets } = decoding.store;
    decoding.outcome(block().literal(Literal.WithIndexing, ":path", "/").block);
    expect([oversizedKind, oversizedOctets]).toEqual([decoding.store.kinds, 999]);
    expect(decoding.store.oversizedKind).toBe(-1);
  });
});

/** Connections that share a store take turns with random blocks; each has a model. */
function compareWithModel(seed: number, listOctetsMax: number, rounds: number, mutates: boolean): void {
  const random = new Random(seed);
  const store = new FieldStore(listOctetsMax);
  const tableStart = Buffer.from(store.bytes.subarray(0, store.tableStart));
  const connect = () => ({ decoding: new Decoding(store), model: new HpackModel(listOctetsMax) });
  const connections = Array.from({ length: 3 }, connect);
  for (let round = 0; round < rounds; round++) {
    const place = random.below(connections.length);
    const { decoding, model } = connections[place]!;
    let octets = generateBlock(random, model.table.length);
    if (mutates && random.chance(2)) octets = mutate(random, octets);
    const where = `seed ${seed}, round ${round}: ${octets.toString("hex")}`;
    const outcome = HpackOutcome[decoding.outcome(octets)]!;
    expect([where, outcome]).toEqual([where, model.decode(octets)]);
    const fields = fieldsOf(store);
    if (outcome === "Malformed" || outcome === "Excessive") {
      decoding.decoder.release();
      connections[place] = connect();
      continue;
    }
    // Of a list that is too large, what was read before may be given up.
    if (outcome === "Done" || fields.length > 0) expect([where, fields]).toEqual([where, model.fields]);
    expect([where, decoding.tableSize]).toEqual([where, model.tableSize]);
    if (random.chance(4)) expect([where, decoding.table]).toEqual([where, tableWithin(model, listOctetsMax)]);
    if (random.chance(50)) {
      decoding.decoder.release();
      connections[place] = { decoding, model: new HpackModel(listOctetsMax) };
    }
  }
  expect(store.bytes.subarray(0, store.tableStart)).toEqual(tableStart);
}

/** As much of the table as can be asked for: an entry larger than the list is none that is Done. */
function tableWithin({ table }: HpackModel, listOctetsMax: number): TextField[] {
  const end = table.findIndex(([name, value]) => name.length + value.length + 32 > listOctetsMax);
  return end < 0 ? table : table.slice(0, end);
}

describe.each([LIST_OCTETS_MAX, 16384, 300])("with lists of %d octets", (listOctetsMax) => {
  test("random blocks of three connections become what the model says", () => {
    compareWithModel(listOctetsMax, listOctetsMax, 600, false);
  });

  test("random and mutated blocks never do anything else", () => {
    compareWithModel(listOctetsMax + 1, listOctetsMax, 1200, true);
  });
});

test("random octets never do anything else", () => {
  const random = new Random(4);
  for (let round = 0; round < 3000; round++) {
    const octets = Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)));
    const decoding = new Decoding();
    const outcome = HpackOutcome[decoding.outcome(octets)]!;
    const where = octets.toString("hex");
    expect([where, outcome]).toEqual([where, new HpackModel(LIST_OCTETS_MAX).decode(octets)]);
  }
});
