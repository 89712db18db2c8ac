/**
 * The life of a stream (RFC 9113 §5.1), as a server sees those of its client: which frame may come when, and what it is otherwise.
 *
 *                 Opened                PeerEnded
 *     Idle ──────────────────► Open ──────────────────► HalfClosedRemote
 *       │ a higher number        │ │                          │
 *       │ was opened     WeEnded │ │ PeerReset, WeReset       │ WeEnded
 *       ▼                        ▼ └─────────┐                ▼
 *     Skipped           HalfClosedLocal ─────┤ PeerEnded ─► Ended
 *                                            ▼
 *                               ResetByPeer, ResetByUs
 *
 * The RFC's closed state is four here, because what a late frame means depends on how the stream was closed: a client can't know
 * yet that we have reset it, but knows very well that it ended it. Nothing is ever pushed, so there is no reserved state, and the even
 * numbers are nobody's (`Foreign`).
 *
 * Keeps: a step that the table doesn't have is a bug of ours and throws; a frame that it refuses is the client's fault.
 */
import { assert } from "../assert.ts";
import { ErrorCode } from "./frame.ts";

export enum StreamState {
  Idle,
  Open,
  /** The client has ended its side: the request is whole. */
  HalfClosedRemote,
  /** The response is whole, and the request isn't. */
  HalfClosedLocal,
  /** Both sides have ended. */
  Ended,
  ResetByUs,
  ResetByPeer,
  /** Never used, and can't be any more (§5.1.1). */
  Skipped,
  /** A number that no client may use. */
  Foreign,
}

/** What becomes of a stream. */
export enum StreamStep {
  Opened,
  PeerEnded,
  PeerReset,
  WeEnded,
  WeReset,
}

/** Frames that are about one stream; DATA and HEADERS may also be a step, `PeerEnded`. */
export enum StreamFrame {
  Headers,
  Data,
  Priority,
  RstStream,
  WindowUpdate,
}

/** What becomes of a frame that has come. */
export enum Verdict {
  Take,
  /** It is too late, and no fault: what it says of the connection counts, the rest doesn't. */
  Drop,
  StreamError,
  ConnectionError,
}

export interface Reception {
  readonly verdict: Verdict;
  /** Of an error. */
  readonly code: ErrorCode;
}

const TAKE: Reception = { verdict: Verdict.Take, code: ErrorCode.NoError };
const DROP: Reception = { verdict: Verdict.Drop, code: ErrorCode.NoError };
const STREAM_CLOSED: Reception = { verdict: Verdict.StreamError, code: ErrorCode.StreamClosed };
const CONNECTION_CLOSED: Reception = { verdict: Verdict.ConnectionError, code: ErrorCode.StreamClosed };
const PROTOCOL: Reception = { verdict: Verdict.ConnectionError, code: ErrorCode.ProtocolError };

const S = StreamState;

/** By state and frame. The columns are those of `StreamFrame`: HEADERS, DATA, PRIORITY, RST_STREAM, WINDOW_UPDATE. */
export const RECEPTION: Readonly<Record<StreamState, readonly Reception[]>> = {
  [S.Idle]: [TAKE, PROTOCOL, TAKE, PROTOCOL, PROTOCOL],
  [S.Open]: [TAKE, TAKE, TAKE, TAKE, TAKE],
  [S.HalfClosedRemote]: [STREAM_CLOSED, STREAM_CLOSED, TAKE, TAKE, TAKE],
  [S.HalfClosedLocal]: [TAKE, TAKE, TAKE, TAKE, DROP],
  [S.Ended]: [CONNECTION_CLOSED, CONNECTION_CLOSED, TAKE, DROP, DROP],
  [S.ResetByUs]: [DROP, DROP, TAKE, DROP, DROP],
  [S.ResetByPeer]: [STREAM_CLOSED, STREAM_CLOSED, TAKE, DROP, DROP],
  [S.Skipped]: [PROTOCOL, PROTOCOL, TAKE, DROP, DROP],
  [S.Foreign]: [PROTOCOL, PROTOCOL, TAKE, PROTOCOL, PROTOCOL],
};

/** By step: the state after it. */
export const STREAM_STEPS: Readonly<Record<StreamStep, Partial<Record<StreamState, StreamState>>>> = {
  [StreamStep.Opened]: { [S.Idle]: S.Open },
  [StreamStep.PeerEnded]: { [S.Open]: S.HalfClosedRemote, [S.HalfClosedLocal]: S.Ended },
  [StreamStep.PeerReset]: {
    [S.Open]: S.ResetByPeer,
    [S.HalfClosedRemote]: S.ResetByPeer,
    [S.HalfClosedLocal]: S.ResetByPeer,
  },
  [StreamStep.WeEnded]: { [S.Open]: S.HalfClosedLocal, [S.HalfClosedRemote]: S.Ended },
  [StreamStep.WeReset]: {
    [S.Open]: S.ResetByUs,
    [S.HalfClosedRemote]: S.ResetByUs,
    [S.HalfClosedLocal]: S.ResetByUs,
  },
};

/** The state after a step. */
export function stepped(state: StreamState, step: StreamStep): StreamState {
  const next = STREAM_STEPS[step][state];
  assert(next !== undefined, `step ${StreamStep[step]} of a stream that is ${StreamState[state]}`);
  return next;
}
