import { describe, expect, test } from "bun:test";
import { Field } from "../../src/http/field.ts";
import type { Limits } from "../../src/http/limits.ts";
import { PARSE_FAILURE, ParseCode } from "../../src/http/parse-code.ts";
import { parseRequestHead } from "../../src/http/parse-request-head.ts";
import { Framing, HeadPhase, HttpVersion, RequestHead } from "../../src/http/request-head.ts";
import { HEAD_CORPUS, LIMIT_ROWS } from "./support/corpus.ts";
import { generateInput, generateSplits } from "./support/head-generator.ts";
import { modelHead } from "./support/head-model.ts";
import { codeOf, headOf, LIMITS, parsePieces, parseWhole, POISONS } from "./support/head-result.ts";
import { octets, visible } from "./support/octets.ts";
import { Random } from "./support/random.ts";
import { WatchedOctets } from "./support/watched-octets.ts";

/** Room for heads that are longer than what the parser takes at once. */
const ROOMY_LIMITS: Limits = { headOctetsMax: 8192, targetOctetsMax: 2048, fieldCountMax: 40, contentOctetsMax: 1000 };

const SEEDS = 3000;
const FIRST_SEED = Number(process.env.SEED ?? 1);

describe("limits", () => {
  test.each(LIMIT_ROWS)("%s", (_what, text, outcome) => {
    const { verdict } = parseWhole(text);
    expect(verdict.startsWith("head of") ? "head" : verdict).toBe(outcome);
  });

  test.each([
    ["414 for a long request-target", `GET /${"a".repeat(300)} HTTP/1.1\r\n`, 414],
    ["431 for a long head", `GET / HTTP/1.1\r\nX: ${"a".repeat(1100)}`, 431],
    ["431 for many field lines", `GET / HTTP/1.1\r\n${"X: a\r\n".repeat(17)}`, 431],
    ["413 for long content", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413],
    ["505 for HTTP/2.0", "GET / HTTP/2.0\r\n\r\n", 505],
    ["501 for a long method", `${"M".repeat(33)} / HTTP/1.1\r\n`, 501],
    ["400 for garbage", "\0\n", 400],
  ])("%s", (_what, text, status) => {
    expect(PARSE_FAILURE[codeOf(text)].status).toBe(status);
  });

  test("a limit of field lines that the head has no room for is the caller's mistake, and loses nothing else", () => {
    const head = new RequestHead(2);
    const text = "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\nY: c\r\n\r\n";
    expect(() => parseRequestHead(octets(text), text.length, head, LIMITS)).toThrow(RangeError);
  });
});

describe("a head in pieces", () => {
  test.each(HEAD_CORPUS)("the same at every split and octet by octet: %s", (_what, text) => {
    const whole = parseWhole(text);
    for (let split = 0; split <= text.length; split++) expect(parsePieces(text, [split])).toEqual(whole);
    const everyOctet = Array.from({ length: text.length }, (_, index) => index);
    for (const poison of POISONS) expect(parsePieces(text, everyOctet, LIMITS, poison)).toEqual(whole);
  });

  test.each([
    ["tight", LIMITS],
    ["roomy", ROOMY_LIMITS],
  ])("the same for generated inputs at generated splits, %s limits", (_what, limits) => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const random = new Random(seed);
      const text = generateInput(random);
      const whole = parseWhole(text, limits, random.pick(POISONS));
      for (let count = 0; count < 4; count++) {
        const ends = generateSplits(random, text.length);
        const pieces = parsePieces(text, ends, limits, random.pick(POISONS));
        if (!Bun.deepEquals(pieces, whole)) {
          expect({ seed, text: visible(text), ends, ...pieces }).toEqual({ seed, text: visible(text), ends, ...whole });
        }
      }
    }
  });

  test("the same at every split of a head of several KiB", () => {
    const fields = Array.from({ length: 30 }, (_, index) => `X-${index}: ${"v".repeat(index * 9)}\r\n`).join("");
    const text = `GET / HTTP/1.1\r\n${fields}Host: a\r\n\r\nGET /`;
    const whole = parseWhole(text, ROOMY_LIMITS);
    expect(whole.verdict).toBe(`head of ${text.length - "GET /".length} octets`);
    for (let split = 0; split <= text.length; split++) expect(parsePieces(text, [split], ROOMY_LIMITS)).toEqual(whole);
  });

  test("the same in another buffer, as long as the octets keep their offsets", () => {
    const text = "GET /a HTTP/1.1\r\nHost: a\r\nX: b\r\n\r\n";
    const head = new RequestHead(LIMITS.fieldCountMax);
    for (let end = 0; end < text.length; end++) {
      expect(parseRequestHead(octets(text.slice(0, end)), end, head, LIMITS)).toBe(0);
    }
    expect(parseRequestHead(octets(text), text.length, head, LIMITS)).toBe(text.length);
    expect(head.value(Field.Host)).toBe("a");
  });
});

