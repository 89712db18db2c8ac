import { expect, test } from "bun:test";
import { CONNECTION_NEXT, ConnectionState, isStep } from "../../src/worker/connection-state.ts";

const STATES = Object.values(ConnectionState).filter((state) => typeof state === "number");

test("isStep says what the table says, for every pair", () => {
  for (const from of STATES) {
    for (const to of STATES) {
      expect(isStep(from, to)).toBe(from === to || CONNECTION_NEXT[from].includes(to));
    }
  }
});

test("every state can be left for Closing, and Closing for nothing", () => {
  for (const state of STATES) {
    if (state !== ConnectionState.Closing) expect(CONNECTION_NEXT[state]).toContain(ConnectionState.Closing);
  }
  expect(CONNECTION_NEXT[ConnectionState.Closing]).toEqual([]);
});

test("every state is reached from Idle", () => {
  const reached = new Set([ConnectionState.Idle]);
  for (const state of reached) for (const next of CONNECTION_NEXT[state]) reached.add(next);
  expect([...reached].sort()).toEqual(STATES);
});
