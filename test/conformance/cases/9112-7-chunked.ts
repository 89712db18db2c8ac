/** RFC 9112 §7: the chunked transfer coding in requests: chunk sizes, extensions, trailer sections. */
import {
  answers,
  ANY,
  closesSilently,
  consumesOrCloses,
  FOLLOW_UP,
  neverReadsOn,
  refuses,
  request,
  type SectionGroup,
} from "../row.ts";

const HEAD = request("GET /dir/file.txt", "Transfer-Encoding: chunked");

/** Message bodies that are chunked content by the grammar. */
const WELL_FORMED = [
  ["a single chunk", "§7.1", "5\r\nhello\r\n0\r\n\r\n"],
  ["several chunks", "§7.1", "5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\n"],
  ["no chunk but the last", "§7.1", "0\r\n\r\n"],
  ["a chunk-size in upper-case hexadecimal", "§7.1", "A\r\n0123456789\r\n0\r\n\r\n"],
  ["a chunk-size in lower-case hexadecimal", "§7.1", "a\r\n0123456789\r\n0\r\n\r\n"],
  ["leading zeros in a chunk-size", "§7.1", "0005\r\nhello\r\n0\r\n\r\n"],
  ["a last chunk of several zeros", "§7.1", "5\r\nhello\r\n0000\r\n\r\n"],
  ["chunk-data that looks like a last chunk", "§7.1", "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n"],
  ["chunk-data that looks like a request", "§7.1", "18\r\nGET / HTTP/1.1\r\nA: b\r\n\r\n0\r\n\r\n"],
  ["a chunk extension without value", "§7.1.1", "5;name\r\nhello\r\n0\r\n\r\n"],
  ["a chunk extension with a token", "§7.1.1", "5;name=value\r\nhello\r\n0\r\n\r\n"],
  ["several chunk extensions", "§7.1.1", "5;a;b=c;d=e\r\nhello\r\n0;f\r\n\r\n"],
  ["a chunk extension with a quoted-string", "§7.1.1", '5;name="a b; c=\\"d\\""\r\nhello\r\n0\r\n\r\n'],
  ["BWS around a chunk extension", "§7.1.1", "5 ; name = value\r\nhello\r\n0\r\n\r\n"],
  ["an empty quoted-string for a chunk extension", "§7.1.1", '5;name=""\r\nhello\r\n0\r\n\r\n'],
  ["BWS around several chunk extensions", "§7.1.1", '5\t;\ta\t=\t"b"\t;\tc\r\nhello\r\n0\r\n\r\n'],
  ["a trailer field", "§7.1.2", "5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n"],
  ["several trailer fields", "§7.1.2", "5\r\nhello\r\n0\r\nX-One: 1\r\nX-Two: 2\r\nX-Three:\r\n\r\n"],
  ["a Content-Length among the trailer fields", "§7.1.2", "5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n"],
  ["a Transfer-Encoding among the trailer fields", "§7.1.2", "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["a Host among the trailer fields", "§7.1.2", "5\r\nhello\r\n0\r\nHost: other.example\r\n\r\n"],
] as const;

/** Message bodies that break the grammar; reading on after any of them is a guess. */
const MALFORMED = [
  ["a chunk-size with a letter beyond F", "§7.1", "g\r\nhello\r\n0\r\n\r\n"],
  ["an empty chunk-size", "§7.1", "\r\nhello\r\n0\r\n\r\n"],
  ["a negative chunk-size", "§7.1", "-5\r\nhello\r\n0\r\n\r\n"],
  ["a chunk-size with a plus sign", "§7.1", "+5\r\nhello\r\n0\r\n\r\n"],
  ["a chunk-size with 0x", "§7.1", "0x5\r\nhello\r\n0\r\n\r\n"],
  ["SP before a chunk-size", "§7.1", " 5\r\nhello\r\n0\r\n\r\n"],
  ["SP inside a chunk-size", "§7.1", "0 5\r\nhello\r\n0\r\n\r\n"],
  ["an underscore in a chunk-size", "§7.1", "0_5\r\nhello\r\n0\r\n\r\n"],
  ["a chunk-size that ends with NUL", "§7.1", "5\x00\r\nhello\r\n0\r\n\r\n"],
  ["a chunk-size that ends with a bare CR", "§7.1", "5\rhello\r\n0\r\n\r\n"],
  ["chunk-data longer than its size", "§7.1", "3\r\nhello\r\n0\r\n\r\n"],
  ["chunk-data without CRLF after it", "§7.1", "5\r\nhello0\r\n\r\n"],
  ["chunk-data followed by two other octets", "§7.1", "5\r\nhelloXX0\r\n\r\n"],
  ["a bare CR after chunk-data", "§7.1", "5\r\nhello\r0\r\n\r\n"],
  ["a comma for a semicolon before a chunk extension", "§7.1.1", "5,name\r\nhello\r\n0\r\n\r\n"],
  ["a control character in a chunk extension", "§7.1.1", "5;na\x01me\r\nhello\r\n0\r\n\r\n"],
  ["a bare CR in a chunk extension", "§7.1.1", "5;na\rme\r\nhello\r\n0\r\n\r\n"],
  ["a chunk extension whose name is no token", "§7.1.1", "5;bad[=x\r\nhello\r\n0\r\n\r\n"],
  ["a chunk extension without name", "§7.1.1", "5;=x\r\nhello\r\n0\r\n\r\n"],
  ["a chunk extension with = and no value", "§7.1.1", "5; a=\r\nhello\r\n0\r\n\r\n"],
  ["a chunk extension whose quoted-string has no end", "§7.1.1", '5;a="unterminated\r\nhello\r\n0\r\n\r\n'],
  ["a chunk extension whose quoted-string holds CRLF", "§7.1.1", '5;a="\r\nhello"\r\n0\r\n\r\n0\r\n\r\n'],
  ["a chunk extension with a token behind its quoted-string", "§7.1.1", '5;a="b"c\r\nhello\r\n0\r\n\r\n'],
  ["a trailer line without colon", "§7.1.2", "5\r\nhello\r\n0\r\nX-Trailer\r\n\r\n"],
  ["SP before the colon of a trailer field", "§7.1.2", "5\r\nhello\r\n0\r\nX-Trailer : 1\r\n\r\n"],
  ["NUL in a trailer field", "§7.1.2", "5\r\nhello\r\n0\r\nX-Trailer: \x00\r\n\r\n"],
] as const;

/** Where one recipient may take a bare LF for a line terminator and another may not. */
const BARE_LF = [
  ["a bare LF after a chunk-size", "5\nhello\r\n0\r\n\r\n"],
  ["a bare LF after chunk-data", "5\r\nhello\n0\r\n\r\n"],
  ["a bare LF inside a chunk extension", "5;a\nhello\r\n0\r\n\r\n"],
  ["a bare LF after the last chunk", "5\r\nhello\r\n0\n\r\n"],
  ["a bare LF at the end of the trailer section", "5\r\nhello\r\n0\r\n\n"],
] as const;

export const CHUNKED: SectionGroup = {
  title: "RFC 9112 §7 chunked transfer coding",
  rows: [
    ...WELL_FORMED.map(([what, section, body]) => ({
      name: `parses chunked content with ${what}`,
      section: `RFC 9112 ${section}`,
      level: "must" as const,
      send: `${HEAD}${body}${FOLLOW_UP}`,
      expect: consumesOrCloses(),
    })),
    {
      name: "parses chunked content that arrives in pieces",
      section: "RFC 9112 §7.1",
      level: "must",
      send: [HEAD, "5", "\r", "\nhel", "lo\r", "\n", "0\r\n\r", `\n${FOLLOW_UP}`],
      expect: consumesOrCloses(),
    },
    {
      name: "answers 200 to a GET with chunked content, or refuses it and closes",
      section: "RFC 9110 §9.3.1",
      level: "should",
      send: `${HEAD}5\r\nhello\r\n0\r\n\r\n${FOLLOW_UP}`,
      expect: [...consumesOrCloses(200), refuses("4xx")],
    },
    ...MALFORMED.map(([what, section, body]) => ({
      name: `does not read on after ${what}`,
      section: `RFC 9112 ${section}`,
      level: "should" as const,
      send: `${HEAD}${body}${FOLLOW_UP}`,
      expect: neverReadsOn,
    })),
    ...BARE_LF.map(([what, body]) => ({
      name: `does not read on after ${what}`,
      section: "RFC 9112 §11.2",
      level: "choice" as const,
      send: `${HEAD}${body}${FOLLOW_UP}`,
      expect: neverReadsOn,
    })),
    {
      name: "answers 400 to a malformed chunk-size",
      section: "RFC 9112 §2.2",
      level: "choice",
      send: `${request("POST /dir/file.txt", "Transfer-Encoding: chunked")}zz\r\nhello\r\n0\r\n\r\n`,
      expect: refuses(400),
    },
    ...(
      [
        ["2^64 + 5", "10000000000000005"],
        ["2^32 + 5", "100000005"],
        ["2^53 + 5 at the edge of a double", "20000000000005"],
        ["forty hexadecimal digits", "{repeat F 40}"],
      ] as const
    ).map(([what, size]) => ({
      name: `does not lose precision with a chunk-size of ${what}`,
      section: "RFC 9112 §7.1",
      level: "must" as const,
      send: `${HEAD}${size}\r\nhello\r\n0\r\n\r\n${FOLLOW_UP}`,
      expect: [
        ...neverReadsOn,
        { responses: [{ status: ANY }], then: "waiting" as const },
        { responses: [], then: "waiting" as const },
      ],
    })),
    {
      name: "limits the length of chunk extensions",
      section: "RFC 9112 §7.1.1",
      level: "should",
      send: `${HEAD}5;{repeat x 1048576}\r\nhello\r\n0\r\n\r\n${FOLLOW_UP}`,
      expect: neverReadsOn,
    },
    {
      name: "limits the length of the trailer section",
      section: "RFC 9110 §5.4",
      level: "should",
      send: `${HEAD}5\r\nhello\r\n0\r\nX-Trailer: {repeat t 1048576}\r\n\r\n${FOLLOW_UP}`,
      expect: neverReadsOn,
    },
    {
      name: "closes when the client closes within chunked content",
      section: "RFC 9112 §8",
      level: "must",
      send: [`${request("POST /alphabet.txt", "Transfer-Encoding: chunked")}5\r\nhel`, { halfClose: true }],
      expect: [{ responses: [{ status: ANY }], then: "closed" }, closesSilently],
    },
    {
      name: "ignores the TE field of a client",
      section: "RFC 9110 §10.1.4",
      level: "must",
      send: request("GET /alphabet.txt", "TE: trailers, deflate;q=0.5", "Connection: TE"),
      expect: answers(200, {}, { body: { file: "/alphabet.txt" } }),
    },
  ],
};