describe("what is read", () => {
  test.each(HEAD_CORPUS)("nothing beyond the octets given: %s", (_what, text) => {
    const watched = new WatchedOctets(octets(text));
    const head = new RequestHead(LIMITS.fieldCountMax);
    for (let end = 0; end <= text.length; end++) {
      const verdict = parseRequestHead(watched.bytes, end, head, LIMITS);
      expect(watched.highest).toBeLessThan(end);
      if (verdict !== 0) break;
    }
  });

  test.each([
    ["a long target", `GET /${"a".repeat(4000)}`],
    ["a long value", `GET / HTTP/1.1\r\nX: ${"a".repeat(4000)}`],
    ["a long name", `GET / HTTP/1.1\r\n${"a".repeat(4000)}`],
    ["many lines", `GET / HTTP/1.1\r\nHost: a\r\n${"Name: value\r\n".repeat(300)}`],
    ["empty lines", "\r\n\r\n\r\n\r"],
  ])("each octet a few times only, although they come one by one: %s", (_what, text) => {
    const limits = { ...LIMITS, headOctetsMax: 8192, targetOctetsMax: 8000, fieldCountMax: 400 };
    const watched = new WatchedOctets(octets(text));
    const head = new RequestHead(limits.fieldCountMax);
    for (let end = 1; end <= text.length; end++) expect(parseRequestHead(watched.bytes, end, head, limits)).toBe(0);
    expect(watched.reads).toBeLessThan(8 * text.length);
  });

  test("each octet a few times only, although short heads come before a long line", () => {
    const head = "GET / HTTP/1.0\r\n\r\n";
    const text = head.repeat(400) + "a".repeat(8000);
    const limits = { ...ROOMY_LIMITS, headOctetsMax: 16384, targetOctetsMax: 16000 };
    const watched = new WatchedOctets(octets(text));
    const reused = new RequestHead(limits.fieldCountMax);
    let start = 0;
    for (;;) {
      reused.reset(start);
      const verdict = parseRequestHead(watched.bytes, text.length, reused, limits);
      if (verdict <= 0) break;
      start = verdict;
    }
    expect(start).toBe(400 * head.length);
    expect(watched.reads).toBeLessThan(8 * text.length);
  });
});

