/** Chunk extensions against their grammar, as a regular expression. */
import { expect, test } from "bun:test";
import { stepChunkExtension } from "../../src/http/chunk-extension.ts";
import { ChunkState } from "../../src/http/chunk-state.ts";
import { Random } from "./support/random.ts";

/** RFC 9112 §7.1.1, RFC 9110 §5.6; what stands between a chunk-size and its CR, if anything does. */
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const QUOTED = '"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"';
const MODEL = new RegExp(`^(?:[\\t ]*;[\\t ]*${TOKEN}(?:[\\t ]*=[\\t ]*(?:${TOKEN}|${QUOTED}))?)+$`);

/** Whether `text` and a CR end a chunk-size line; `text` is what follows the last digit. */
function isExtension(text: string): boolean {
  if (!/^[\t ;]/.test(text)) return false;
  let state: ChunkState | -1 = text[0] === ";" ? ChunkState.ExtensionStart : ChunkState.ExtensionSpace;
  for (const character of `${text.slice(1)}\r`) {
    if (state === ChunkState.SizeLf) return false;
    state = stepChunkExtension(state, character.charCodeAt(0));
    if (state === -1) return false;
  }
  return state === ChunkState.SizeLf;
}

test.each([
  [";a", true],
  [';a="b\\"c" ; d = e', true],
  [";bad[=x", false],
  [";=x", false],
  ["; a=", false],
  [';a="unterminated', false],
  [";a ", false],
  [" ", false],
])("%j: %j", (text, isValid) => {
  expect(MODEL.test(text)).toBe(isValid);
  expect(isExtension(text)).toBe(isValid);
});

test("every text of up to five octets out of those that matter is judged as by the grammar", () => {
  const octets = ["a", ";", "=", " ", '"', "\\", "\x80", "\n"];
  const visit = (text: string): void => {
    if (isExtension(text) !== MODEL.test(text))
      throw new Error(`${JSON.stringify(text)} is judged ${isExtension(text)}`);
    if (text.length < 5) for (const octet of octets) visit(text + octet);
  };
  visit("");
  for (const octet of octets) visit(`;a=${octet}`);
  visit(';a="b');
});

test("random extensions, mostly valid, are judged as by the grammar", () => {
  const counts = { valid: 0, invalid: 0 };
  for (let seed = 1; seed <= 20_000; seed++) {
    const random = new Random(seed);
    const bws = () => random.pick(["", "", "", " ", "\t "]);
    const value = () => random.pick(["b", "b.c", '""', '"x y"', '"\\""', '";="', "~"]);
    let text = "";
    for (let count = 1 + random.below(3); count > 0; count--) {
      text += `${bws()};${bws()}${random.pick(["a", "name", "x-y"])}`;
      if (random.chance(2)) text += `${bws()}=${bws()}${value()}`;
    }
    if (random.chance(2)) {
      const at = random.below(text.length + 1);
      const morsel = random.chance(3)
        ? String.fromCharCode(random.below(256))
        : random.pick(["", '"', "=", ";", " ", "\\"]);
      text = text.slice(0, at) + morsel + text.slice(at + random.below(2));
    }
    const isValid = MODEL.test(text);
    counts[isValid ? "valid" : "invalid"]++;
    expect({ seed, text, isValid: isExtension(text) }).toEqual({ seed, text, isValid });
  }
  expect(Math.min(counts.valid, counts.invalid)).toBeGreaterThan(3000);
});
