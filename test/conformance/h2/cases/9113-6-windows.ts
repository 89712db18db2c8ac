/** RFC 9113 §5.2, §6.9: the windows of responses. That DATA never goes beyond one is watched in every row. */
import { getOn, headers, request, reset, settings, windowUpdate } from "../frames.ts";
import { Setting, WINDOW_MAX } from "../protocol.ts";
import {} from "../../row.ts";
import { answersAll, answersOn, type H2Row, type H2SectionGroup, type Opening, serves } from "../row.ts";

const FILE = "/alphabet.txt";
const whole = { status: 200, body: { file: FILE } } as const;

/** So much of 65 535 octets of credit that a server has used up what it means to use. */
const FULL = 60_000;

/** Windows of streams that the client opens at; credit is given by steps alone. */
const windowOf = (octets: number): Opening => ({
  settings: [[Setting.INITIAL_WINDOW_SIZE, octets]],
  windows: "manual",
});

const row = (
  name: string,
  section: string,
  opening: Opening | undefined,
  send: H2Row["send"],
  expect: H2Row["expect"],
): H2Row => ({
  name,
  section,
  level: "must",
  ...(opening ? { opening } : {}),
  send,
  expect,
});

/** A window of this size for every stream, with credit as content comes. */
const exact = (file: string, octets: number): H2Row =>
  row(
    `sends ${file} octet for octet through windows of ${octets} octets`,
    "RFC 9113 §6.9.2",
    { settings: [[Setting.INITIAL_WINDOW_SIZE, octets]] },
    [getOn(1, file)],
    serves(file),
  );

