import { describe, expect, test } from "bun:test";
import { Field } from "../../src/http/field.ts";
import { Method } from "../../src/http/method.ts";
import { textOf } from "../../src/http/octets.ts";
import { PARSE_FAILURE, ParseCode } from "../../src/http/parse-code.ts";
import { parseRequestHead } from "../../src/http/parse-request-head.ts";
import { Framing, HeadPhase, HttpVersion, RequestHead, Scheme, TargetForm } from "../../src/http/request-head.ts";
import { copyRequest } from "../../src/http2/copy-request.ts";
import { FieldStore } from "../../src/http2/field-store.ts";
import { isMalformed, takeRequestFields, takeTrailers } from "../../src/http2/request-fields.ts";
import { Random } from "../http/support/random.ts";
import type { TextField } from "./support/decoding.ts";
import { GET, LIMITS, storeOf, take, taken } from "./support/taken-request.ts";

/** The usual request with these fields in place of those of the same name, or behind them; without those whose value is null. */
function withFields(...changes: readonly (readonly [name: string, value: string | null])[]): TextField[] {
  const fields: [string, string | null][] = GET.map(([name, value]) => [name, value]);
  for (const [name, value] of changes) {
    const same = name.startsWith(":") ? fields.find((field) => field[0] === name) : undefined;
    if (same === undefined) fields.push([name, value]);
    else same[1] = value;
  }
  return fields.filter((field): field is [string, string] => field[1] !== null);
}

const codeOf = (fields: readonly TextField[], endsStream = true) => ParseCode[take(fields, endsStream).code]!;

const textAt = (head: RequestHead, start: number, end: number) => (start < 0 ? null : textOf(head.bytes, start, end));

describe("a request", () => {
  test("has its parts in place", () => {
    const head = taken(
      withFields([":path", "/a/b?c=d"], [":authority", "b.example:444"], ["x-a", "b"], ["accept", "c"]),
    );
    expect([HttpVersion[head.version], HeadPhase[head.phase]]).toEqual(["Http2", "Complete"]);
    expect([Method[head.method], textAt(head, head.methodStart, head.methodEnd)]).toEqual(["Get", "GET"]);
    expect([Scheme[head.scheme], TargetForm[head.targetForm]]).toEqual(["Https", "Origin"]);
    expect(textAt(head, head.targetStart, head.targetEnd)).toBe("/a/b?c=d");
    expect(textAt(head, head.pathStart, head.pathEnd)).toBe("/a/b");
    expect(textAt(head, head.queryStart, head.queryEnd)).toBe("c=d");
    expect(textAt(head, head.authorityStart, head.authorityEnd)).toBe("b.example:444");
    expect(textAt(head, head.authorityStart, head.hostEnd)).toBe("b.example");
    expect([head.persistent, Framing[head.framing], head.contentOctets]).toEqual([true, "None", 0]);
    const lines: TextField[] = [];
    head.eachField((name, value) => lines.push([name, value]));
    expect(lines).toEqual([
      ["x-a", "b"],
      ["accept", "c"],
    ]);
    expect([head.value(Field.Accept), head.firstLine(Field.Accept), head.has(Field.Host)]).toEqual(["c", 1, false]);
  });

  test("keeps nothing of the one before, in the same head", () => {
    const store = storeOf(
      withFields([":method", "POST"], [":path", "/a?b"], ["content-length", "5"], ["te", "trailers"]),
    );
    const head = new RequestHead(store.fieldCountMax);
    expect(takeRequestFields(store, head, LIMITS, false)).toBe(ParseCode.None);
    head.isAuthenticated = true;
    const next = storeOf(GET);
    expect(takeRequestFields(next, head, LIMITS, true)).toBe(ParseCode.None);
    const fresh = new RequestHead(next.fieldCountMax);
    takeRequestFields(next, fresh, LIMITS, true);
    for (const each of [head, fresh]) {
      each.fields.fill(0, each.fieldCount);
      each.fieldOfLine.fill(0, each.fieldCount);
      each.known.fill(0);
    }
    expect(head).toEqual(fresh);
  });

  test("needs a head with room for all lines that a block can have", () => {
    const store = new FieldStore(2048);
    expect(() => takeRequestFields(store, new RequestHead(16), LIMITS, true)).toThrow(RangeError);
  });
});

