/**
 * What a row about HTTP/2 is: frames to send and what may come of it, as data.
 *
 * Like `../row.ts` for HTTP/1.1: a row names no server and touches no socket. `frames.ts` makes the frames,
 * `play-row.ts` plays, `judge.ts` compares, `client.ts` watches in every row that the server itself keeps to the RFC.
 *
 * Before the steps of a row, client and server have exchanged and acknowledged their SETTINGS (`opening`). Field lines may
 * hold the placeholders of `../octet-text.ts`.
 */
import type { Level, ResponseExpectation, RowTitle, SectionGroup, Capability } from "../row.ts";
import type { LiteralForm } from "./hpack/encoder.ts";
import { ERROR_NAMES, type ErrorName } from "./protocol.ts";

/** A field line as a literal, without indexing unless another form is named. */
export type FieldLineStep = readonly [name: string, value: string, form?: LiteralForm, huffman?: boolean];

/** What payloads are put together from: octets, and field lines whose placeholders are filled in when the row is played. */
export type PayloadPart = Uint8Array | FieldLineStep;

export interface FrameStep {
  readonly type: number;
  readonly flags: number;
  /** Above 2³¹ with the reserved bit set. */
  readonly stream: number;
  readonly payload: readonly PayloadPart[];
  /** A length other than the payload's. */
  readonly length?: number;
}

/** A field block cut into HEADERS and CONTINUATION frames of so many octets each. */
export interface FragmentsStep {
  readonly fragmentsOf: readonly PayloadPart[];
  readonly stream: number;
  readonly endsStream: boolean;
  readonly octets: number;
}

export type Step =
  | FrameStep
  | FragmentsStep
  /** Octets as they are. */
  | string
  /** The octets of frames or texts in TCP segments of so many octets each. */
  | { readonly inSegments: readonly (FrameStep | string)[]; readonly octets: number }
  /** Content on an open stream, as fast as the server's windows allow; ends the stream. Each frame may have padding. */
  | { readonly contentOn: number; readonly octets: number; readonly padding?: number }
  /** DATA of one octet more than the server's windows allow, at once. */
  | { readonly overrun: number }
  /** As many blocked requests as the server allows, and one more, which it must refuse; then all of them are reset. */
  | { readonly exceedStreams: string }
  /** Wait for a final response's header section, for so much content, for the end or the reset of a stream. */
  | { readonly awaitHead: number }
  | { readonly awaitInterim: number }
  | { readonly awaitContent: number; readonly octets: number }
  | { readonly awaitEnd: number }
  /** PING and its acknowledgement: what was sent before has been read. */
  | { readonly roundTrip: true }
  /** As `roundTrip`; nothing has come on streams that the client had reset. */
  | { readonly nothingUnwanted: true }
  /** As `roundTrip`; no more content than this has come on the stream. */
  | { readonly heldAt: number; readonly octets: number }
  /** The client acknowledges the server's SETTINGS, as it does at once unless `opening` is "none". */
  | { readonly acknowledge: true }
  /** Shut down the sending side. */
  | { readonly halfClose: true };

export interface FramePattern {
  readonly type: number;
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: string;
}

/**
 * What becomes of the connection.
 * open:   a further request on it is answered.
 * closed: the server closes it without being asked.
 */
export type Aftermath = "open" | "closed";

export interface H2Expectation {
  /** Complete responses by stream. Streams that are neither here nor in `resets` get no complete response. */
  readonly responses?: Readonly<Record<number, ResponseExpectation>>;
  /** Streams that are reset with one of these codes; a 4xx response may come before it (RFC 9113 §8.1.1). */
  readonly resets?: Readonly<Record<number, readonly ErrorName[]>>;
  /** The status of a response that may be cut off by the reset of its stream. */
  readonly beforeReset?: number;
  /** The codes that a GOAWAY may bear. */
  readonly goaway?: readonly ErrorName[];
  /** A GOAWAY must come. */
  readonly isAnnounced?: boolean;
  /** The last stream identifier of the GOAWAY. */
  readonly lastStream?: number;
  /** Frames that come after the opening, in any order. */
  readonly frames?: readonly FramePattern[];
  /** These streams end one after the other. */
  readonly endInOrder?: readonly number[];
  /** Neither of these streams gets all its content before the other gets any. */
  readonly interleave?: readonly [number, number];
  readonly then: Aftermath;
}

export interface Opening {
  readonly settings?: readonly (readonly [setting: number, value: number])[];
  /** `manual`: the client gives credit only where a step does. */
  readonly windows?: "manual";
}

