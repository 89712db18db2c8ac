import { describe, expect, test } from "bun:test";
import { didYouMean, editDistance, nearestName } from "../../src/config/nearest-name.ts";
import { SETTING_NAMES } from "../../src/config/settings.ts";

describe("editDistance", () => {
  test.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["prot", "port", 1],
    ["pot", "port", 1],
    ["ports", "port", 1],
    ["fort", "port", 1],
    ["ab", "ba", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3], // optimal string alignment: no piece is edited twice
  ])("%p to %p is %p", (source, target, distance) => {
    expect(editDistance(source, target)).toBe(distance);
    expect(editDistance(target, source)).toBe(distance);
  });

  test("agrees with the definition on random words", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    let state = seed;
    const next = (bound: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >> 8) % bound;
    };
    const word = (): string => Array.from({ length: next(7) }, () => "abc"[next(3)]!).join("");
    for (let round = 0; round < 500; round++) {
      const [source, target] = [word(), word()];
      expect(editDistance(source, target), `seed ${seed}: ${source} ${target}`).toBe(slowDistance(source, target));
    }
  });
});

/** The recursive definition, word for word. */
function slowDistance(source: string, target: string): number {
  if (source === "" || target === "") return source.length + target.length;
  const [shortSource, shortTarget] = [source.slice(0, -1), target.slice(0, -1)];
  const isSame = source.at(-1) === target.at(-1);
  const distances = [
    slowDistance(shortSource, target) + 1,
    slowDistance(source, shortTarget) + 1,
    slowDistance(shortSource, shortTarget) + (isSame ? 0 : 1),
  ];
  const isSwap =
    source.length > 1 && target.length > 1 && source.at(-1) === target.at(-2) && source.at(-2) === target.at(-1);
  if (isSwap) distances.push(slowDistance(source.slice(0, -2), target.slice(0, -2)) + 1);
  return Math.min(...distances);
}

describe("nearestName", () => {
  test.each([
    ["prot", "port"],
    ["PORT", "port"],
    ["worker", "threads_per_worker"],
    ["workers", "num_workers"],
    ["num-workers", "num_workers"],
    ["numWorkers", "num_workers"],
    ["root", "document_root"],
    ["documentroot", "document_root"],
    ["timeout", "timeout_seconds"],
    ["keepalive_timeout", "keepalive_timeout_seconds"],
    ["cache_size", "cache_size_mb"],
    ["dot_files", "dotfiles"],
    ["followsymlinks", "follow_symlinks"],
    ["hosts", "host"],
  ])("takes %p for %p", (name, meant) => expect(nearestName(name, SETTING_NAMES)).toBe(meant));

  test.each(["", "x", "zebra", "colour", "qqqqqqqq", "a".repeat(10_000), "__proto__", "constructor"])(
    "finds nothing near %p",
    (name) => expect(nearestName(name, SETTING_NAMES)).toBeNull(),
  );

  test("the first of equals wins", () => expect(nearestName("axb", ["ayb", "azb"])).toBe("ayb"));
  test("no candidates, no name", () => expect(nearestName("port", [])).toBeNull());
});

test("didYouMean is the end of a sentence, or nothing", () => {
  expect(didYouMean("prot", SETTING_NAMES)).toBe('; did you mean "port"?');
  expect(didYouMean("zebra", SETTING_NAMES)).toBe("");
});