/** What makes a request malformed: no answer is due, the stream is reset. */
const MALFORMED: readonly (readonly [what: string, code: keyof typeof ParseCode, fields: readonly TextField[]])[] = [
  ["no field at all", "MissingPseudoField", []],
  ["no :method", "MissingPseudoField", withFields([":method", null])],
  ["no :scheme", "MissingPseudoField", withFields([":scheme", null])],
  ["no :path", "MissingPseudoField", withFields([":path", null])],
  ["an empty :path", "MissingPseudoField", withFields([":path", ""])],
  ["CONNECT without :authority", "MissingPseudoField", [[":method", "CONNECT"]]],
  ["a :method twice", "BadPseudoField", [[":method", "GET"], ...GET]],
  ["a :path twice", "BadPseudoField", [...GET, [":path", "/"]]],
  ["a :scheme twice", "BadPseudoField", [...GET, [":scheme", "http"]]],
  ["an :authority twice", "BadPseudoField", [...GET, [":authority", "a.example"]]],
  ["a pseudo-field behind a field", "BadPseudoField", [...GET.slice(0, 3), ["accept", "*/*"], [":path", "/"]]],
  [":status", "BadPseudoField", withFields([":status", "200"])],
  [":protocol, which nobody agreed on", "BadPseudoField", withFields([":protocol", "websocket"])],
  ["an unknown pseudo-field", "BadPseudoField", withFields([":x", "y"])],
  ["nothing behind the colon", "BadPseudoField", withFields([":", "y"])],
  ["a pseudo-field in upper case", "BadPseudoField", [[":Method", "GET"], ...GET.slice(1)]],
  ["a pseudo-field that goes on", "BadPseudoField", withFields([":pathx", "/"])],
  ["CONNECT with :path", "BadPseudoField", withFields([":method", "CONNECT"], [":scheme", null])],
  ["CONNECT with :scheme", "BadPseudoField", withFields([":method", "CONNECT"], [":path", null])],
  ["Connection", "ConnectionField", withFields(["connection", "close"])],
  ["Proxy-Connection", "ConnectionField", withFields(["proxy-connection", "close"])],
  ["Keep-Alive", "ConnectionField", withFields(["keep-alive", "1"])],
  ["Transfer-Encoding", "ConnectionField", withFields(["transfer-encoding", "chunked"])],
  ["Upgrade", "ConnectionField", withFields(["upgrade", "h2c"])],
  ["TE of a coding", "ConnectionField", withFields(["te", "gzip"])],
  ["TE of trailers and a coding", "ConnectionField", withFields(["te", "trailers, gzip"])],
  ["an empty TE", "ConnectionField", withFields(["te", ""])],
  ["TE of trailers, and another one", "ConnectionField", withFields(["te", "trailers"], ["te", "gzip"])],
  ["a name in upper case", "BadFieldName", withFields(["X-a", "b"])],
  ["a known name in upper case", "BadFieldName", withFields(["Accept", "b"])],
  ["an empty name", "BadFieldName", withFields(["", "b"])],
  ["SP in a name", "BadFieldName", withFields(["x a", "b"])],
  ["NUL in a name", "BadFieldName", withFields(["x\0", "b"])],
  ["a colon in a name", "BadFieldName", withFields(["x:a", "b"])],
  ["an octet above 0x7f in a name", "BadFieldName", withFields(["x\xe9", "b"])],
  ["DEL in a name", "BadFieldName", withFields(["x\x7f", "b"])],
  ["NUL in a value", "BadFieldValue", withFields(["x-a", "b\0"])],
  ["CR in a value", "BadFieldValue", withFields(["x-a", "b\rc"])],
  ["LF in a value", "BadFieldValue", withFields(["x-a", "b\nc"])],
  ["a line end in a value", "BadFieldValue", withFields(["x-a", "b\r\nset-cookie: c"])],
  ["another control in a value", "BadFieldValue", withFields(["x-a", "b\x01"])],
  ["a value that begins with SP", "BadFieldValue", withFields(["x-a", " b"])],
  ["a value that ends with HTAB", "BadFieldValue", withFields(["x-a", "b\t"])],
  ["a value of SP alone", "BadFieldValue", withFields(["x-a", " "])],
  ["a line end in a path", "BadFieldValue", withFields([":path", "/\r\n"])],
  ["NUL in :authority", "BadFieldValue", withFields([":authority", "a\0"])],
];

describe("is malformed with", () => {
  test.each(MALFORMED)("%s", (_what, code, fields) => {
    expect(codeOf(fields)).toBe(code);
    expect(isMalformed(ParseCode[code])).toBe(true);
  });

  test("content where there can be none", () => {
    const fields = withFields(["content-length", "5"]);
    expect(codeOf(fields, true)).toBe("ContentLengthMismatch");
    expect(codeOf(fields, false)).toBe("None");
    expect(codeOf(withFields(["content-length", "0"]), true)).toBe("None");
  });
});

