/**
 * Makes a new input out of the corpus: a few small changes of the kinds that parsers get wrong.
 *
 * In:    a corpus and a `Random`. Out: octets of at most `INPUT_OCTETS_MAX`.
 * Keeps: deterministic; the corpus is not changed.
 */
import type { Random } from "./random.ts";

export const INPUT_OCTETS_MAX = 16_384;

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** Octets and words with a meaning to some parser. */
const DICTIONARY: readonly Uint8Array[] = [
  "\r",
  "\n",
  "\r\n",
  "\r\n\r\n",
  "\n\n",
  "\0",
  " ",
  "\t",
  "\x0b",
  "\x7f",
  "\xff",
  "\xc0\xaf",
  ":",
  ";",
  ",",
  "=",
  "/",
  "//",
  "?",
  "#",
  "%",
  "%00",
  "%2f",
  "%2e%2e/",
  "../",
  "..\\",
  "*",
  '"',
  "\\",
  "@",
  "[",
  "]",
  "-",
  "+",
  "0",
  "00",
  "1",
  "9",
  "a",
  "f",
  "0x",
  "-1",
  "4294967296",
  "9007199254740993",
  "18446744073709551616",
  "ffffffffffffffff",
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/2.0",
  "HTTP/",
  "GET ",
  "HEAD ",
  "POST ",
  "OPTIONS * ",
  "CONNECT ",
  "TRACE ",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "Host: a\r\n",
  "Host: ",
  "Content-Length: 0\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: ",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: ",
  "chunked",
  "identity",
  "gzip",
  "5\r\nhello\r\n",
  "0\r\n\r\n",
  "0\r\n",
  ';ext="a"',
  "Connection: close\r\n",
  "Connection: keep-alive\r\n",
  "keep-alive",
  "close",
  "Expect: 100-continue\r\n",
  "Upgrade: h2c\r\n",
  "Range: bytes=0-0,-1\r\n",
  "bytes=",
  "0-",
  "-5",
  "If-None-Match: *\r\n",
  'If-Match: "x"\r\n',
  'W/"x"',
  "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
  'If-Range: "x"\r\n',
  "Accept-Encoding: gzip;q=0\r\n",
  "q=0.5",
  "GET /alphabet.txt HTTP/1.1\r\nHost: a\r\n\r\n",
].map(latin1);

/** Well-formed field lines that change what a message means. */
const FIELD_LINES: readonly string[] = [
  "Connection: close",
  "Connection: keep-alive",
  "Content-Length: 5",
  "Content-Length: 0",
  "Transfer-Encoding: chunked",
  "Expect: 100-continue",
  "Range: bytes=3-7",
  "Range: bytes=-3,0-1",
  "If-None-Match: *",
  'If-Match: "x"',
  "If-Modified-Since: Sat, 01 Jan 2028 00:00:00 GMT",
  "If-Range: Mon, 03 Jun 2024 12:34:56 GMT",
  "Accept-Encoding: gzip, br;q=0.5",
  "Host: other.example",
  "X-Fill: " + "x".repeat(300),
];

type Mutator = (input: Uint8Array, random: Random, corpus: readonly Uint8Array[]) => Uint8Array;

const splice = (input: Uint8Array, start: number, end: number, middle: Uint8Array): Uint8Array =>
  Buffer.concat([input.subarray(0, start), middle, input.subarray(end)]);

const span = (input: Uint8Array, random: Random, most: number): [number, number] => {
  const start = random.below(input.length + 1);
  return [start, Math.min(input.length, start + random.below(most + 1))];
};

/** Puts a line after one of the lines of an input. */
function insertLine(input: Uint8Array, random: Random, line: string): Uint8Array {
  const lines = Buffer.from(input).toString("latin1").split("\r\n");
  lines.splice(1 + random.below(lines.length), 0, line);
  return latin1(lines.join("\r\n"));
}

