import { describe, expect, test } from "bun:test";
import { namesAnother, namesRepresentation } from "../../../src/site/represent/range-selection.ts";
import { headOf } from "../../http/support/head-result.ts";

const PLAIN = Buffer.from('"a-1"');
const CODED = Buffer.from('"a-1.br-2"');
const headWith = (...lines: string[]) =>
  headOf(`GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=5-\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`);

describe("which representation a request for ranges names", () => {
  test.each<[lines: string[], plain: boolean, coded: boolean, other: boolean]>([
    [[], false, false, false],
    [['If-Range: "a-1"'], true, false, false],
    [['If-Range: "a-1.br-2"'], false, true, true],
    [['If-Range: W/"a-1"'], false, false, true],
    [['If-Range: "else"'], false, false, true],
    [["If-Range: Mon, 03 Jun 2024 12:34:56 GMT"], false, false, true],
    [['If-Range: "a-1"', 'If-Range: "a-1"'], false, false, true],
    [['If-Match: "a-1"'], true, false, false],
    [['If-Match: "x", "a-1.br-2"'], false, true, true],
    [['If-Match: "x"', 'If-Match: "a-1"'], true, false, false],
    [["If-Match: *"], false, false, false],
    [['If-Match: "a-1.br-2"', 'If-Range: "a-1"'], true, false, false],
    [['If-None-Match: "a-1.br-2"'], false, false, false],
  ])("%p", (lines, plain, coded, other) => {
    const head = headWith(...lines);
    expect(namesRepresentation(head, PLAIN)).toBe(plain);
    expect(namesRepresentation(head, CODED)).toBe(coded);
    expect(namesAnother(head, PLAIN)).toBe(other);
  });
});