/** What is answered as in HTTP/1.1. */
const REFUSED: readonly (readonly [what: string, code: keyof typeof ParseCode, fields: readonly TextField[]])[] = [
  ["an empty method", "BadMethod", withFields([":method", ""])],
  ["a method that is no token", "BadMethod", withFields([":method", "G T"])],
  ["a method that ends with no token", "BadMethod", withFields([":method", "GET/"])],
  ["a method that is too long", "MethodTooLong", withFields([":method", "M".repeat(33)])],
  ["another scheme", "BadTarget", withFields([":scheme", "ftp"])],
  ["an empty scheme", "BadTarget", withFields([":scheme", ""])],
  ["nearly a scheme", "BadTarget", withFields([":scheme", "httpss"])],
  ["a path without a slash", "BadTarget", withFields([":path", "a"])],
  ["a query alone", "BadTarget", withFields([":path", "?a"])],
  ["a URI for a path", "BadTarget", withFields([":path", "https://a.example/"])],
  ["a fragment", "BadTarget", withFields([":path", "/#a"])],
  ["a fragment behind a query", "BadTarget", withFields([":path", "/?a#b"])],
  ["SP in a path", "BadTarget", withFields([":path", "/a b"])],
  ["a backslash in a path", "BadTarget", withFields([":path", "/\\a"])],
  ["* for another method than OPTIONS", "BadTarget", withFields([":path", "*"])],
  ["* and more", "BadTarget", withFields([":method", "OPTIONS"], [":path", "*a"])],
  ["a path that is too long", "TargetTooLong", withFields([":path", "/".repeat(257)])],
  ["a path longer than any list", "TargetTooLong", withFields([":path", "/".repeat(5000)])],
  [
    "CONNECT without a port",
    "BadTarget",
    [
      [":method", "CONNECT"],
      [":authority", "a.example"],
    ],
  ],
  [
    "CONNECT to no host",
    "BadTarget",
    [
      [":method", "CONNECT"],
      [":authority", ":443"],
    ],
  ],
  ["neither :authority nor Host", "MissingHost", withFields([":authority", null])],
  ["an empty :authority", "BadHost", withFields([":authority", ""])],
  ["an :authority of a port alone", "BadHost", withFields([":authority", ":443"])],
  ["userinfo", "BadHost", withFields([":authority", "user@a.example"])],
  ["an :authority that is none", "BadHost", withFields([":authority", "a/b"])],
  ["an empty Host alone", "BadHost", withFields([":authority", null], ["host", ""])],
  ["a Host that is none", "BadHost", withFields([":authority", null], ["host", "a b"])],
  ["Host twice", "RepeatedHost", withFields([":authority", null], ["host", "a"], ["host", "a"])],
  ["Host twice beside :authority", "RepeatedHost", withFields(["host", "a.example"], ["host", "a.example"])],
  ["another Host than :authority", "HostConflict", withFields(["host", "b.example"])],
  ["another port than :authority", "HostConflict", withFields(["host", "a.example:80"])],
  ["an empty Host beside :authority", "HostConflict", withFields(["host", ""])],
  ["Content-Length twice", "RepeatedContentLength", withFields(["content-length", "0"], ["content-length", "0"])],
  ["Content-Length that is no number", "BadContentLength", withFields(["content-length", "+1"])],
  ["more content than allowed", "ContentTooLarge", withFields(["content-length", "1001"])],
  ["an expectation that can't be met", "BadExpectation", withFields(["expect", "x"])],
  ["too many fields", "TooManyFields", withFields(...Array.from({ length: 17 }, () => ["x-a", "b"] as const))],
  ["too large a list", "HeadTooLarge", withFields(["x-a", "b".repeat(2000)])],
  [
    "too large a list before the path",
    "HeadTooLarge",
    [
      [":method", "GET"],
      [":authority", "a".repeat(2100)],
    ],
  ],
];

describe("is refused with", () => {
  test.each(REFUSED)("%s", (_what, code, fields) => {
    const { head } = take(fields);
    expect(codeOf(fields)).toBe(code);
    expect(isMalformed(ParseCode[code])).toBe(false);
    expect(HeadPhase[head.phase]).toBe("Failed");
  });

  test.each(
    REFUSED.filter(([, , fields]) => fields.some(([name, value]) => name === ":authority" && value === "a.example")),
  )("%s, of the host that it is for", (_what, _code, fields) => {
    const { head } = take(fields);
    expect(textAt(head, head.authorityStart, head.authorityEnd)).toBe("a.example");
  });

  test("and nothing else is malformed", () => {
    const codes = new Set([...MALFORMED, ...REFUSED].map(([, code]) => ParseCode[code]));
    codes.add(ParseCode.ContentLengthMismatch);
    for (const [name, code] of Object.entries(ParseCode)) {
      if (typeof code !== "number" || !PARSE_FAILURE[code].section.startsWith("RFC 9113")) continue;
      expect([name, codes.has(code)]).toEqual([name, true]);
    }
  });
});

