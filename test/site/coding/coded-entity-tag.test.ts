import { describe, expect, test } from "bun:test";
import { Coding } from "../../../src/http/content-coding.ts";
import { codedEntityTag, kindredTag, neighbourContentTag } from "../../../src/site/coding/coded-entity-tag.ts";
import { contentEntityTag } from "../../../src/site/load/validators.ts";
import { headOf } from "../../http/support/head-result.ts";

const FILE = contentEntityTag(Buffer.from("content"));
const one = codedEntityTag(FILE, Coding.Br, Buffer.from("one"));
const other = codedEntityTag(FILE, Coding.Br, Buffer.from("other"));

test("tags are entity tags, equal for equal octets, and differ by octets, coding, file and origin", () => {
  const tags = [
    FILE,
    one,
    other,
    codedEntityTag(FILE, Coding.Zstd, Buffer.from("one")),
    codedEntityTag(contentEntityTag(Buffer.from("else")), Coding.Br, Buffer.from("one")),
    neighbourContentTag(Buffer.from("one"), Coding.Br),
    neighbourContentTag(Buffer.from("one"), Coding.Gzip),
  ];
  for (const tag of tags) expect(tag).toMatch(/^"[\x21\x23-\x7e]+"$/);
  expect(new Set(tags).size).toBe(tags.length);
  expect(codedEntityTag(FILE, Coding.Br, Buffer.from("one"))).toBe(one);
  expect(one.length).toBe(other.length);
});

describe("a tag of the same content and coding", () => {
  const find = (...lines: string[]) =>
    kindredTag(headOf(["GET / HTTP/1.1", "Host: a", ...lines, "", ""].join("\r\n")), FILE, Coding.Br);

  test.each([
    ["alone", `If-None-Match: ${one}`, one],
    ["weak", `If-None-Match: W/${one}`, one],
    ["in a list", `If-None-Match: "x", ${other}, "y"`, other],
    ["the first of two", `If-None-Match: ${other}, ${one}`, other],
  ])("%s", (_, line, tag) => expect(find(line)).toBe(tag));

  test("in a second line", () => expect(find('If-None-Match: "x"', `If-None-Match: ${one}`)).toBe(one));

  test.each([
    ["no field", "Accept: */*"],
    ["the file's own", `If-None-Match: ${FILE}`],
    ["another coding", `If-None-Match: ${codedEntityTag(FILE, Coding.Gzip, Buffer.from("one"))}`],
    [
      "another content",
      `If-None-Match: ${codedEntityTag(contentEntityTag(Buffer.from("x")), Coding.Br, Buffer.from("o"))}`,
    ],
    ["a neighbour's", `If-None-Match: ${neighbourContentTag(Buffer.from("one"), Coding.Br)}`],
    ["cut off", `If-None-Match: ${one.slice(0, -2)}"`],
    ["without its end", `If-None-Match: ${one.slice(0, -1)}`],
    ["too long", `If-None-Match: ${one.slice(0, -1)}0"`],
    ["in capitals", `If-None-Match: ${one.toUpperCase()}`],
    ["any", "If-None-Match: *"],
    ["in another field", `If-Match: ${one}`],
  ])("%s: none", (_, line) => expect(find(line)).toBeNull());
});
