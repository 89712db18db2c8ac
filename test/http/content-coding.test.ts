import { describe, expect, test } from "bun:test";
import {
  AcceptEncodingReader,
  Coding,
  CODING_NAME,
  IDENTITY_ONLY,
  parseAcceptEncoding,
  PREFERENCE_COUNT,
  type Preference,
  rankOf,
} from "../../src/http/content-coding.ts";
import { headOf } from "./support/head-result.ts";
import { octets } from "./support/octets.ts";
import { Random } from "./support/random.ts";

const CODINGS = [Coding.Identity, Coding.Gzip, Coding.Br, Coding.Zstd] as const;

/** Best liked first, equals joined by "="; what is not acceptable is left out. */
function show(preference: Preference): string {
  const ranked = CODINGS.filter((coding) => rankOf(preference, coding) > 0);
  const ranks = [...new Set(ranked.map((coding) => rankOf(preference, coding)))].sort((a, b) => b - a);
  expect(ranks).toEqual(ranks.map((_, index) => ranks.length - index)); // 1 to n, without gaps
  return ranks
    .map((rank) =>
      ranked
        .filter((coding) => rankOf(preference, coding) === rank)
        .map((coding) => CODING_NAME[coding])
        .join("="),
    )
    .join(" > ");
}

/** The value lies between octets that must not be read. */
const parse = (value: string) => parseAcceptEncoding(octets(`,gzip,${value},zstd`), 6, 6 + value.length);

describe("Accept-Encoding (RFC 9110 §12.5.3)", () => {
  test.each([
    ["gzip", "gzip > identity"],
    ["br", "br > identity"],
    ["zstd", "zstd > identity"],
    ["x-gzip", "gzip > identity"],
    ["GZip, BR", "gzip=br > identity"],
    ["gzip, deflate, br, zstd", "gzip=br=zstd > identity"],
    ["gzip, deflate, br", "gzip=br > identity"],
    ["deflate, gzip;q=1.0, *;q=0.5", "gzip > identity=br=zstd"],
    ["br;q=1.0, gzip;q=0.8, *;q=0.1", "br > gzip > identity=zstd"],
    ["gzip;q=0.5, identity;q=0.1", "gzip > identity"],
    ["gzip;q=0.1, identity;q=0.9", "identity > gzip"],
    ["identity, gzip", "identity=gzip"],
    ["gzip;q=0.001", "gzip > identity"],
    ["gzip;q=0.100, br;q=0.1, zstd;q=0.10", "gzip=br=zstd > identity"],
    ["gzip;q=0.2,br;q=0.3,zstd;q=0.4,identity;q=0.1", "zstd > br > gzip > identity"],
    ["gzip;q=0.999, br;q=1", "br > gzip > identity"],
    ["gzip;q=1., br;q=0.", "gzip > identity"],
    ["gzip;Q=0.5, br", "br > gzip > identity"],
    ["gzip \t; \t q=0.5 \t, br", "br > gzip > identity"],
    [" , ,gzip,, ", "gzip > identity"],
    ["*", "identity=gzip=br=zstd"],
    ["*;q=0.5", "identity=gzip=br=zstd"],
    ["gzip;q=0, *", "identity=br=zstd"],
    ["gzip, identity;q=0", "gzip"],
    ["gzip, *;q=0", "gzip"],
    ["identity, *;q=0", "identity"],
    ["gzip;q=0", "identity"],
    ["gzip;q=0.000", "identity"],
    ["x-gzip;q=0, gzip", "identity"],
    ["gzip;q=0.2, br;q=0.5, gzip;q=0.9", "br > gzip > identity"],
    ["*, *;q=0, gzip", "gzip"],
  ])("%j: %s", (value, expected) => expect(show(parse(value))).toBe(expected));
});

describe("identity alone", () => {
  test.each([
    ["nothing", ""],
    ["only commas", " ,, "],
    ["identity", "identity"],
    ["what we don't know", "deflate, compress, dcz"],
    ["names that hold another", "notgzip, gzipped, x-br, gz"],
    ["what accepts nothing: it is disregarded", "identity;q=0"],
    ["nothing by way of *", "*;q=0"],
    ["all zero", "gzip;q=0, br;q=0, zstd;q=0, identity;q=0"],
    ["no name", ";q=1"],
    ["a name that is no token", "gz(ip"],
    ["two names without comma", "gzip br"],
    ["another parameter", "gzip;level=1"],
    ["a parameter after the weight", "gzip;q=1;level=1"],
    ["a weight without value", "gzip;q="],
    ["a weight without sign", "gzip;q"],
    ["a semicolon without weight", "gzip;"],
    ["SP before the value", "gzip;q= 1"],
    ["SP before the sign", "gzip;q =1"],
    ["a weight above 1", "gzip;q=1.001"],
    ["a weight of 2", "gzip;q=2"],
    ["a weight of 10", "gzip;q=10"],
    ["a negative weight", "gzip;q=-1"],
    ["a weight without whole part", "gzip;q=.5"],
    ["four digits", "gzip;q=0.5000"],
    ["a letter in the weight", "gzip;q=0.a"],
    ["an exponent", "gzip;q=1e0"],
    ["a quoted weight", 'gzip;q="1"'],
    ["a mistake after a good member", "gzip, br;q=x"],
    ["a good member after a mistake", "br;q=x, gzip"],
  ])("%s: %j", (_, value) => expect(parse(value)).toBe(IDENTITY_ONLY));
});

