/** RFC 9110 §5.6.7, §6.6.1: Date in every kind of response. */
import { ANY, answers, request, type Row, type SectionGroup } from "../row.ts";

const KINDS: readonly (readonly [what: string, octets: string])[] = [
  ["200", request("GET /alphabet.txt")],
  ["200 to HEAD", request("HEAD /alphabet.txt")],
  ["200 with a large representation", request("GET /large.bin")],
  ["206", request("GET /alphabet.txt", "Range: bytes=0-4")],
  ["304", request("GET /alphabet.txt", "If-None-Match: {etag /alphabet.txt}")],
  ["a redirect", request("GET /dir")],
  ["400", "GET /alphabet.txt HTTP/1.1\r\n\r\n"],
  ["404", request("GET /nothing-here")],
  ["405", request("DELETE /alphabet.txt")],
  ["412", request("GET /alphabet.txt", 'If-Match: "nothing-like-it"')],
  ["416", request("GET /alphabet.txt", "Range: bytes=100-")],
];

export const DATE: SectionGroup = {
  title: "RFC 9110 §6.6.1 Date",
  rows: KINDS.map(([what, octets]): Row => ({
    name: `generates Date as an IMF-fixdate of now where ${what} is due`,
    section: "RFC 9110 §6.6.1",
    level: "must",
    send: octets,
    expect: answers(ANY, {}, { check: "date-is-now" }),
  })),
};
