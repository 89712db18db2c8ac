import { expect, test } from "bun:test";
import { FieldValueMemo } from "../../src/http/field-value-memo.ts";
import { octets } from "./support/octets.ts";

const OCTETS_MAX = 8;

function ask(memo: FieldValueMemo, text: string): number {
  return memo.resultFor(octets(`<${text}>`), 1, text.length + 1);
}

function remember(memo: FieldValueMemo, text: string, result: number): void {
  expect(memo.remember(octets(text), 0, text.length, result)).toBe(result);
}

test("remembers results by the octets of the value, wherever they lie", () => {
  const memo = new FieldValueMemo(OCTETS_MAX);
  expect(ask(memo, "gzip")).toBe(-1);
  remember(memo, "gzip", 3);
  remember(memo, "", 0);
  expect([ask(memo, "gzip"), ask(memo, ""), ask(memo, "gzi"), ask(memo, "gzipx")]).toEqual([3, 0, -1, -1]);
});

test("the oldest of nine gives way", () => {
  const memo = new FieldValueMemo(OCTETS_MAX);
  for (let value = 0; value < 9; value++) remember(memo, `v${value}`, value);
  expect(ask(memo, "v0")).toBe(-1);
  for (let value = 1; value < 9; value++) expect(ask(memo, `v${value}`)).toBe(value);
});

test("a value that is too long is not remembered, and disturbs nothing", () => {
  const memo = new FieldValueMemo(OCTETS_MAX);
  remember(memo, "12345678", 1);
  remember(memo, "123456789", 2);
  expect([ask(memo, "12345678"), ask(memo, "123456789")]).toEqual([1, -1]);
});
