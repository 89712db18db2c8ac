/**
 * Random request heads for property tests: mostly valid ones out of the grammar, mutated ones, and garbage.
 *
 * Every choice comes from the given Random, so that a seed names a case.
 */
import type { Random } from "./random.ts";

const METHODS = ["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "CONNECT", "BREW", "get"];
const TARGETS = [
  "/",
  "/index.html",
  "/a/b?c=d",
  "http://b.example/x?y",
  "http://[::1]",
  "*",
  "b.example:443",
  "/%41",
  '/"<>[]^`{|}?"<>[\\]^`{|}',
  "/caf\xc3\xa9?\xff",
  "http://b.example/|",
  "/a\\b",
  "//",
];
const VERSIONS = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.7", "HTTP/2.0"];
const FIELD_LINES = [
  "Host: a.example",
  "host:[2001:db8::1]:8080",
  "Connection: keep-alive",
  "Connection: close, x",
  "Connection:\tkeep-alive , Upgrade",
  "Content-Length: 12",
  "Content-Length: 0",
  "Content-Length: 99999999999999999999",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Expect: 100-continue",
  "Expect: tea",
  'If-None-Match: "a", W/"b"',
  "Range: bytes=0-1",
  "User-Agent: x (y; z) \xe9",
  "X-Empty:",
  "X-Space: \t ",
  "Accept: */*",
];
/** What goes wrong at boundaries; inserted by mutation. */
const MORSELS = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  " ",
  "\t",
  ":",
  "\0",
  "\x7f",
  "\xff",
  ",",
  "?",
  "#",
  "/",
  "0",
  "Host: b\r\n",
  " HTTP/1.1",
  "GET ",
];
const PRINTABLE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/?=&%+ ";

export function generateHead(random: Random): string {
  let text = random.chance(6) ? "\r\n".repeat(random.below(6)) : "";
  text += `${random.pick(METHODS)} ${generateTarget(random)} ${random.pick(VERSIONS)}\r\n`;
  if (!random.chance(8)) text += "Host: a.example\r\n";
  const count = random.chance(10) ? random.below(24) : random.below(6);
  for (let line = 0; line < count; line++) text += `${generateFieldLine(random)}\r\n`;
  return `${text}\r\n`;
}

/** Some heads one after the other; perhaps the last one is cut. */
export function generateInput(random: Random): string {
  let text = generateHead(random);
  if (random.chance(4)) text += generateHead(random);
  if (random.chance(2)) text = mutate(random, text);
  if (random.chance(6)) text = text.slice(0, random.below(text.length + 1));
  return random.chance(12) ? generateGarbage(random) : text;
}

function generateTarget(random: Random): string {
  if (random.chance(20)) return `/${random.text("abcdef/", 200 + random.below(150))}`;
  return random.chance(2)
    ? random.pick(TARGETS)
    : `/${random.text('abc/.%41?=&"<>[]^`{|}\\\x7f\x80\xc3\xa9\xff', random.below(30))}`;
}

function generateFieldLine(random: Random): string {
  if (random.chance(2)) return random.pick(FIELD_LINES);
  const octets = random.chance(10) ? random.below(1200) : random.below(60);
  return `X-${random.text("abcdefghij-", 1 + random.below(12))}: ${random.text(PRINTABLE, octets)}`;
}

function generateGarbage(random: Random): string {
  let text = "";
  const octets = random.below(400);
  while (text.length < octets) {
    text += random.chance(3) ? random.pick(MORSELS) : String.fromCharCode(random.below(256));
  }
  return text;
}

function mutate(random: Random, text: string): string {
  let mutated = text;
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(mutated.length + 1);
    const before = mutated.slice(0, at);
    switch (random.below(5)) {
      case 0:
        mutated = before + random.pick(MORSELS) + mutated.slice(at);
        break;
      case 1:
        mutated = before + mutated.slice(at + 1 + random.below(3));
        break;
      case 2:
        mutated = before + String.fromCharCode(random.below(256)) + mutated.slice(at + 1);
        break;
      case 3:
        mutated = before + mutated.slice(at, at + random.below(40)) + mutated.slice(at);
        break;
      default:
        mutated = before + random.pick(MORSELS) + mutated.slice(at + 1);
    }
  }
  return mutated;
}

/** Ascending offsets at which a text of `octets` octets is split. */
export function generateSplits(random: Random, octets: number): number[] {
  const ends = new Set<number>();
  for (let count = 1 + random.below(8); count > 0; count--) ends.add(random.below(octets + 1));
  return [...ends].sort((left, right) => left - right);
}
