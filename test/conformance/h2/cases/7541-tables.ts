/** RFC 7541 §2 to §4, §6.3: tables, eviction, table size updates; the encoder of the server. */
import { frame, getOn, headers } from "../frames.ts";
import { indexed, literal, tableSizeUpdate } from "../hpack/encoder.ts";
import {} from "../hpack/static-table.ts";
import { DEFAULT_TABLE_SIZE, FrameType, Setting } from "../protocol.ts";
import {
  answersAll,
  answersOn,
  connectionError,
  type H2Row,
  type H2SectionGroup,
  isConnectionError,
  type PayloadPart,
  serves,
} from "../row.ts";
import { BLOCK, BUT_PATH, FILE, fill, nameOf, NEWEST, OTHER, other, PATH, pathSize, whole } from "./hpack-requests.ts";

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

export const TABLE_ROWS: H2SectionGroup = {
  title: "RFC 7541 §2 to §4 HPACK tables",
  rows: [
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
