import { describe, expect, test } from "bun:test";
import { CHUNK_NEXT, ChunkState } from "../../src/http/chunk-state.ts";
import { Framing } from "../../src/http/request-head.ts";
import { MessageBody } from "../../src/http/message-body.ts";
import { ParseCode } from "../../src/http/parse-code.ts";
import { BODY_ROWS } from "./support/body-corpus.ts";
import { generateSplits } from "./support/head-generator.ts";
import { LIMITS } from "./support/head-result.ts";
import { octets, visible } from "./support/octets.ts";
import { Random } from "./support/random.ts";
import { WatchedOctets } from "./support/watched-octets.ts";

/** Consumes `text` as the pieces that end at `ends`, and tells what came of it. */
function consume(
  text: string,
  ends: readonly number[] = [],
  framing = Framing.Chunked,
  contentOctets = 0,
  limits = LIMITS,
) {
  const bytes = octets(text);
  const body = new MessageBody();
  body.reset(framing, contentOctets, limits);
  let position = 0;
  for (const end of [...ends, bytes.length]) {
    if (position < end) position = body.consume(bytes, position, end);
    if (body.done || body.error !== ParseCode.None) break;
    expect(position).toBe(end);
  }
  const outcome = body.done ? "done" : body.error === ParseCode.None ? "incomplete" : ParseCode[body.error]!;
  return { outcome, position, contentOctets: body.contentOctets, state: ChunkState[body.state] };
}

describe("chunked", () => {
  test.each(BODY_ROWS)("%s", (_what, text, outcome) => {
    expect(consume(text).outcome).toBe(outcome);
  });

  test.each(BODY_ROWS)("the same at every split and octet by octet: %s", (_what, text) => {
    const whole = consume(text);
    for (let split = 0; split <= text.length; split++) expect(consume(text, [split])).toEqual(whole);
    expect(
      consume(
        text,
        Array.from({ length: text.length }, (_, index) => index),
      ),
    ).toEqual(whole);
  });

  test("ends where its last octet is", () => {
    for (const body of ["0\r\n\r\n", "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"]) {
      expect(consume(`${body}GET / HTTP/1.1`).position).toBe(body.length);
    }
  });

  test("stops at the octet at fault, and stays there", () => {
    const bytes = octets("5\r\nhello!\r\n");
    const body = new MessageBody();
    body.reset(Framing.Chunked, 0, LIMITS);
    expect(body.consume(bytes, 0, bytes.length)).toBe(8);
    expect(body.error).toBe(ParseCode.BadChunkEnd);
    expect(body.consume(bytes, 8, bytes.length)).toBe(8);
    expect(body.done).toBe(false);
  });

  test("counts its content, not its framing", () => {
    expect(consume("5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n").contentOctets).toBe(8);
  });

  test("is not bounded when the limit is Infinity, but never loses count", () => {
    const limits = { ...LIMITS, contentOctetsMax: Infinity };
    expect(consume("1fffffffffffff\r\n", [], Framing.Chunked, 0, limits).state).toBe("Data");
    expect(consume("20000000000000\r\n", [], Framing.Chunked, 0, limits).outcome).toBe("ContentTooLarge");
  });

  test("starts over after reset, whatever went before", () => {
    const body = new MessageBody();
    for (const before of ["5;a=b\r\nhel", "0\r\nX: a\r\n", "x", "0\r\n\r\n"]) {
      body.reset(Framing.Chunked, 0, LIMITS);
      body.consume(octets(before), 0, before.length);
      body.reset(Framing.Chunked, 0, LIMITS);
      const text = "5\r\nhello\r\n0\r\n\r\n";
      expect(body.consume(octets(text), 0, text.length)).toBe(text.length);
      expect([body.done, body.contentOctets]).toEqual([true, 5]);
    }
  });
});

