import { describe, expect, test } from "bun:test";
import { compareText, naturalKey } from "../../../src/site/listing/natural-order.ts";

const compare = (one: string, other: string): number => compareText(naturalKey(one), naturalKey(other));

describe("order of names", () => {
  test.each([
    [["2", "10"]],
    [["chapter 1", "chapter 2", "chapter 10"]],
    [["a1b2", "a1b10", "a2b1", "a10"]],
    [["v1.2.9", "v1.2.10", "v1.10.0"]],
    [["a", "a1", "aa", "b"]],
    [["Apple", "banana", "Cherry"]],
    [["Äpfel", "apfelmus", "Birne", "echo", "Éclair"]],
    [["_x", "a"]],
    [["1a", "a1"]],
    [["a.txt", "b", "ß", "Ж", "日本"]],
    [["2024-01-31", "2024-02-01", "2024-10-01"]],
    [[`1${"0".repeat(20)}`, `1${"0".repeat(21)}`]],
    [["9".repeat(60), `x${"9".repeat(60)}`]],
    [["", "a"]],
  ])("%p", (names) => {
    const shuffled = [...names].reverse();
    expect(shuffled.sort(compare)).toEqual(names);
  });

  test.each([
    ["readme", "README"],
    ["file01", "file1"],
    ["000", "0"],
    ["Résumé", "resume"],
    ["e\u0301", "é"],
  ])("%p and %p are alike", (one, other) => expect(compare(one, other)).toBe(0));
});

test("is the order of a collator that counts and ignores case, for names of letters and numbers", () => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const letters = "abcXYZ0123456789";
  let seed = 20_261;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const name = (): string => Array.from({ length: 1 + random(8) }, () => letters[random(letters.length)]).join("");
  for (let round = 0; round < 5000; round++) {
    const [one, other] = [name(), name()];
    expect(`${one} ${other} ${compare(one, other)}`).toBe(`${one} ${other} ${Math.sign(collator.compare(one, other))}`);
  }
});
