/** The connection preface, told from a request at whatever octet they part. */
import { expect, test } from "bun:test";
import { PREFACE } from "../../src/http2/frame.ts";
import { PrefaceMatch, PrefaceReader } from "../../src/serving/preface-reader.ts";

function matchOf(pieces: readonly Buffer[]): { match: PrefaceMatch; joined: string } {
  const reader = new PrefaceReader();
  reader.begin();
  let match = PrefaceMatch.Partial;
  let last = 0;
  while (match === PrefaceMatch.Partial && last < pieces.length) match = reader.read(pieces[last++]!, 0);
  return { match, joined: reader.joined(pieces[last - 1]!, 0).toString("latin1") };
}

test("is known when it is whole, wherever it is split, with what comes behind it", () => {
  const sent = Buffer.concat([PREFACE, Buffer.from("more")]);
  for (let at = 1; at < PREFACE.length; at++) {
    const { match, joined } = matchOf([sent.subarray(0, at), sent.subarray(at)]);
    expect([match, joined]).toEqual([PrefaceMatch.Whole, sent.toString("latin1")]);
  }
});

test("may still come as long as nothing else has", () => {
  for (let octets = 1; octets < PREFACE.length; octets++) {
    expect(matchOf([PREFACE.subarray(0, octets)]).match).toBe(PrefaceMatch.Partial);
  }
});

test("is told from what begins alike, of which nothing is lost", () => {
  for (const request of [
    "POST / HTTP/1.1\r\n",
    "PRI / HTTP/1.1\r\n",
    "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
    "GET / HTTP/1.1\r\n",
  ]) {
    for (let at = 1; at < request.length; at++) {
      const { match, joined } = matchOf([Buffer.from(request.slice(0, at)), Buffer.from(request.slice(at))]);
      expect(match).toBe(PrefaceMatch.None);
      expect(request.endsWith(joined) || request.startsWith(joined)).toBe(true);
    }
  }
});

test("begins anew with another connection", () => {
  const reader = new PrefaceReader();
  reader.read(PREFACE.subarray(0, 10), 0);
  reader.begin();
  expect([reader.read(Buffer.from("G"), 0), reader.isInPieces]).toEqual([PrefaceMatch.None, false]);
});