describe("generated bodies", () => {
  test("hold the content they were made of, at every split, and nothing beyond", () => {
    for (let seed = 1; seed <= 1500; seed++) {
      const random = new Random(seed);
      const { text, contentOctets } = generateBody(random);
      const input = `${text}GET / HTTP/1.1\r\n`;
      for (let count = 0; count < 3; count++) {
        const ends = generateSplits(random, input.length);
        const found = consume(input, ends);
        const expected = { outcome: "done", position: text.length, contentOctets, state: "Done" };
        expect({ seed, ends, ...found }).toEqual({ seed, ends, ...expected });
      }
    }
  });

  test("are judged the same at every split when they are damaged", () => {
    for (let seed = 1; seed <= 1500; seed++) {
      const random = new Random(seed);
      const text = damage(random, generateBody(random).text);
      const whole = consume(text);
      const ends = generateSplits(random, text.length);
      expect({ seed, text: visible(text), ...consume(text, ends) }).toEqual({ seed, text: visible(text), ...whole });
    }
  });

  function generateBody(random: Random) {
    let text = "";
    let contentOctets = 0;
    for (let count = random.below(5); count > 0; count--) {
      const size = 1 + random.below(60);
      const digits =
        "0".repeat(random.below(3)) + (random.chance(2) ? size.toString(16) : size.toString(16).toUpperCase());
      text += `${digits}${random.pick(["", "", ";a", " ; a=b", ';a="b\\"; c" ;d'])}\r\n${random.text("\r\n0;ab: ", size)}\r\n`;
      contentOctets += size;
    }
    const trailers = "X-Trailer: y\r\n".repeat(random.chance(3) ? random.below(4) : 0);
    return { text: `${text}0\r\n${trailers}\r\n`, contentOctets };
  }

  function damage(random: Random, text: string): string {
    const at = random.below(text.length);
    const morsel = random.pick(["", "\n", "\r", "0", "g", " ", ";", "\0", "\r\n", "f", '"', "=", "\\"]);
    return text.slice(0, at) + morsel + text.slice(at + random.below(3));
  }
});

describe("states", () => {
  test("every step that is taken is in the table, and every step in the table is taken", () => {
    const taken = new Set<string>();
    const body = new MessageBody();
    for (const [, text] of BODY_ROWS) {
      body.reset(Framing.Chunked, 0, LIMITS);
      const bytes = octets(text);
      for (let position = 0; position < bytes.length && !body.done; position++) {
        const from = body.state;
        body.consume(bytes, position, position + 1);
        if (body.error !== ParseCode.None) break;
        taken.add(`${ChunkState[from]} -> ${ChunkState[body.state]}`);
      }
    }
    const table = Object.entries(CHUNK_NEXT).flatMap(([from, targets]) =>
      targets.map((target) => `${ChunkState[Number(from)]} -> ${ChunkState[target]}`),
    );
    expect([...taken].sort()).toEqual(table.sort());
  });
});

describe("Content-Length", () => {
  test.each([
    ["all at once", 5, "hello", [], "done", 5],
    ["with the next request", 5, "helloGET /", [], "done", 5],
    ["in pieces", 5, "hello", [0, 1, 2, 3, 4], "done", 5],
    ["not all", 6, "hello", [2], "incomplete", 5],
    ["none", 0, "GET /", [], "done", 0],
  ])("%s", (_what, contentOctets, text, ends, outcome, position) => {
    expect(consume(text, ends, Framing.Length, contentOctets)).toMatchObject({ outcome, position });
  });

  test("counts beyond 2^32", () => {
    const body = new MessageBody();
    body.reset(Framing.Length, 2 ** 40, LIMITS);
    expect(body.consume(octets(""), 0, 2 ** 31)).toBe(2 ** 31);
    for (let count = 1; count < 2 ** 9; count++) body.consume(octets(""), 0, 2 ** 31);
    expect([body.done, body.contentOctets]).toEqual([true, 2 ** 40]);
  });

  test("looks at none of the content", () => {
    const watched = new WatchedOctets(octets("hello"));
    const body = new MessageBody();
    body.reset(Framing.Length, 5, LIMITS);
    body.consume(watched.bytes, 0, 5);
    expect(watched.reads).toBe(0);
  });
});

test("without framing there is no body", () => {
  expect(consume("GET /", [], Framing.None)).toMatchObject({ outcome: "done", position: 0 });
});

test("reads nothing beyond the octets given", () => {
  for (const [, text] of BODY_ROWS) {
    const watched = new WatchedOctets(octets(text));
    const body = new MessageBody();
    body.reset(Framing.Chunked, 0, LIMITS);
    for (let end = 1; end <= text.length && !body.done && body.error === ParseCode.None; end++) {
      body.consume(watched.bytes, end - 1, end);
      expect(watched.highest).toBeLessThan(end);
    }
  }
});