describe("a slow and obvious parser", () => {
  test("says the same of the corpus", () => {
    for (const [what, text] of HEAD_CORPUS) expect({ what, ...compare(text) }).toEqual({ what, same: true });
  });

  test.each([
    ["tight", LIMITS],
    ["roomy", ROOMY_LIMITS],
  ])("says the same of generated inputs, %s limits", (_what, limits) => {
    let heads = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const text = generateInput(new Random(seed));
      if (!compare(text, limits).same) expect({ seed, ...compare(text, limits) }).toEqual({ seed, same: true });
      if (parseWhole(text, limits).verdict.startsWith("head")) heads++;
    }
    // The generator is worth nothing if it makes no heads, or nothing else.
    expect(heads).toBeGreaterThan(SEEDS / 10);
    expect(heads).toBeLessThan(SEEDS * 0.9);
  });

  function compare(text: string, limits = LIMITS) {
    const model = modelHead(text, limits);
    const head = new RequestHead(limits.fieldCountMax);
    const verdict = parseRequestHead(octets(text), text.length, head, limits);
    const found = verdict === 0 ? null : verdict < 0 ? "invalid" : valuesOf(head);
    return Bun.deepEquals(found, model) ? { same: true } : { same: false, text, found, model };
  }

  function valuesOf(head: RequestHead) {
    const textAt = (start: number, end: number) => Buffer.from(head.bytes.subarray(start, end)).toString("latin1");
    const fields: [string, string][] = [];
    head.eachField((name, value) => fields.push([name, value]));
    return {
      octets: head.end,
      method: textAt(head.methodStart, head.methodEnd),
      target: textAt(head.targetStart, head.targetEnd),
      path: textAt(head.pathStart, head.pathEnd),
      query: head.queryStart < 0 ? null : textAt(head.queryStart, head.queryEnd),
      authority: head.authorityStart < 0 ? null : textAt(head.authorityStart, head.authorityEnd),
      minorVersion: head.version === HttpVersion.Http10 ? 0 : 1,
      fields,
      persistent: head.persistent,
      framing: Framing[head.framing],
      contentOctets: head.contentOctets,
    };
  }
});

describe("the reused object", () => {
  test("keeps nothing of the request before", () => {
    const first =
      "POST http://b.example/x?y HTTP/1.0\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    const second = "GET / HTTP/1.1\r\nX: a\r\nHost: a\r\n\r\n";
    for (const before of [first, "GET /a#b HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX"]) {
      const head = new RequestHead(LIMITS.fieldCountMax);
      parseRequestHead(octets(before), before.length, head, LIMITS);
      head.reset(0);
      expect(parseRequestHead(octets(second), second.length, head, LIMITS)).toBe(second.length);
      // Slots of lines that this request does not have are of no meaning.
      head.fields.fill(0, head.fieldCount * 4);
      head.fieldOfLine.fill(0, head.fieldCount);
      head.known.fill(0);
      const fresh = headOf(second);
      fresh.known.fill(0);
      expect(head).toEqual(fresh);
    }
  });

  test("parses pipelined requests one after the other", () => {
    const texts = [
      "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
      "\r\nHEAD /b HTTP/1.1\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.0\r\n\r\n",
    ];
    const bytes = octets(texts.join(""));
    const head = new RequestHead(LIMITS.fieldCountMax);
    let start = 0;
    for (const text of texts) {
      head.reset(start);
      const end = parseRequestHead(bytes, bytes.length, head, LIMITS);
      expect(end).toBe(start + text.length);
      start = end;
    }
    head.reset(start);
    expect(parseRequestHead(bytes, bytes.length, head, LIMITS)).toBe(0);
    expect(head.hasBegun(bytes.length)).toBe(false);
  });

  test("tells in which phase it is", () => {
    const head = new RequestHead(LIMITS.fieldCountMax);
    const phaseAfter = (text: string) => {
      head.reset(0);
      parseRequestHead(octets(text), text.length, head, LIMITS);
      return [HeadPhase[head.phase], head.hasBegun(text.length)];
    };
    expect(phaseAfter("")).toEqual(["RequestLine", false]);
    expect(phaseAfter("\r\n")).toEqual(["RequestLine", false]);
    expect(phaseAfter("G")).toEqual(["RequestLine", true]);
    expect(phaseAfter("GET / HTTP/1.1\r\n")).toEqual(["FieldSection", true]);
    expect(phaseAfter("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).toEqual(["Complete", true]);
    expect(phaseAfter("\n")).toEqual(["Failed", true]);
  });

  test("is not persistent after a failure, whatever it asked for", () => {
    const text = "GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n";
    const head = new RequestHead(LIMITS.fieldCountMax);
    expect(parseRequestHead(octets(text), text.length, head, LIMITS)).toBe(-ParseCode.MissingHost);
    expect(head.persistent).toBe(false);
  });
});
