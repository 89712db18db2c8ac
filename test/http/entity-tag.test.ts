import { expect, test } from "bun:test";
import { isAnyTag, listMatchesStrongly, listMatchesWeakly, matchesStrongly } from "../../src/http/entity-tag.ts";
import { octets } from "./support/octets.ts";

type Comparison = (bytes: Uint8Array, start: number, end: number, entityTag: Uint8Array) => boolean;

/** The value lies between other octets. */
const compare = (comparison: Comparison, value: string, entityTag: string) =>
  comparison(octets(`"${value}"`), 1, 1 + value.length, octets(entityTag));

// RFC 9110 §8.8.3.2, the table, and lists.
test.each([
  ["the same, strong", '"1"', '"1"', true, true],
  ["another, strong", '"2"', '"1"', false, false],
  ["weak against strong", 'W/"1"', '"1"', true, false],
  ["strong against weak", '"1"', 'W/"1"', true, false],
  ["weak against weak", 'W/"1"', 'W/"1"', true, false],
  ["weak against another weak", 'W/"2"', 'W/"1"', false, false],
  ["an empty tag", '""', '""', true, true],
  ["first of a list", '"1", "2"', '"1"', true, true],
  ["last of a list", '"3" ,"2",\t"1"', '"1"', true, true],
  ["in none of a list", '"2", "3"', '"1"', false, false],
  ["weak in a list, strong later", 'W/"1", "1"', '"1"', true, true],
  ["empty elements", ' , ,"1",', '"1"', true, true],
  ["commas in a tag", '"a,b", "c"', '"c"', true, true],
  ["a tag of commas and W/", '",", "W/"', '"W/"', true, true],
  ["part of a tag with commas", '"a,b"', '"a"', false, false],
  ["obs-text", '"\xe9"', '"\xe9"', true, true],
  ["another case", '"A"', '"a"', false, false],
  ["a longer one", '"11"', '"1"', false, false],
  ["a shorter one", '"1"', '"11"', false, false],
  ["no tag at all", "", '"1"', false, false],
  ["no quotation marks", "1", '"1"', false, false],
  ["an open tag", '"1', '"1"', false, false],
  ["a lower-case w/", 'w/"1"', '"1"', false, false],
  ["W without slash", 'W"1"', '"1"', false, false],
  ["W/ alone", "W/", '"1"', false, false],
  ["W alone", "W", '"1"', false, false],
  ["SP in a tag", '"a b", "1"', '"1"', false, false],
  ["no comma between", '"2" "1"', '"1"', false, false],
  ["a match before what is wrong", '"1", x', '"1"', true, true],
  ["a match after what is wrong", 'x, "1"', '"1"', false, false],
  ["* is no tag", "*", '"1"', false, false],
  ["no tag to compare with", '"1"', "", false, false],
])("%s", (_what, value, entityTag, weakly, strongly) => {
  expect(compare(listMatchesWeakly, value, entityTag)).toBe(weakly);
  expect(compare(listMatchesStrongly, value, entityTag)).toBe(strongly);
});

test.each([
  ['"1"', '"1"', true],
  ['"1"', '"2"', false],
  ['W/"1"', 'W/"1"', false],
  ['W/"1"', '"1"', false],
  ['"1"', 'W/"1"', false],
  ['"1", "2"', '"1"', false],
  ["", "", false],
])("one tag: %j matches %j strongly: %j", (value, entityTag, matches) => {
  expect(compare(matchesStrongly, value, entityTag)).toBe(matches);
});

test.each([
  ["*", true],
  ["", false],
  ["**", false],
  ['"*"', false],
  ["*, *", false],
])("%j is any tag: %j", (value, isAny) => {
  expect(isAnyTag(octets(`"${value}"`), 1, 1 + value.length)).toBe(isAny);
});
