import { describe, expect, test } from "bun:test";
import { ErrorCode } from "../../src/http2/frame.ts";
import {
  RECEPTION,
  STREAM_STEPS,
  stepped,
  StreamFrame,
  StreamState,
  StreamStep,
  Verdict,
} from "../../src/http2/stream-state.ts";

const valuesOf = <E extends number>(names: object): E[] =>
  Object.values(names).filter((value): value is E => typeof value === "number");
const states = valuesOf<StreamState>(StreamState);
const steps = valuesOf<StreamStep>(StreamStep);
const frames = valuesOf<StreamFrame>(StreamFrame);

test("every step from every state leads where the table says, or throws", () => {
  for (const step of steps) {
    for (const state of states) {
      const next = STREAM_STEPS[step][state];
      if (next === undefined) {
        expect(() => stepped(state, step)).toThrow(
          `step ${StreamStep[step]} of a stream that is ${StreamState[state]}`,
        );
      } else expect(stepped(state, step)).toBe(next);
    }
  }
});

test("a closed stream takes no step", () => {
  for (const state of [StreamState.Ended, StreamState.ResetByPeer, StreamState.ResetByUs, StreamState.Skipped]) {
    for (const step of steps) expect(STREAM_STEPS[step][state]).toBeUndefined();
  }
});

/** RFC 9113 §5.1, state by state: what may come, and what it is otherwise. */
const EXPECTED: readonly (readonly [StreamState, readonly string[]])[] = [
  [
    StreamState.Idle,
    ["Take", "ConnectionError ProtocolError", "Take", "ConnectionError ProtocolError", "ConnectionError ProtocolError"],
  ],
  [StreamState.Open, ["Take", "Take", "Take", "Take", "Take"]],
  [StreamState.HalfClosedRemote, ["StreamError StreamClosed", "StreamError StreamClosed", "Take", "Take", "Take"]],
  [StreamState.HalfClosedLocal, ["Take", "Take", "Take", "Take", "Drop"]],
  [StreamState.Ended, ["ConnectionError StreamClosed", "ConnectionError StreamClosed", "Take", "Drop", "Drop"]],
  [StreamState.ResetByUs, ["Drop", "Drop", "Take", "Drop", "Drop"]],
  [StreamState.ResetByPeer, ["StreamError StreamClosed", "StreamError StreamClosed", "Take", "Drop", "Drop"]],
  [StreamState.Skipped, ["ConnectionError ProtocolError", "ConnectionError ProtocolError", "Take", "Drop", "Drop"]],
  [
    StreamState.Foreign,
    [
      "ConnectionError ProtocolError",
      "ConnectionError ProtocolError",
      "Take",
      "ConnectionError ProtocolError",
      "ConnectionError ProtocolError",
    ],
  ],
];

describe("what a frame is in a stream that is", () => {
  test.each(EXPECTED.map(([state, row]) => [StreamState[state]!, state, row] as const))("%s", (_name, state, row) => {
    expect(RECEPTION[state]).toHaveLength(frames.length);
    const actual = RECEPTION[state].map(({ verdict, code }) =>
      code === ErrorCode.NoError ? Verdict[verdict]! : `${Verdict[verdict]} ${ErrorCode[code]}`,
    );
    expect(actual).toEqual([...row]);
  });

  test("every state has a row", () => {
    expect(EXPECTED.map(([state]) => state)).toEqual(states);
  });
});