export const WINDOW_ROWS: H2SectionGroup = {
  title: "RFC 9113 §5.2, §6.9 windows",
  rows: [
    exact(FILE, 1),
    exact("/page.html", 100),
    exact("/noise.bin", 1_000),
    exact("/noise.bin", 16_383),
    exact("/noise.bin", 16_384),
    exact("/noise.bin", 16_385),
    exact("/noise.bin", 65_535),
    exact("/large.bin", 65_535),
    exact("/large.bin", 100_001),
    exact("/large.bin", 1_048_576),
    exact("/large.bin", WINDOW_MAX),
    row(
      "sends HEADERS without credit, and no DATA",
      "RFC 9113 §6.9",
      windowOf(0),
      [getOn(1, FILE), { awaitHead: 1 }, { heldAt: 1, octets: 0 }, windowUpdate(1, 26)],
      serves(FILE),
    ),
    row(
      "sends as many octets as a stream's window has",
      "RFC 9113 §6.9.1",
      windowOf(5),
      [
        getOn(1, FILE),
        { awaitContent: 1, octets: 5 },
        { heldAt: 1, octets: 5 },
        windowUpdate(1, 1),
        { awaitContent: 1, octets: 6 },
        { heldAt: 1, octets: 6 },
        windowUpdate(1, 100),
      ],
      serves(FILE),
    ),
    row(
      "goes on by credit of single octets",
      "RFC 9113 §6.9.1",
      windowOf(0),
      [getOn(1, FILE), ...Array.from({ length: 26 }, () => windowUpdate(1, 1))],
      serves(FILE),
    ),
    row(
      "goes on by credit of single octets, one after the other",
      "RFC 9113 §6.9.1",
      windowOf(0),
      [
        getOn(1, FILE),
        ...Array.from(
          { length: 26 },
          (_, index) => [windowUpdate(1, 1), { awaitContent: 1, octets: index + 1 }] as const,
        ).flat(),
      ],
      serves(FILE),
    ),
    row(
      "ends a response that the window fits exactly",
      "RFC 9113 §6.9.1",
      windowOf(26),
      [getOn(1, FILE)],
      serves(FILE),
    ),
    row(
      "ends a response without content whatever the window",
      "RFC 9113 §6.9.1",
      windowOf(0),
      [getOn(1, "/empty.txt")],
      serves("/empty.txt"),
    ),
    row(
      "answers HEAD whatever the window",
      "RFC 9113 §6.9",
      windowOf(0),
      [headers(1, request("HEAD", FILE))],
      answersOn(1, { status: 200, body: { text: "" } }),
    ),
    row(
      "sends no more than the connection's window has",
      "RFC 9113 §6.9.1",
      windowOf(1_000_000),
      [
        getOn(1, "/noise.bin"),
        { awaitContent: 1, octets: FULL },
        { heldAt: 1, octets: 65_535 },
        windowUpdate(0, 1),
        { roundTrip: true },
        { heldAt: 1, octets: 65_536 },
        windowUpdate(0, 300_000),
      ],
      serves("/noise.bin"),
    ),
    row(
      "does not take a stream's credit for the connection's",
      "RFC 9113 §6.9.1",
      windowOf(1_000_000),
      [
        getOn(1, "/noise.bin"),
        { awaitContent: 1, octets: FULL },
        windowUpdate(1, 300_000),
        { heldAt: 1, octets: 65_535 },
        windowUpdate(0, 300_000),
      ],
      serves("/noise.bin"),
    ),
    row(
      "does not take the connection's credit for a stream's",
      "RFC 9113 §6.9.1",
      windowOf(10),
      [
        windowUpdate(0, 100_000),
        getOn(1, FILE),
        { awaitContent: 1, octets: 10 },
        { heldAt: 1, octets: 10 },
        windowUpdate(1, 16),
      ],
      serves(FILE),
    ),
    row(
      "shares the connection's window among streams",
      "RFC 9113 §6.9.1",
      windowOf(1_000_000),
      [getOn(1, "/noise.bin"), getOn(3, "/noise.bin"), { roundTrip: true }, windowUpdate(0, 600_000)],
      answersAll({
        1: { status: 200, body: { file: "/noise.bin" } },
        3: { status: 200, body: { file: "/noise.bin" } },
      }),
    ),
    row(
      "answers other streams while one is blocked by its window",
      "RFC 9113 §5.2.1",
      windowOf(10),
      [
        getOn(1, "/page.html"),
        { awaitContent: 1, octets: 10 },
        getOn(3, FILE),
        windowUpdate(3, 16),
        { awaitEnd: 3 },
        windowUpdate(1, 60_000),
      ],
      answersAll({ 1: { status: 200 }, 3: whole }),
    ),
    row(
      "gives credit that comes before the response is ready",
      "RFC 9113 §6.9",
      windowOf(0),
      [{ inSegments: [getOn(1, FILE), windowUpdate(1, 26)], octets: 10_000 }],
      serves(FILE),
    ),
    row(
      "uses 65 535 octets where no setting says otherwise",
      "RFC 9113 §6.9.2",
      { windows: "manual" },
      [
        windowUpdate(0, 1_000_000),
        getOn(1, "/noise.bin"),
        { awaitContent: 1, octets: FULL },
        { heldAt: 1, octets: 65_535 },
        windowUpdate(1, 300_000),
      ],
      serves("/noise.bin"),
    ),
    row(
      "widens the windows of streams that are there by SETTINGS",
      "RFC 9113 §6.9.2",
      windowOf(0),
      [
        getOn(1, FILE),
        { awaitHead: 1 },
        settings([Setting.INITIAL_WINDOW_SIZE, 5]),
        { awaitContent: 1, octets: 5 },
        { heldAt: 1, octets: 5 },
        settings([Setting.INITIAL_WINDOW_SIZE, 26]),
      ],
      serves(FILE),
    ),
    row(
      "narrows the windows of streams that are there by SETTINGS, below zero",
      "RFC 9113 §6.9.2",
      windowOf(100),
      [
        getOn(1, "/page.html"),
        { awaitContent: 1, octets: 100 },
        settings([Setting.INITIAL_WINDOW_SIZE, 40]),
        windowUpdate(1, 60),
        { heldAt: 1, octets: 100 },
        windowUpdate(1, 1),
        { awaitContent: 1, octets: 101 },
        { heldAt: 1, octets: 101 },
        windowUpdate(1, 60_000),
      ],
      answersOn(1, { status: 200, body: { file: "/page.html" } }),
    ),
    row(
      "leaves a window below zero by further SETTINGS",
      "RFC 9113 §6.9.2",
      windowOf(20),
      [
        getOn(1, FILE),
        { awaitContent: 1, octets: 20 },
        settings([Setting.INITIAL_WINDOW_SIZE, 0]),
        { heldAt: 1, octets: 20 },
        settings([Setting.INITIAL_WINDOW_SIZE, 26]),
      ],
      serves(FILE),
    ),
    row(
      "applies the last of several values of a setting",
      "RFC 9113 §6.5.3",
      windowOf(0),
      [
        getOn(1, FILE),
        { awaitHead: 1 },
        settings([Setting.INITIAL_WINDOW_SIZE, 26], [Setting.INITIAL_WINDOW_SIZE, 3]),
        { awaitContent: 1, octets: 3 },
        { heldAt: 1, octets: 3 },
        windowUpdate(1, 23),
      ],
      serves(FILE),
    ),
    row(
      "does not change the connection's window by SETTINGS",
      "RFC 9113 §6.9.2",
      windowOf(65_535),
      [
        getOn(1, "/noise.bin"),
        { awaitContent: 1, octets: FULL },
        settings([Setting.INITIAL_WINDOW_SIZE, 1_000_000]),
        { heldAt: 1, octets: 65_535 },
        windowUpdate(0, 300_000),
      ],
      serves("/noise.bin"),
    ),
    row(
      "ignores the reserved bit of an increment",
      "RFC 9113 §6.9",
      windowOf(0),
      [getOn(1, FILE), windowUpdate(1, 2 ** 31 + 26)],
      serves(FILE),
    ),
    row(
      "sends nothing more on a stream that the client resets",
      "RFC 9113 §6.4",
      windowOf(1_000_000),
      [
        getOn(1, "/noise.bin"),
        { awaitContent: 1, octets: FULL },
        reset(1),
        windowUpdate(0, 300_000),
        { nothingUnwanted: true },
      ],
      { then: "open" },
    ),
    row(
      "allows the connection's window to reach 2³¹-1",
      "RFC 9113 §6.9.1",
      undefined,
      [windowUpdate(0, WINDOW_MAX - 65_535), getOn(1, FILE)],
      serves(FILE),
    ),
    row(
      "allows a stream's window to reach 2³¹-1",
      "RFC 9113 §6.9.1",
      windowOf(65_535),
      [
        getOn(1, "/noise.bin"),
        { awaitContent: 1, octets: FULL },
        windowUpdate(1, WINDOW_MAX - 65_535),
        windowUpdate(0, 300_000),
      ],
      serves("/noise.bin"),
    ),
  ],
};
