/** The suite about HTTP/2 itself: its rows, its HPACK, its reading of frames, its judge. No server needed. */
import { describe, expect, test } from "bun:test";
import { FIXTURE_FILES } from "../fixture-site.ts";
import { LEVELS, type ResponseExpectation } from "../row.ts";
import { ALL_H2_ROWS, H2_SECTION_GROUPS } from "./cases/index.ts";
import { describeStep } from "./encode-step.ts";
import { describeExpectation } from "./expectation.ts";
import { contentOf, FrameReader } from "./frame-reader.ts";
import { HpackDecoder } from "./hpack/decoder.ts";
import { indexed, integer, literal, stringLiteral, tableSizeUpdate } from "./hpack/encoder.ts";
import { CODES, decodeHuffman, encodeHuffman, EOS } from "./hpack/huffman.ts";
import { STATIC_TABLE, staticIndex } from "./hpack/static-table.ts";
import { encodeFrame, Flag, FrameType } from "./protocol.ts";
import { findFieldBreach } from "./response-fields.ts";
import type { H2Expectation, H2Row } from "./row.ts";
import { StreamRecord } from "./stream-record.ts";

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("rows", () => {
  test("there are at least 250 of them", () => {
    expect(ALL_H2_ROWS.length).toBeGreaterThanOrEqual(250);
  });

  test("every name is there once", () => {
    const names = ALL_H2_ROWS.map((row) => row.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test.each(H2_SECTION_GROUPS.map((group) => [group.title, group] as const))(
    "%s: every row is well formed",
    (_, group) => {
      for (const row of group.rows) {
        expect(row.section).toMatch(/^RFC \d{4} §[\dA]+(\.\d+)*$/);
        expect(LEVELS).toContain(row.level);
        expect(row.name).toMatch(/^[a-z].*[^.]$/);
        expect(describeExpectation(row.expect)).not.toBe("");
        expect(row.send.map(describeStep)).not.toContain("");
      }
    },
  );

  test("every fixture file that a row names exists", () => {
    for (const row of ALL_H2_ROWS) {
      for (const file of filesOf(row)) expect(FIXTURE_FILES.has(file), `${file} of ${row.name}`).toBe(true);
    }
  });
});

function filesOf({ expect: expected }: H2Row): string[] {
  const alternatives = Array.isArray(expected) ? (expected as readonly H2Expectation[]) : [expected as H2Expectation];
  const responses = alternatives.flatMap((one): ResponseExpectation[] => Object.values(one.responses ?? {}));
  return responses.flatMap(({ body }) => (body && "file" in body ? [body.file] : []));
}

describe("Huffman code", () => {
  test("is complete: no string of bits is left over, none has two meanings", () => {
    const share = [...CODES.values()].reduce((sum, code) => sum + 2 ** -code.length, 0);
    expect([CODES.size, share, CODES.get(EOS)]).toEqual([257, 1, "1".repeat(30)]);
  });

  // RFC 7541 §C.4 and §C.6.
  test.each([
    ["www.example.com", "f1e3 c2e5 f23a 6ba0 ab90 f4ff"],
    ["no-cache", "a8eb 1064 9cbf"],
    ["custom-value", "25a8 49e9 5bb8 e8b4 bf"],
    ["Mon, 21 Oct 2013 20:13:21 GMT", "d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff"],
  ])("codes %s", (text, octets) => {
    expect(encodeHuffman(text)).toEqual(new Uint8Array(hex(octets)));
    expect(decodeHuffman(hex(octets))).toBe(text);
  });

  test.each(["ff", "a8eb10649cbfff", "1f00", "fffffffc"])("refuses %s", (octets) => {
    expect(() => decodeHuffman(hex(octets))).toThrow();
  });
});

describe("HPACK", () => {
  test("the static table has 61 lines", () => {
    expect([STATIC_TABLE.length, staticIndex(":path", "/index.html"), staticIndex("www-authenticate")]).toEqual([
      61, 5, 61,
    ]);
  });

  // RFC 7541 §C.1.
  test.each([
    [10, 5, "0a"],
    [1337, 5, "1f9a0a"],
    [42, 8, "2a"],
  ])("codes the integer %d in %d bits", (value, bits, octets) => {
    expect(Buffer.from(integer(value, bits)).toString("hex")).toBe(octets);
  });

  test("decodes the requests of RFC 7541 §C.4 one after the other", () => {
    const decoder = new HpackDecoder();
    expect(decoder.decode(hex("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff")).at(-1)).toEqual([
      ":authority",
      "www.example.com",
    ]);
    expect(decoder.decode(hex("8286 84be 5886 a8eb 1064 9cbf"))).toEqual([
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/"],
      [":authority", "www.example.com"],
      ["cache-control", "no-cache"],
    ]);
    expect(decoder.decode(hex("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf")).at(-1)).toEqual([
      "custom-key",
      "custom-value",
    ]);
  });

  test("decodes what its own encoder makes", () => {
    const block = Buffer.concat([
      tableSizeUpdate(100),
      literal("x-a", "1", "indexing"),
      literal("x-b", "2", "never", true),
      literal(staticIndex("age"), "3"),
      indexed(62),
    ]);
    expect(new HpackDecoder().decode(block)).toEqual([
      ["x-a", "1"],
      ["x-b", "2"],
      ["age", "3"],
      ["x-a", "1"],
    ]);
  });

  test.each([
    ["index 0", [indexed(0)]],
    ["an index beyond both tables", [indexed(62)]],
    ["a size above the maximum", [tableSizeUpdate(4_097)]],
    ["a size after a field line", [indexed(8), tableSizeUpdate(0)]],
    ["a string that is cut", [stringLiteral("abc").subarray(0, 2)]],
    ["an integer without end", [new Uint8Array(20).fill(0xff)]],
  ])("finds the breach: %s", (_, parts) => {
    expect(() => new HpackDecoder().decode(Buffer.concat(parts))).toThrow();
  });

  test("asks for a table size update after the table has been shrunk", () => {
    const decoder = new HpackDecoder();
    decoder.setMaximum(0);
    expect(() => decoder.decode(indexed(8))).toThrow();
    const other = new HpackDecoder();
    other.setMaximum(0);
    expect(other.decode(Buffer.concat([tableSizeUpdate(0), indexed(8)]))).toEqual([[":status", "200"]]);
  });
});

describe("frame reader", () => {
  const frame = encodeFrame({ type: FrameType.PING, flags: Flag.ACK, stream: 0 }, Buffer.from("12345678"));

  test("reads frames at every split", () => {
    const octets = Buffer.concat([frame, frame]);
    for (let split = 0; split <= octets.length; split++) {
      const reader = new FrameReader();
      const frames = [];
      for (const piece of [octets.subarray(0, split), octets.subarray(split)]) {
        reader.push(piece);
        for (let one = reader.next(); one !== null; one = reader.next())
          frames.push(Buffer.from(one.payload).toString());
      }
      expect(frames).toEqual(["12345678", "12345678"]);
    }
  });

  test.each([
    ["PING of 7 octets", { type: FrameType.PING, flags: 0, stream: 0 }, 7],
    ["PING on a stream", { type: FrameType.PING, flags: 0, stream: 1 }, 8],
    ["DATA on stream 0", { type: FrameType.DATA, flags: 0, stream: 0 }, 1],
    ["SETTINGS of 5 octets", { type: FrameType.SETTINGS, flags: 0, stream: 0 }, 5],
    ["an acknowledgement with a payload", { type: FrameType.SETTINGS, flags: Flag.ACK, stream: 0 }, 6],
    ["WINDOW_UPDATE of 3 octets", { type: FrameType.WINDOW_UPDATE, flags: 0, stream: 0 }, 3],
    ["an unused flag", { type: FrameType.RST_STREAM, flags: 1, stream: 1 }, 4],
    ["the reserved bit", { type: FrameType.DATA, flags: 0, stream: 2 ** 31 + 1 }, 1],
    ["a frame that is too long", { type: FrameType.DATA, flags: 0, stream: 1 }, 16_385],
  ])("finds the breach: %s", (_, head, length) => {
    const reader = new FrameReader();
    reader.push(encodeFrame(head, new Uint8Array(length)));
    expect(() => reader.next()).toThrow();
  });

  test("takes padding and priority away", () => {
    const payload = Uint8Array.of(2, 0, 0, 0, 0, 15, 0x88, 0, 0);
    const flags = Flag.PADDED | Flag.PRIORITY;
    expect([...contentOf({ type: FrameType.HEADERS, flags, stream: 1, payload })]).toEqual([0x88]);
    expect(() =>
      contentOf({ type: FrameType.DATA, flags: Flag.PADDED, stream: 1, payload: Uint8Array.of(5, 0) }),
    ).toThrow();
  });
});

describe("stream record", () => {
  const record = (method = "GET"): StreamRecord => new StreamRecord(1, method, 100, 100);
  const head = (status: string, ...more: [string, string][]): [string, string][] => [[":status", status], ...more];

  test("keeps interim responses apart", () => {
    const stream = record();
    stream.receiveFields(head("103"), false);
    stream.receiveFields(head("200", ["content-length", "2"]), false);
    stream.receiveData(Buffer.from("hi"), true);
    const { status, interim, body } = stream.toReceived();
    expect([status, interim, Buffer.from(body).toString(), stream.isComplete]).toEqual([200, [103], "hi", true]);
  });

  test("finds that content-length and DATA differ", () => {
    const stream = record();
    stream.receiveFields(head("200", ["content-length", "3"]), false);
    expect(() => stream.receiveData(Buffer.from("hi"), true)).toThrow();
    record("HEAD").receiveFields(head("200", ["content-length", "3"]), true);
  });

  test.each([
    ["DATA before HEADERS", (stream: StreamRecord) => stream.receiveData(Buffer.from("x"), false)],
    ["an interim response at the end", (stream: StreamRecord) => stream.receiveFields(head("103"), true)],
    ["101", (stream: StreamRecord) => stream.receiveFields(head("101"), false)],
    ["an upper-case name", (stream: StreamRecord) => stream.receiveFields(head("200", ["Age", "1"]), true)],
  ])("finds the breach: %s", (_, receive) => {
    expect(() => receive(record())).toThrow();
  });

  test("finds frames after the end", () => {
    const stream = record();
    stream.receiveFields(head("204"), true);
    expect(() => stream.receiveData(Buffer.from("x"), true)).toThrow();
    expect(() => stream.receiveFields(head("200"), true)).toThrow();
  });
});

describe("fields of a response", () => {
  test.each([
    [
      [
        [":status", "200"],
        ["age", "1"],
      ],
      false,
    ],
    [[["x-trailer", "1"]], true],
  ] as const)("accepts %j", (lines, isTrailer) => {
    expect(findFieldBreach(lines, isTrailer)).toBeNull();
  });

  test.each([
    [[["age", "1"]], false],
    [
      [
        [":status", "200"],
        [":status", "200"],
      ],
      false,
    ],
    [
      [
        ["age", "1"],
        [":status", "200"],
      ],
      false,
    ],
    [
      [
        [":status", "200"],
        ["connection", "close"],
      ],
      false,
    ],
    [
      [
        [":status", "200"],
        ["x", "a\nb"],
      ],
      false,
    ],
    [
      [
        [":status", "200"],
        ["x", " a"],
      ],
      false,
    ],
    [
      [
        [":status", "200"],
        [":path", "/"],
      ],
      false,
    ],
    [[[":status", "99"]], false],
    [[[":status", "200"]], true],
  ] as const)("finds the breach in %j", (lines, isTrailer) => {
    expect(findFieldBreach(lines, isTrailer)).not.toBeNull();
  });
});