describe("is fine with", () => {
  test.each<[string, readonly TextField[]]>([
    ["pseudo-fields in any order", GET.toReversed()],
    ["an unknown method", withFields([":method", "PURGE"])],
    ["a scheme in any case", withFields([":scheme", "HTTP"])],
    ["TE of trailers", withFields(["te", "trailers"])],
    ["TE of trailers in any case, twice", withFields(["te", "Trailers"], ["te", "trailers"])],
    ["an empty value", withFields(["x-a", ""])],
    ["SP and HTAB inside a value", withFields(["x-a", "b \t c"])],
    ["obs-text in a value", withFields(["x-a", "\xe9"])],
    ["the longest path", withFields([":path", "/".repeat(256)])],
    ["octets in a path that no URI holds", withFields([":path", '/"<\xe9>|'])],
    ["Host that says the same", withFields(["host", "a.example"])],
    ["Host that says the same in another case, with the port", withFields(["host", "A.Example:443"])],
    ["Host that says the same with an empty port", withFields(["host", "a.example:"])],
    ["as many fields as are allowed", withFields(...Array.from({ length: 16 }, () => ["x-a", "b"] as const))],
  ])("%s", (_what, fields) => {
    expect(codeOf(fields)).toBe("None");
  });

  test("Host alone, and is for that", () => {
    const head = taken(withFields([":authority", null], ["host", "b.example:8080"]));
    expect(textAt(head, head.authorityStart, head.authorityEnd)).toBe("b.example:8080");
    expect(textAt(head, head.authorityStart, head.hostEnd)).toBe("b.example");
  });

  test("OPTIONS *", () => {
    const head = taken(withFields([":method", "OPTIONS"], [":path", "*"]));
    expect([TargetForm[head.targetForm], head.pathEnd - head.pathStart]).toEqual(["Asterisk", 0]);
    expect(textAt(head, head.targetStart, head.targetEnd)).toBe("*");
  });

  test("CONNECT, whose target is its authority", () => {
    const head = taken([
      [":method", "CONNECT"],
      [":authority", "b.example:443"],
    ]);
    expect([TargetForm[head.targetForm], Method[head.method]]).toEqual(["Authority", "Connect"]);
    expect(textAt(head, head.targetStart, head.targetEnd)).toBe("b.example:443");
    expect(textAt(head, head.authorityStart, head.hostEnd)).toBe("b.example");
    expect(head.pathEnd - head.pathStart).toBe(0);
  });
});

describe("content", () => {
  const framingOf = (fields: readonly TextField[], endsStream: boolean) => {
    const head = taken(fields, endsStream);
    return [Framing[head.framing], head.contentOctets, head.expectContinue];
  };

  test.each<[string, readonly TextField[], boolean, [string, number, boolean]]>([
    ["none", GET, true, ["None", 0, false]],
    ["of a length that nobody knows", GET, false, ["Stream", 0, false]],
    ["of a length", withFields(["content-length", "5"]), false, ["Length", 5, false]],
    ["of length 0, in frames to come", withFields(["content-length", "0"]), false, ["None", 0, false]],
    ["that waits to be asked for", withFields(["expect", "100-continue"]), false, ["Stream", 0, true]],
    ["none that would wait", withFields(["expect", "100-continue"]), true, ["None", 0, false]],
  ])("%s", (_what, fields, endsStream, expected) => {
    expect(framingOf(fields, endsStream)).toEqual(expected);
  });
});

describe("Cookie", () => {
  const crumbs = (count: number) =>
    Array.from({ length: count }, (_, index) => ["cookie", `c${index}=${index}`] as const);

  test("in crumbs is one value to who reads it (RFC 9113 §8.2.3)", () => {
    const head = taken(withFields(...crumbs(2), ["x-a", "b"], ["cookie", "d=e"]));
    expect(head.value(Field.Cookie)).toBe("c0=0; c1=1; d=e");
    expect([head.isRepeated(Field.Cookie), head.fieldCount]).toEqual([true, 4]);
  });

  test("counts as one field, however many crumbs it has", () => {
    expect(codeOf(withFields(...crumbs(40)))).toBe("None");
    const others = Array.from({ length: 15 }, () => ["x-a", "b"] as const);
    expect(codeOf(withFields(...others, ...crumbs(20)))).toBe("None");
    expect(codeOf(withFields(...others, ["x-a", "b"], ...crumbs(20)))).toBe("TooManyFields");
  });
});