export interface H2Row extends RowTitle {
  /** "none": the row begins with nothing sent. */
  readonly opening?: Opening | "none";
  readonly send: readonly Step[];
  /** Every listed expectation is acceptable. */
  readonly expect: H2Expectation | readonly H2Expectation[];
  /** `default-frames`: the server's SETTINGS_MAX_FRAME_SIZE is 16 384. */
  readonly needs?: Capability | "tls" | "cleartext" | "default-frames";
}

export type H2SectionGroup = SectionGroup<H2Row>;

/**
 * Any applicable code may be used, and a generic one in place of any (RFC 9113 §5.4): what a row asks for at least is that
 * there is an error.
 */
const orAnyOther = (codes: readonly ErrorName[]): ErrorName[] => [
  ...codes,
  ...ERROR_NAMES.filter((code) => code !== "NO_ERROR" && !codes.includes(code)),
];

/** The connection goes on as if nothing had happened. */
export const ignores: H2Expectation = { then: "open" };

/** Responses by stream; the connection goes on. */
export const answersAll = (responses: Readonly<Record<number, ResponseExpectation>>): H2Expectation => ({
  responses,
  then: "open",
});

/** A response on one stream; the connection goes on. */
export function answersOn(stream: number, response: ResponseExpectation): H2Expectation {
  return { responses: { [stream]: response }, then: "open" };
}

/** A fixture file on stream 1. */
export function serves(file: string): H2Expectation {
  return answersOn(1, { status: 200, body: { file } });
}

/** The server closes, with or without a GOAWAY, which bears no other code. */
export function connectionError(...codes: ErrorName[]): H2Expectation {
  return { goaway: orAnyOther(codes), then: "closed" };
}

/** The stream is reset, or the error is treated as one of the connection (RFC 9113 §5.4.1). */
export function streamError(stream: number, ...codes: ErrorName[]): readonly H2Expectation[] {
  return [{ resets: { [stream]: orAnyOther(codes) }, then: "open" }, connectionError(...codes)];
}

interface Condition {
  /** What the client does, as a noun: "DATA on an idle stream". */
  readonly what: string;
  readonly section: string;
  readonly opening?: Opening | "none";
  readonly send: readonly Step[];
  readonly level?: Level;
  readonly needs?: H2Row["needs"];
}

const rowOf = ({
  section,
  opening,
  send,
  needs,
}: Condition): Pick<H2Row, "section" | "opening" | "send" | "needs"> => ({
  section,
  send,
  ...(opening === undefined ? {} : { opening }),
  ...(needs === undefined ? {} : { needs }),
});

/** Two rows: the connection ends; and GOAWAY says why (a SHOULD of RFC 9113 §5.4.1). */
export function isConnectionError(condition: Condition, code: ErrorName): H2Row[] {
  const row = rowOf(condition);
  return [
    {
      name: `treats ${condition.what} as a connection error`,
      level: condition.level ?? "must",
      ...row,
      expect: connectionError(code),
    },
    {
      name: `sends GOAWAY with ${code} for ${condition.what}`,
      level: condition.level === "choice" ? "choice" : "should",
      ...row,
      section: "RFC 9113 §5.4.1",
      expect: { goaway: [code], isAnnounced: true, then: "closed" },
    },
  ];
}

/** Two rows: the stream, or the connection, ends; and RST_STREAM with that code ends the stream alone. */
export function isStreamError(condition: Condition, code: ErrorName, stream = 1): H2Row[] {
  const row = rowOf(condition);
  return [
    {
      name: `treats ${condition.what} as a stream error`,
      level: condition.level ?? "must",
      ...row,
      expect: streamError(stream, code),
    },
    {
      name: `resets only the stream, with ${code}, for ${condition.what}`,
      level: "choice",
      ...row,
      section: "RFC 9113 §5.4.2",
      expect: { resets: { [stream]: [code] }, then: "open" },
    },
  ];
}

/**
 * Two rows: a malformed request is refused, be it by a response alone (RFC 9113 §8.1.1 lets one come, §8.2.1 asks for 400);
 * and the connection lives on.
 */
export function isMalformed(condition: Condition, stream = 1): H2Row[] {
  const row = rowOf(condition);
  const refusal: H2Expectation = answersOn(stream, { status: ["4xx", 501], interim: "any" });
  return [
    {
      name: `treats ${condition.what} as malformed`,
      level: condition.level ?? "must",
      ...row,
      expect: [...streamError(stream, "PROTOCOL_ERROR"), refusal],
    },
    {
      name: `refuses one request alone for ${condition.what}`,
      level: "choice",
      ...row,
      section: "RFC 9113 §5.4.2",
      expect: [{ resets: { [stream]: ["PROTOCOL_ERROR"] }, then: "open" }, refusal],
    },
  ];
}
