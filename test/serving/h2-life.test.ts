import { describe, expect, test } from "bun:test";
import { H2Life, Phase, Step, STEPS, Wait } from "../../src/serving/h2-life.ts";

const valuesOf = <E extends number>(names: object): E[] =>
  Object.values(names).filter((value): value is E => typeof value === "number");
const phases = valuesOf<Phase>(Phase);
const steps = valuesOf<Step>(Step);

function lifeIn(phase: Phase): H2Life {
  const life = new H2Life();
  life.phase = phase;
  return life;
}

test("every step from every phase leads where the table says, or throws", () => {
  for (const step of steps) {
    for (const phase of phases) {
      const life = lifeIn(phase);
      const next = STEPS[step][phase];
      if (next === undefined) {
        expect(() => life.step(step)).toThrow(`step ${Step[step]} of a connection in ${Phase[phase]}`);
      } else {
        life.step(step);
        expect(life.phase).toBe(next);
      }
    }
  }
});

test("no step leads back, and every phase can be left for the end", () => {
  for (const step of steps) {
    for (const [from, to] of Object.entries(STEPS[step])) expect(to).toBeGreaterThanOrEqual(Number(from));
  }
  for (const phase of phases) expect(STEPS[Step.Closed][phase]).toBe(Phase.Gone);
});

describe("what is waited for", () => {
  interface State {
    readonly isBlocked?: boolean;
    readonly hasPeerEnded?: boolean;
    readonly isInHead?: boolean;
    readonly isBusy?: boolean;
  }

  const rows: readonly (readonly [Phase, State, Wait])[] = [
    [Phase.Preface, {}, Wait.Preface],
    [Phase.Preface, { isBlocked: true }, Wait.Client],
    [Phase.Open, {}, Wait.NextRequest],
    [Phase.Open, { isInHead: true }, Wait.Head],
    [Phase.Open, { isInHead: true, isBusy: true }, Wait.Head],
    [Phase.Open, { isBusy: true }, Wait.Streams],
    [Phase.Open, { isBusy: true, isBlocked: true, isInHead: true }, Wait.Client],
    [Phase.Open, { hasPeerEnded: true }, Wait.Nothing],
    [Phase.Open, { hasPeerEnded: true, isBusy: true }, Wait.Streams],
    [Phase.Leaving, {}, Wait.Announcement],
    [Phase.Leaving, { isBusy: true }, Wait.Streams],
    [Phase.Leaving, { isInHead: true }, Wait.Head],
    [Phase.Last, {}, Wait.Nothing],
    [Phase.Last, { isInHead: true }, Wait.Nothing],
    [Phase.Last, { isBusy: true }, Wait.Streams],
    [Phase.Last, { isBlocked: true }, Wait.Client],
    [Phase.Goodbye, {}, Wait.Goodbye],
    [Phase.Goodbye, { isBusy: true, isBlocked: true }, Wait.Goodbye],
  ];

  test.each(
    rows.map(([phase, state, wait]) => [Phase[phase]!, JSON.stringify(state), Wait[wait]!, phase, state] as const),
  )(
    "in %s, with %s: %s",
    (_name, _state, wait, phase, { isBlocked = false, hasPeerEnded = false, isInHead = false, isBusy = false }) => {
      const life = lifeIn(phase);
      life.isBlocked = isBlocked;
      life.hasPeerEnded = hasPeerEnded;
      expect(Wait[life.waitWith(isInHead, isBusy)]).toBe(wait);
    },
  );
});
