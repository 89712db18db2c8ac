/** RFC 7541: header compression. */
import { continuation, frame, get, getOn, headers, octets } from "../frames.ts";
import { huffmanOctets, indexed, integer, literal, stringLiteral, tableSizeUpdate } from "../hpack/encoder.ts";
import { bitsToOctets, CODES, encodeHuffman, EOS } from "../hpack/huffman.ts";
import { staticIndex } from "../hpack/static-table.ts";
import { DEFAULT_TABLE_SIZE, Flag, FrameType, Setting } from "../protocol.ts";
import {
  answersAll,
  answersOn,
  connectionError,
  type H2Row,
  type H2SectionGroup,
  isConnectionError,
  type Opening,
  type PayloadPart,
  serves,
} from "../row.ts";

const FILE = "/alphabet.txt";
const OTHER = "/dir/file.txt";
const whole = { status: 200, body: { file: FILE } } as const;
const other = { status: 200, body: { file: OTHER } } as const;

const BLOCK = get(FILE);
/** All pseudo-header fields but :path, which the rows give in ways of their own. */
const BUT_PATH: readonly PayloadPart[] = BLOCK.slice(0, 3);
const PATH = staticIndex(":path");
const GET = indexed(staticIndex(":method", "GET"));
/** The first index of the dynamic table: its newest line. */
const NEWEST = 62;
const nameOf = (name: string): Uint8Array => stringLiteral(name);

const decodes = (name: string, section: string, ...send: H2Row["send"]): H2Row => ({
  name: `decodes ${name}`,
  section,
  level: "must",
  send,
  expect: serves(FILE),
});

/** A request of those parts beside the pseudo-header fields. */
const decodesBlock = (name: string, section: string, ...parts: PayloadPart[]): H2Row =>
  decodes(name, section, headers(1, parts));

const decodesBoth = (
  name: string,
  section: string,
  first: readonly PayloadPart[],
  second: readonly PayloadPart[],
  ...between: H2Row["send"]
): H2Row => ({
  name: `decodes ${name}`,
  section,
  level: "must",
  send: [headers(1, first), { awaitEnd: 1 }, ...between, headers(3, second)],
  expect: answersAll({ 1: whole, 3: other }),
});

const wrong = (
  what: string,
  section: string,
  parts: readonly PayloadPart[],
  before: H2Row["send"] = [],
  opening?: Opening,
): H2Row[] =>
  isConnectionError(
    {
      what,
      section,
      send: [...before, headers(before.length > 0 ? 3 : 1, [...BLOCK, ...parts])],
      ...(opening ? { opening } : {}),
    },
    "COMPRESSION_ERROR",
  );

/** An encoder must not do this; nothing says what a decoder must do then. */
const misplacedUpdate = (where: string, ...parts: PayloadPart[]): H2Row[] =>
  isConnectionError(
    {
      what: `a table size update ${where}`,
      section: "RFC 7541 §4.2",
      level: "choice",
      send: [headers(1, [...BLOCK, ...parts])],
    },
    "COMPRESSION_ERROR",
  );

/** A literal whose integer or string is cut short by the end of the block. */
const truncated = (what: string, part: Uint8Array): H2Row[] =>
  wrong(`a field block that ends within ${what}`, "RFC 7541 §5", [part]);

const fill = (octetCount: number): Uint8Array => literal(nameOf("x-fill"), "x".repeat(octetCount - 32 - 6), "indexing");