// ── The slow model ──────────────────────────────────────────────────────────────────────────────────────────────────

const MEMBER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*;[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?$/;

/** The same by regular expression, objects and sorting; as ranks, for each coding. */
function model(value: string): number[] {
  const identityOnly = CODINGS.map((coding) => (coding === Coding.Identity ? 1 : 0));
  const stated = new Map<string, number>();
  for (const member of value.split(",").map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ""))) {
    if (member === "") continue;
    const match = MEMBER.exec(member);
    if (match === null) return identityOnly;
    const name = match[1]!.toLowerCase().replace(/^x-gzip$/, "gzip");
    stated.set(name, Math.min(stated.get(name) ?? 1, Number(match[2] ?? 1)));
  }
  const weights = CODING_NAME.map(
    (name) => stated.get(name) ?? stated.get("*") ?? (name === "identity" ? Number.MIN_VALUE : 0),
  );
  const distinct = [...new Set(weights)].filter((weight) => weight > 0).sort((a, b) => a - b);
  return distinct.length === 0 ? identityOnly : weights.map((weight) => distinct.indexOf(weight) + 1);
}

const PIECES = ["gzip", "br", "zstd", "identity", "*", "x-gzip", "deflate", "GZIP", ",", ", ", " ", ";", ";q=", "; Q="];
const WEIGHTS = ["0", "1", "0.5", "0.001", "0.999", "1.000", "0.", "1.1", "0.1234", "q", "-1"];

function randomValue(random: Random): string {
  if (random.below(4) === 0) {
    return Array.from({ length: random.below(8) }, () => random.pick([...PIECES, ...WEIGHTS])).join("");
  }
  const members = Array.from({ length: random.below(6) }, () => {
    const name = random.pick(PIECES.slice(0, 8));
    return random.below(2) === 0 ? name : `${name};q=${random.pick(WEIGHTS.slice(0, random.below(3) === 0 ? 11 : 7))}`;
  });
  return members.join(random.pick([",", ", ", " ,\t"]));
}

test("agrees with a slow model, by itself and through the memo", () => {
  const seed = 0xacce97;
  const random = new Random(seed);
  const reader = new AcceptEncodingReader();
  const usual = Array.from({ length: 12 }, () => randomValue(random)); // more than there are places
  for (let round = 0; round < 30_000; round++) {
    const value = random.below(2) === 0 ? random.pick(usual) : randomValue(random);
    const expected = model(value);
    const context = `seed ${seed}, round ${round}: ${JSON.stringify(value)}`;
    const parsed = parse(value);
    expect(parsed, context).toBeLessThan(PREFERENCE_COUNT);
    expect(
      CODINGS.map((coding) => rankOf(parsed, coding)),
      context,
    ).toEqual(expected);
    const head = headOf(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${value}\r\n\r\n`);
    expect(reader.preferenceOf(head), context).toBe(parsed);
  }
});

describe("the field of a request", () => {
  const read = (...lines: string[]) =>
    show(
      new AcceptEncodingReader().preferenceOf(
        headOf(
          ["GET / HTTP/1.1", "Host: a", ...lines.map((value) => `Accept-Encoding: ${value}`), "", ""].join("\r\n"),
        ),
      ),
    );

  test.each([
    ["is not there", [], "identity"],
    ["has two lines", ["identity", "gzip"], "identity=gzip"],
    ["has three lines", ["br;q=0.5", "gzip", "*;q=0"], "gzip > br"],
    ["is malformed in its second line", ["gzip", "br;q=x"], "identity"],
    ["has an empty line and another", ["", "gzip"], "gzip > identity"],
    ["is longer than what is remembered", [`${"x,".repeat(100)}gzip`], "gzip > identity"],
  ])("%s", (_, lines, expected) => expect(read(...lines)).toBe(expected));

  test("a remembered value is told from those that share its length, its beginning or its end", () => {
    const reader = new AcceptEncodingReader();
    for (const value of ["gzip", "zstd", "gzi", "gzip ,", "gzip,br", "gzip,b", "br", "gzip"]) {
      const head = headOf(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${value}\r\n\r\n`);
      for (let time = 0; time < 2; time++) expect(reader.preferenceOf(head)).toBe(parse(value));
    }
  });
});
