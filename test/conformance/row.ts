/**
 * What a conformance row is: one exchange over raw TCP, as data.
 *
 * A row says which octets go in and what may come out. It names no server and touches no socket: `exchange.ts`
 * plays it, `judge.ts` compares, `report.ts` counts. Rows live in `cases/`, one file per section group.
 *
 * Octets are written as readable text (each UTF-16 unit below 256 is one octet) with visible `\r\n`, and with the
 * placeholders of `octet-text.ts`: `{host}`, `{etag /alphabet.txt}`, `{last-modified /alphabet.txt +60 rfc850}` …
 */

/**
 * must:   a MUST, MUST NOT or REQUIRED of the cited section, or a message that a server cannot avoid understanding.
 * should: a SHOULD, SHOULD NOT, RECOMMENDED or "ought to".
 * choice: the RFCs leave it open; this is the policy that we hold a file server to. Counted apart from the others.
 */
export type Level = "must" | "should" | "choice";

export const LEVELS: readonly Level[] = ["must", "should", "choice"];

/** Something that a server may lack without breaking a requirement; a row that `needs` it is then not applicable. */
export type Capability = "entity-tag" | "last-modified" | "byte-ranges" | "multipart-ranges" | "content-coding";

/** One thing to do on the connection, in order. Text is sent in one piece; two texts in a row are two TCP segments. */
export type Step =
  | string
  /** Wait until this many final responses have arrived in all. */
  | { readonly awaitResponses: number }
  /** Wait for an interim response; when a final one comes instead, the remaining steps are left out. */
  | { readonly awaitInterim: true }
  /** Nothing may arrive within this time. */
  | { readonly awaitSilenceMs: number }
  /** Shut down the sending side. */
  | { readonly halfClose: true };

export type Status = number | "2xx" | "3xx" | "4xx" | "5xx";

/** true: present. false: absent. Text: equal (placeholders expanded). RegExp: matches the combined value. */
export type FieldExpectation = boolean | string | RegExp;

export type BodyExpectation =
  | { readonly text: string }
  /** The content of a fixture file, whole or from `first` to `last` (inclusive). */
  | { readonly file: string; readonly first?: number; readonly last?: number }
  /** The content of a fixture file after the content coding named by Content-Encoding has been removed. */
  | { readonly decodedFile: string }
  /** A multipart/byteranges body with exactly these parts of a fixture file, in any order. */
  | { readonly parts: readonly (readonly [first: number, last: number])[]; readonly file: string }
  /** The content does not contain this text. */
  | { readonly without: string };

export interface ResponseExpectation {
  readonly status: Status | readonly Status[];
  readonly fields?: Readonly<Record<string, FieldExpectation>>;
  readonly body?: BodyExpectation;
  /** The statuses of the interim responses before it; none may come unless they are named here. */
  readonly interim?: readonly number[] | "any";
  /** Such as `HTTP/1.1`. */
  readonly version?: string;
  /** A named check of `checks.ts`, for what fields and body cannot say. */
  readonly check?: CheckName;
  /** The fixture file that `check` compares with. */
  readonly file?: string;
}

export type CheckName =
  | "date-is-now"
  | "status-line-has-both-spaces"
  | "last-modified-not-after-date"
  | "location-is-directory"
  | "same-fields-as-previous"
  | "same-content-length-as-previous"
  | "etag-differs-from-previous"
  | "same-etag-as-previous"
  | "content-length-is-of-file"
  | "self-delimited"
  | "fields-as-if-200"
  | "vary-covers-accept-encoding"
  | "not-much-longer-than-file"
  | "has-content"
  | "entity-tag-is-well-formed"
  | "allow-covers-get-and-head"
  | "location-stays-on-host";

/**
 * What becomes of the connection after the responses.
 * open:       a further request is answered. closed: the server closes without being asked.
 * either:     a further request is answered in step, or the connection is closed; never an answer to something else.
 * waiting:    the server waits for more of the message; nothing further arrives for a while, whether it closes or not.
 */