export const HPACK_ROWS: H2SectionGroup = {
  title: "RFC 7541 HPACK",
  rows: [
    decodesBlock(
      "indexed field lines of the static table",
      "RFC 7541 §6.1",
      GET,
      [":scheme", "{scheme}"],
      [":authority", "{host}"],
      literal(PATH, FILE),
    ),
    decodesBlock(
      "a literal with incremental indexing",
      "RFC 7541 §6.2.1",
      ...BUT_PATH,
      literal(PATH, FILE, "indexing"),
    ),
    decodesBlock("a literal without indexing", "RFC 7541 §6.2.2", ...BUT_PATH, literal(PATH, FILE, "plain")),
    decodesBlock("a literal never indexed", "RFC 7541 §6.2.3", ...BUT_PATH, literal(PATH, FILE, "never")),
    decodesBlock(
      "a literal with incremental indexing and a new name",
      "RFC 7541 §6.2.1",
      ...BUT_PATH,
      literal(nameOf(":path"), FILE, "indexing"),
    ),
    decodesBlock(
      "a literal without indexing and with a new name",
      "RFC 7541 §6.2.2",
      ...BUT_PATH,
      literal(nameOf(":path"), FILE, "plain"),
    ),
    decodesBlock(
      "a literal never indexed with a new name",
      "RFC 7541 §6.2.3",
      ...BUT_PATH,
      literal(nameOf(":path"), FILE, "never"),
    ),
    decodesBlock("a Huffman-coded value", "RFC 7541 §5.2", ...BUT_PATH, literal(PATH, FILE, "plain", true)),
    decodesBlock(
      "a Huffman-coded name and value",
      "RFC 7541 §5.2",
      ...BUT_PATH,
      literal(stringLiteral(":path", true), FILE, "indexing", true),
    ),
    decodesBlock(
      "a Huffman-coded empty value",
      "RFC 7541 §5.2",
      ...BLOCK,
      literal(nameOf("x-test"), huffmanOctets(new Uint8Array(0))),
    ),
    decodesBlock(
      "every printable character in Huffman code",
      "RFC 7541 §5.2",
      ...BLOCK,
      literal(
        nameOf("x-test"),
        Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join(""),
        "plain",
        true,
      ),
    ),
    decodesBlock(
      "obs-text in Huffman code",
      "RFC 7541 §5.2",
      ...BLOCK,
      literal(
        nameOf("x-test"),
        Array.from({ length: 128 }, (_, index) => String.fromCharCode(0x80 + index)).join(""),
        "indexing",
        true,
      ),
    ),
    decodesBlock(
      "a value longer than seven bits can say",
      "RFC 7541 §5.1",
      ...BLOCK,
      literal(nameOf("x-test"), "x".repeat(1_000)),
    ),
    decodesBlock(
      "a name of the static table whose index needs a second octet",
      "RFC 7541 §5.1",
      ...BLOCK,
      literal(staticIndex("user-agent"), "test", "plain"),
    ),
    decodesBlock(
      "every field of the static table that may be in a request",
      "RFC 7541 §A",
      ...BLOCK,
      ...[
        "accept-charset",
        "accept-language",
        "accept",
        "authorization",
        "cookie",
        "from",
        "max-forwards",
        "referer",
        "user-agent",
        "via",
      ].map((name) => literal(staticIndex(name), "1")),
    ),
    decodesBlock(
      "a name of one table and a value in Huffman code, never indexed",
      "RFC 7541 §6.2.3",
      ...BUT_PATH,
      literal(PATH, FILE, "never", true),
    ),
    decodesBoth(
      "a field line of the dynamic table",
      "RFC 7541 §2.3.2",
      [...BLOCK, literal(nameOf("x-test"), "1", "indexing")],
      [...BUT_PATH, literal(PATH, OTHER), indexed(NEWEST)],
    ),
    decodesBoth(
      "an index that a new line has moved",
      "RFC 7541 §2.3.2",
      [...BLOCK, literal(nameOf("x-fill"), "1", "indexing")],
      [...BUT_PATH, literal(PATH, OTHER, "indexing"), indexed(NEWEST + 1)],
    ),
    {
      name: "decodes a dynamic table of several lines, newest first",
      section: "RFC 7541 §2.3.2",
      level: "must",
      send: [
        headers(1, [...BUT_PATH, literal(PATH, OTHER, "indexing")]),
        headers(3, [...BUT_PATH, literal(PATH, FILE, "indexing")]),
        headers(5, [...BUT_PATH, indexed(NEWEST)]),
        headers(7, [...BUT_PATH, indexed(NEWEST + 1)]),
      ],
      expect: answersAll({ 1: other, 3: whole, 5: whole, 7: other }),
    },
    {
      name: "decodes a line that the same field block has inserted",
      section: "RFC 7541 §3.2",
      level: "must",
      send: [headers(1, [...BLOCK, literal(nameOf("x-test"), "1", "indexing"), indexed(NEWEST), indexed(NEWEST)])],
      expect: serves(FILE),
    },
    {
      name: "decodes a name of the dynamic table",
      section: "RFC 7541 §6.2",
      level: "must",
      send: [
        headers(1, [...BUT_PATH, literal(PATH, OTHER, "indexing")]),
        headers(3, [...BUT_PATH, literal(NEWEST, FILE, "plain")]),
      ],
      expect: answersAll({ 1: other, 3: whole }),
    },
    {
      name: "inserts equal lines anew",
      section: "RFC 7541 §2.3.2",
      level: "must",
      send: [
        headers(1, [...BUT_PATH, literal(PATH, FILE, "indexing")]),
        headers(3, [...BUT_PATH, literal(PATH, FILE, "indexing")]),
        headers(5, [...BUT_PATH, indexed(NEWEST + 1)]),
      ],
      expect: answersAll({ 1: whole, 3: whole, 5: whole }),
    },
    {
      name: "does not insert literals without indexing",
      section: "RFC 7541 §6.2.2",
      level: "must",
      send: [
        headers(1, [...BUT_PATH, literal(PATH, FILE, "indexing")]),
        headers(3, [...BUT_PATH, literal(PATH, OTHER, "plain")]),
        headers(5, [...BUT_PATH, literal(PATH, OTHER, "never")]),
        headers(7, [...BUT_PATH, indexed(NEWEST)]),
      ],
      expect: answersAll({ 1: whole, 3: other, 5: other, 7: whole }),
    },
    {
      name: "evicts the oldest lines where a new one needs room, and no more",
      section: "RFC 7541 §4.4",
      level: "must",
      send: [
        headers(1, [...BUT_PATH, literal(PATH, OTHER, "indexing")]),
        headers(3, [
          ...BUT_PATH,
          literal(PATH, FILE, "indexing"),
          fill(DEFAULT_TABLE_SIZE - pathSize(FILE) - pathSize(OTHER)),
        ]),
        headers(5, [...BUT_PATH, indexed(NEWEST + 2)]),
        headers(7, [...BLOCK, literal(nameOf("x"), "", "indexing")]),
        headers(9, [...BUT_PATH, indexed(NEWEST + 2)]),
      ],
      expect: answersAll({ 1: other, 3: whole, 5: other, 7: whole, 9: whole }),
    },
    ...isConnectionError(
      {
        what: "an index of a line that has been evicted",
        section: "RFC 7541 §4.4",
        send: [
          headers(1, [...BUT_PATH, literal(PATH, OTHER, "indexing"), fill(DEFAULT_TABLE_SIZE - pathSize(OTHER) + 1)]),
          headers(3, [...BUT_PATH, indexed(NEWEST + 1)]),
        ],
      },
      "COMPRESSION_ERROR",
    ),
    {
      name: "takes a line of exactly the table's size",
      section: "RFC 7541 §4.4",
      level: "must",
      send: [headers(1, [...BLOCK, fill(DEFAULT_TABLE_SIZE)]), headers(3, [...BLOCK, indexed(NEWEST)])],
      expect: answersAll({ 1: whole, 3: whole }),
    },
    {
      name: "empties its table for a line that is larger than all of it",
      section: "RFC 7541 §4.4",
      level: "must",
      send: [headers(1, [...BUT_PATH, literal(PATH, FILE, "indexing"), fill(DEFAULT_TABLE_SIZE + 1)])],
      expect: serves(FILE),
    },
    ...isConnectionError(
      {
        what: "an index of a line that was larger than the table",
        section: "RFC 7541 §4.4",
        send: [headers(1, [...BLOCK, fill(DEFAULT_TABLE_SIZE + 1)]), headers(3, [...BLOCK, indexed(NEWEST)])],
      },
      "COMPRESSION_ERROR",
    ),
    {
      name: "lets a new line refer to the name of one that it evicts",
      section: "RFC 7541 §4.4",
      level: "must",
      send: [
        headers(1, [...BUT_PATH, literal(PATH, OTHER, "indexing"), fill(DEFAULT_TABLE_SIZE - pathSize(OTHER))]),
        headers(3, [...BUT_PATH, literal(NEWEST + 1, FILE, "indexing")]),
        headers(5, [...BUT_PATH, indexed(NEWEST)]),
      ],
      expect: answersAll({ 1: other, 3: whole, 5: whole }),
    },
    decodesBlock("a table size update at the beginning", "RFC 7541 §6.3", tableSizeUpdate(100), ...BLOCK),
    decodesBlock("a table size update to the maximum", "RFC 7541 §6.3", tableSizeUpdate(DEFAULT_TABLE_SIZE), ...BLOCK),
    decodesBlock(
      "two table size updates at the beginning",
      "RFC 7541 §4.2",
      tableSizeUpdate(0),
      tableSizeUpdate(DEFAULT_TABLE_SIZE),
      ...BLOCK,
    ),
    ...isConnectionError(
      {
        what: "an index of a line that a table size update has evicted",
        section: "RFC 7541 §4.3",
        send: [
          headers(1, [...BUT_PATH, literal(PATH, FILE, "indexing")]),
          headers(3, [tableSizeUpdate(0), tableSizeUpdate(DEFAULT_TABLE_SIZE), ...BUT_PATH, indexed(NEWEST)]),
        ],
      },
      "COMPRESSION_ERROR",
    ),
    {
      name: "keeps what fits when a table size update shrinks its table",
      section: "RFC 7541 §4.3",
      level: "must",
      send: [
        headers(1, [...BUT_PATH, literal(PATH, OTHER, "indexing")]),
        headers(3, [...BUT_PATH, literal(PATH, FILE, "indexing")]),
        headers(5, [tableSizeUpdate(pathSize(FILE)), ...BUT_PATH, indexed(NEWEST)]),
      ],
      expect: answersAll({ 1: other, 3: whole, 5: whole }),
    },
    ...isConnectionError(
      {
        what: "a table size update above SETTINGS_HEADER_TABLE_SIZE",
        section: "RFC 7541 §6.3",
        send: [headers(1, [tableSizeUpdate(1_000_000), ...BLOCK])],
      },
      "COMPRESSION_ERROR",
    ),
    ...misplacedUpdate("within a field block", tableSizeUpdate(100), ["x-test", "1"]),
    ...misplacedUpdate("at the end of a field block", tableSizeUpdate(100)),
    ...wrong("index 0", "RFC 7541 §6.1", [indexed(0)]),
    ...wrong("an index beyond the static table while the dynamic one is empty", "RFC 7541 §2.3.3", [indexed(NEWEST)]),
    ...wrong("an index beyond both tables", "RFC 7541 §2.3.3", [
      literal(nameOf("x-test"), "1", "indexing"),
      indexed(NEWEST + 1),
    ]),
    ...wrong("an index of five octets beyond both tables", "RFC 7541 §2.3.3", [indexed(0x0fff_ffff)]),
    ...wrong("a name beyond both tables", "RFC 7541 §2.3.3", [literal(70, "1")]),
    ...wrong("a name to be indexed beyond both tables", "RFC 7541 §2.3.3", [literal(70, "1", "indexing")]),
    ...wrong("an integer beyond any table", "RFC 7541 §5.1", [
      Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
    ]),
    ...wrong("an integer of 2³² and some", "RFC 7541 §5.1", [Uint8Array.of(0xff, 0x83, 0xff, 0xff, 0xff, 0x1f)]),
    ...wrong("an integer without end", "RFC 7541 §5.1", [new Uint8Array(200).fill(0xff)]),
    ...wrong("a string length of 2³²", "RFC 7541 §5.2", [Uint8Array.of(0x00, 0x7f, 0x81, 0xff, 0xff, 0xff, 0x0f)]),
    {
      name: "decodes an integer of more octets than it needs, or treats it as a decoding error",
      section: "RFC 7541 §5.1",
      level: "must",
      send: [headers(1, [...BLOCK, integer(staticIndex("user-agent"), 4, 0x00, 3), stringLiteral("test")])],
      expect: [serves(FILE), connectionError("COMPRESSION_ERROR")],
    },
    ...truncated("an index", Uint8Array.of(0xff)),
    ...truncated("an integer", Uint8Array.of(0xff, 0x80)),
    ...truncated("a literal's name index", Uint8Array.of(0x0f)),
    ...truncated("a name's length", Uint8Array.of(0x00)),
    ...truncated("a name", Uint8Array.of(0x00, 0x05, 0x78, 0x2d)),
    ...truncated("a value's length", Uint8Array.of(0x00, 0x01, 0x78)),
    ...truncated("a value", Uint8Array.of(0x00, 0x01, 0x78, 0x04, 0x31)),
    ...truncated("a Huffman-coded value", Uint8Array.of(0x00, 0x01, 0x78, 0x84, 0xff)),
    ...truncated("a table size update", Uint8Array.of(0x3f)),
    ...wrong("Huffman padding of more than seven bits", "RFC 7541 §5.2", [
      literal(nameOf("x-test"), huffmanOctets(Buffer.concat([encodeHuffman("test"), Uint8Array.of(0xff)]))),
    ]),
    ...wrong("Huffman padding of eight bits and nothing else", "RFC 7541 §5.2", [
      literal(nameOf("x-test"), huffmanOctets(Uint8Array.of(0xff))),
    ]),
    ...wrong("Huffman padding of zeros", "RFC 7541 §5.2", [
      literal(nameOf("x-test"), huffmanOctets(bitsToOctets(`${CODES.get(0x61)!}000`))),
    ]),
    ...wrong("Huffman padding that isn't all ones", "RFC 7541 §5.2", [
      literal(nameOf("x-test"), huffmanOctets(bitsToOctets(`${CODES.get(0x61)!}110`))),
    ]),
    ...wrong("EOS in a Huffman-coded value", "RFC 7541 §5.2", [
      literal(nameOf("x-test"), huffmanOctets(bitsToOctets(`${CODES.get(EOS)!}11`))),
    ]),
    ...wrong("EOS within a Huffman-coded value", "RFC 7541 §5.2", [
      literal(
        nameOf("x-test"),
        huffmanOctets(bitsToOctets(padded(`${CODES.get(0x61)!}${CODES.get(EOS)!}${CODES.get(0x61)!}`))),
      ),
    ]),
    ...wrong("Huffman padding of zeros in a name", "RFC 7541 §5.2", [
      literal(huffmanOctets(bitsToOctets(`${CODES.get(0x61)!}000`)), "1", "indexing"),
    ]),
    ...isConnectionError(
      {
        what: "a decoding error in trailers",
        section: "RFC 9113 §4.3",
        send: [headers(1, BLOCK, { end: false }), headers(1, [indexed(0)])],
      },
      "COMPRESSION_ERROR",
    ),
    ...isConnectionError(
      {
        what: "a decoding error in CONTINUATION",
        section: "RFC 9113 §4.3",
        send: [headers(1, BLOCK, { endHeaders: false }), continuation(1, [indexed(0)])],
      },
      "COMPRESSION_ERROR",
    ),
    ...isConnectionError(
      {
        what: "a decoding error in a request that is malformed, too",
        section: "RFC 9113 §4.3",
        send: [headers(1, [["X-Upper", "1"], ...BLOCK, indexed(0)])],
      },
      "COMPRESSION_ERROR",
    ),
    ...isConnectionError(
      {
        what: "octets that are no field block",
        section: "RFC 9113 §4.3",
        send: [
          frame(FrameType.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, 1, octets("GET / HTTP/1.1\r\nhost: a\r\n\r\n")),
        ],
      },
      "COMPRESSION_ERROR",
    ),
    {
      name: "shrinks its encoder's table to nothing when SETTINGS say so",
      section: "RFC 7541 §4.2",
      level: "must",
      opening: { settings: [[Setting.HEADER_TABLE_SIZE, 0]] },
      send: [getOn(1, FILE), { awaitEnd: 1 }, getOn(3, FILE)],
      expect: answersAll({ 1: whole, 3: whole }),
    },
    {
      name: "shrinks its encoder's table when SETTINGS change between two responses",
      section: "RFC 9113 §4.3.1",
      level: "must",
      send: [
        getOn(1, FILE),
        { awaitEnd: 1 },
        frame(FrameType.SETTINGS, 0, 0, Uint8Array.of(0, 1, 0, 0, 0, 64)),
        getOn(3, FILE),
        { awaitEnd: 3 },
        getOn(5, FILE),
      ],
      expect: answersAll({ 1: whole, 3: whole, 5: whole }),
    },
    {
      name: "encodes responses that a table of 4 096 octets decodes, many times over",
      section: "RFC 7541 §2.3.2",
      level: "must",
      send: Array.from(
        { length: 60 },
        (_, index) =>
          [getOn(index * 2 + 1, index % 2 === 0 ? FILE : "/nothing-here"), { awaitEnd: index * 2 + 1 }] as const,
      ).flat(),
      expect: answersAll(
        Object.fromEntries(
          Array.from({ length: 60 }, (_, index) => [index * 2 + 1, { status: index % 2 === 0 ? 200 : 404 }]),
        ),
      ),
    },
    {
      name: "bounds what few octets grow to",
      section: "RFC 7541 §7.3",
      level: "choice",
      send: [headers(1, [...BLOCK, fill(4_000), ...Array.from({ length: 8_000 }, () => indexed(NEWEST))])],
      expect: [
        answersOn(1, { status: 431 }),
        connectionError("ENHANCE_YOUR_CALM"),
        { resets: { 1: ["ENHANCE_YOUR_CALM", "PROTOCOL_ERROR", "REFUSED_STREAM"] }, then: "open" },
      ],
    },
  ],
};

/** What `:path` with this value counts for in the table (RFC 7541 §4.1). */
function pathSize(path: string): number {
  return ":path".length + path.length + 32;
}

function padded(bits: string): string {
  return bits + "1".repeat((8 - (bits.length % 8)) % 8);
}