test("a target means the same in both versions, or is refused for the same reason", () => {
  const random = new Random(8);
  const head = new RequestHead(LIMITS.fieldCountMax);
  for (let round = 0; round < 5000; round++) {
    const method = random.pick(["GET", "OPTIONS", "get", "PURGE", "M".repeat(30 + random.below(5)), "P(T"]);
    const target = random.pick(["/", "/", "*", "?", "a"]) + random.text('ab/%2f?#*"\\\xe9[]|', random.below(12));
    const text = `${method} ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`;
    head.reset(0);
    const verdict = parseRequestHead(Buffer.from(text, "latin1"), text.length, head, LIMITS);
    const { code, head: other } = take(withFields([":method", method], [":path", target]));
    const where = JSON.stringify([method, target]);
    expect([where, ParseCode[code]!]).toEqual([where, ParseCode[Math.max(0, -verdict)]!]);
    if (code === ParseCode.None) expect([where, partsOf(other)]).toEqual([where, partsOf(head)]);
  }
});

test("random fields are taken or refused, never more, and what is taken lies within the store", () => {
  const random = new Random(13);
  const names = [
    ":path",
    ":method",
    "cookie",
    "host",
    "te",
    "content-length",
    "expect",
    "x-a",
    "X",
    "accept",
    "connection",
  ];
  const values = [
    "",
    "/a?b",
    "a.example",
    "5",
    "trailers",
    "100-continue",
    "x".repeat(100),
    "GET",
    " a",
    "*",
    "a, b",
    "\xe9",
  ];
  const codes = new Set<string>();
  for (let round = 0; round < 5000; round++) {
    const extra = Array.from({ length: random.below(6) }, (): TextField => [random.pick(names), random.pick(values)]);
    const fields = [...GET, ...extra];
    if (random.chance(3)) fields.splice(random.below(fields.length), 1);
    if (random.chance(3)) fields[random.below(fields.length)] = [random.pick(names), random.pick(values)];
    const { code, head } = take(fields, random.chance(2));
    codes.add(ParseCode[code]!);
    const offsets = [head.methodStart, head.targetStart, head.pathEnd, head.authorityStart, head.queryEnd].concat(
      ...head.fields.subarray(0, head.fieldCount * 4),
    );
    expect(Math.max(...offsets)).toBeLessThanOrEqual(head.bytes.length);
    expect(HeadPhase[head.phase]).toBe(code === ParseCode.None ? "Complete" : "Failed");
    if (code !== ParseCode.None) continue;
    const copy = new RequestHead(LIMITS.fieldCountMax);
    copyRequest(head, copy);
    expect(partsOf(copy)).toEqual(partsOf(head));
  }
  expect(codes.size).toBeGreaterThan(10);
});

function partsOf(head: RequestHead) {
  return {
    method: Method[head.method],
    form: TargetForm[head.targetForm],
    target: textAt(head, head.targetStart, head.targetEnd),
    path: textAt(head, head.pathStart, head.pathEnd),
    query: textAt(head, head.queryStart, head.queryEnd),
    authority: textAt(head, head.authorityStart, head.authorityEnd),
  };
}

describe("trailers", () => {
  const trailersOf = (fields: readonly TextField[], limits = LIMITS) => {
    const trailers = takeTrailers(storeOf(fields, limits), limits);
    return typeof trailers === "number" ? ParseCode[trailers] : trailers;
  };

  test("are the field lines, as they were sent", () => {
    expect(trailersOf([])).toEqual([]);
    expect(
      trailersOf([
        ["x-checksum", "1"],
        ["x-a", "\xe9"],
      ]),
    ).toEqual([
      ["x-checksum", "1"],
      ["x-a", "\xe9"],
    ]);
  });

  test.each<[string, string, readonly TextField[]]>([
    ["a pseudo-field", "BadPseudoField", [[":path", "/"]]],
    [":status", "BadPseudoField", [[":status", "200"]]],
    ["a name in upper case", "BadFieldName", [["X", "a"]]],
    ["a bad value", "BadFieldValue", [["x", " a"]]],
    ["a field about a connection", "ConnectionField", [["connection", "close"]]],
    ["too many fields", "TrailerTooLarge", Array.from({ length: 17 }, () => ["x", "a"] as const)],
    ["too much", "TrailerTooLarge", [["x", "a".repeat(3000)]]],
  ])("have no %s: %s", (_what, code, fields) => {
    expect(trailersOf(fields)).toBe(code);
  });
});