export type Aftermath = "open" | "closed" | "either" | "waiting";

export interface Expectation {
  /** Final responses, in order and all of them. */
  readonly responses: readonly ResponseExpectation[];
  readonly then: Aftermath;
}

/** What every row has, whatever it is played over. */
export interface RowTitle {
  /** A sentence in RFC words whose subject is "the server". */
  readonly name: string;
  /** Such as `RFC 9112 §6.3`. */
  readonly section: string;
  readonly level: Level;
}

export interface Row extends RowTitle {
  readonly send: string | readonly Step[];
  /** Every listed expectation is acceptable. */
  readonly expect: Expectation | readonly Expectation[];
  /** Which final responses (from 0) answer HEAD; by default the first one if the octets start with `HEAD `. */
  readonly head?: readonly number[];
  readonly needs?: Capability;
}

export interface SectionGroup<R extends RowTitle = Row> {
  /** Such as `RFC 9112 §6 message body`. */
  readonly title: string;
  readonly rows: readonly R[];
}

/** A request in origin-form with Host: `request("GET /alphabet.txt", "Range: bytes=0-4")`. */
export function request(methodAndTarget: string, ...fieldLines: string[]): string {
  const lines = [`${methodAndTarget} HTTP/1.1`, "Host: {host}", ...fieldLines];
  return lines.join("\r\n") + "\r\n\r\n";
}

/** One final response; the connection may persist or close, but stays in step. */
export function answers(
  status: Status | readonly Status[],
  fields?: Readonly<Record<string, FieldExpectation>>,
  more: Omit<ResponseExpectation, "status" | "fields"> & { readonly then?: Aftermath } = {},
): Expectation {
  const { then = "either", ...rest } = more;
  return { responses: [{ status, ...(fields ? { fields } : {}), ...rest }], then };
}

/** One final response with the whole of a fixture file. */
export function serves(file: string, then: Aftermath = "either"): Expectation {
  return { responses: [{ status: 200, body: { file } }], then };
}

/** One final response with an error status, after which the server closes. */
export function refuses(...status: Status[]): Expectation {
  return { responses: [{ status }], then: "closed" };
}

/** Any final status: for rows that are about framing and not about what is answered. */
export const ANY: readonly Status[] = ["2xx", "3xx", "4xx", "5xx"];

/** A request after which the connection is known to be in step, or to be closed. */
export const PROBE: string = request("GET /probe.txt", "Connection: close");
export const PROBE_CONTENT = "probe\n";

/** What follows a message whose end is in question: if the server reads on, this must be the next thing it reads. */
export const FOLLOW_UP: string = request("GET /alphabet.txt");

/** A request to be hidden inside a message body; its content must never appear. No placeholder, so its length is known. */
export const SMUGGLED: string = "GET /smuggled.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
export const SMUGGLED_OCTETS: number = SMUGGLED.length;

/** The message body was consumed, so that `FOLLOW_UP` is answered, or the connection was closed after the response. */
export function consumesOrCloses(status: Status | readonly Status[] = ANY): readonly Expectation[] {
  return [
    {
      responses: [
        { status, interim: "any", body: { without: "smuggled" } },
        { status: 200, body: { file: "/alphabet.txt" } },
      ],
      then: "either",
    },
    { responses: [{ status, interim: "any", body: { without: "smuggled" } }], then: "closed" },
  ];
}

/** At most the message itself is answered and perhaps its broken body; nothing after it is ever taken for a request. */
export const neverReadsOn: readonly Expectation[] = [
  { responses: [{ status: ANY, interim: "any", body: { without: "smuggled" } }], then: "closed" },
  { responses: [{ status: ANY, interim: "any", body: { without: "smuggled" } }, { status: "4xx" }], then: "closed" },
  { responses: [], then: "closed" },
];

/** The server closes without any response. */
export const closesSilently: Expectation = { responses: [], then: "closed" };