const MUTATORS: readonly Mutator[] = [
  function flipBit(input, random) {
    const changed = Uint8Array.from(input);
    if (changed.length > 0) changed[random.below(changed.length)]! ^= 1 << random.below(8);
    return changed;
  },
  function setOctet(input, random) {
    const changed = Uint8Array.from(input);
    if (changed.length > 0) changed[random.below(changed.length)] = random.below(256);
    return changed;
  },
  function insertWord(input, random) {
    const at = random.below(input.length + 1);
    return splice(input, at, at, random.oneOf(DICTIONARY));
  },
  function replaceByWord(input, random) {
    const [start, end] = span(input, random, 12);
    return splice(input, start, end, random.oneOf(DICTIONARY));
  },
  function remove(input, random) {
    const [start, end] = span(input, random, 24);
    return splice(input, start, end, new Uint8Array(0));
  },
  function repeat(input, random) {
    const [start, end] = span(input, random, 60);
    return splice(input, end, end, input.subarray(start, end));
  },
  function repeatOften(input, random) {
    const [start, end] = span(input, random, 4);
    const times = 1 + random.below(random.oneOf([8, 64, 2048]));
    return splice(input, end, end, Buffer.concat(Array<Uint8Array>(times).fill(input.subarray(start, end))));
  },
  function truncate(input, random) {
    return input.subarray(0, random.below(input.length + 1));
  },
  function appendAnother(input, random, corpus) {
    return Buffer.concat([input, random.oneOf(corpus)]);
  },
  function crossOver(input, random, corpus) {
    const other = random.oneOf(corpus);
    return Buffer.concat([
      input.subarray(0, random.below(input.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ]);
  },
  function dropCr(input, random) {
    const at = input.indexOf(0x0d, random.below(input.length + 1));
    return at < 0 ? input : splice(input, at, at + 1, new Uint8Array(0));
  },
  function swapLines(input, random) {
    const lines = Buffer.from(input).toString("latin1").split("\r\n");
    const [a, b] = [random.below(lines.length), random.below(lines.length)];
    [lines[a], lines[b]] = [lines[b]!, lines[a]!];
    return latin1(lines.join("\r\n"));
  },
  function insertLineOfAnother(input, random, corpus) {
    const lines = Buffer.from(random.oneOf(corpus)).toString("latin1").split("\r\n");
    return insertLine(input, random, random.oneOf(lines));
  },
  function insertFieldLine(input, random) {
    return insertLine(input, random, random.oneOf(FIELD_LINES));
  },
  function changeCase(input, random) {
    const [start, end] = span(input, random, 20);
    return splice(
      input,
      start,
      end,
      input.subarray(start, end).map((octet) => (octet > 0x40 ? octet ^ 0x20 : octet)),
    );
  },
  function changeDigit(input, random) {
    const changed = Uint8Array.from(input);
    const from = random.below(changed.length + 1);
    const at = changed.findIndex((octet, index) => index >= from && octet >= 0x30 && octet <= 0x39);
    if (at >= 0) changed[at] = 0x30 + random.below(10);
    return changed;
  },
];

export function makeInput(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  let input = random.oneOf(corpus);
  for (let changes = random.below(4); changes > 0; changes--) {
    input = random.oneOf(MUTATORS)(input, random, corpus);
  }
  return input.subarray(0, INPUT_OCTETS_MAX);
}

/** Cuts an input into pieces: now and then into single octets, mostly into a few. */
export function makeSplit(input: Uint8Array, random: Random): Uint8Array[] {
  if (input.length < 200 && random.oneIn(20)) return Array.from(input, (octet) => Uint8Array.of(octet));
  const cuts = new Set(Array.from({ length: 1 + random.below(6) }, () => random.below(input.length + 1)));
  const offsets = [0, ...[...cuts].sort((a, b) => a - b), input.length];
  return offsets
    .slice(1)
    .map((end, index) => input.subarray(offsets[index], end))
    .filter((piece) => piece.length > 0);
}
