import { expect, test } from "bun:test";
import { SUPERVISOR_NEXT, SupervisorState } from "../../src/master/supervisor-state.ts";

const { Serving, LettingGo, Killing } = SupervisorState;

test("every state is named, only Killing has no way out, and only LettingGo a way back", () => {
  for (const [key, next] of Object.entries(SUPERVISOR_NEXT)) {
    const state = Number(key) as SupervisorState;
    expect(SupervisorState[state]).toBeString();
    expect(next.length > 0).toBe(state !== Killing);
    expect(next.filter((later) => later < state)).toEqual(state === LettingGo ? [Serving] : []);
    // However things stand, all can be killed.
    expect(state === Killing || next.includes(Killing)).toBe(true);
  }
});
