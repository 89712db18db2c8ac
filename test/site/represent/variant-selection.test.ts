/** Which representation answers: what is asked of the coder, in which order, and what comes of it. */
import { expect, test } from "bun:test";
import type { Reply } from "../../../src/http/reply.ts";
import { Coding } from "../../../src/http/content-coding.ts";
import type { Coder } from "../../../src/site/coding/coder.ts";
import type { Variants } from "../../../src/site/coding/variants.ts";
import type { FileReplies } from "../../../src/site/represent/file-replies.ts";
import { RangeSelection } from "../../../src/site/represent/range-selection.ts";
import { VariantSelection } from "../../../src/site/represent/variant-selection.ts";
import { headOf } from "../../http/support/head-result.ts";

const of = (coding: Coding, entityTag: string) => {
  const isCoded = coding !== Coding.Identity;
  return { coding, isCoded, entityTag: Buffer.from(entityTag), size: 10, lastModifiedSeconds: 0 } as FileReplies;
};
const identity = of(Coding.Identity, '"a"');
const coded = of(Coding.Br, '"a.br"');
const variants = { identity } as Variants;
const NOT_MODIFIED = {} as Reply;

function made(lines: readonly string[], answers: { coded: FileReplies | null; notModified: Reply | null }) {
  const asked: (FileReplies | null)[] = [];
  const coder = {
    acceptsIdentity: () => true,
    select: () => answers.coded,
    notModified: (_variants: Variants, selected: FileReplies | null) => {
      asked.push(selected);
      return answers.notModified;
    },
  } as unknown as Coder;
  const selection = new VariantSelection(coder, new RangeSelection());
  selection.make(variants, headOf(`GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`));
  return { selection, asked };
}

test("the coding that the client prefers", () => {
  const { selection } = made([], { coded, notModified: null });
  expect([selection.replies, selection.isForRanges, selection.notModified]).toEqual([coded, false, null]);
});

test("one that has to be made first, unless the client holds other octets of it", () => {
  expect(made([], { coded: null, notModified: null }).selection.replies).toBeNull();
  const { selection, asked } = made([], { coded: null, notModified: NOT_MODIFIED });
  expect(selection.notModified).toBe(NOT_MODIFIED);
  expect(asked).toEqual([null]);
});

test("ranges are of the file as it is, whatever the client holds, unless it names another", () => {
  const range = "Range: bytes=0-1";
  const { selection, asked } = made([range], { coded, notModified: NOT_MODIFIED });
  expect([selection.replies, selection.isForRanges, selection.notModified]).toEqual([identity, true, null]);
  expect(asked).toEqual([]);
  expect(made([range, 'If-Range: "a.br"'], { coded, notModified: null }).selection.replies).toBe(coded);
});

test("nothing is left of the request before", () => {
  const { selection } = made([], { coded, notModified: NOT_MODIFIED });
  selection.make(variants, headOf("GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n"));
  expect([selection.isForRanges, selection.notModified]).toEqual([true, null]);
  selection.make(variants, headOf("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  expect([selection.isForRanges, selection.notModified]).toEqual([false, NOT_MODIFIED]);
});
