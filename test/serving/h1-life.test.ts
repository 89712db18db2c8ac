import { describe, expect, test } from "bun:test";
import { H1Life, JOINT_STATES, Reading, Step, STEPS, Wait, Writing } from "../../src/serving/h1-life.ts";

const steps = Object.values(Step).filter((step): step is Step => typeof step === "number");
const readings = Object.values(Reading).filter((state): state is Reading => typeof state === "number");
const writings = Object.values(Writing).filter((state): state is Writing => typeof state === "number");

function lifeIn(reading: Reading, writing: Writing): H1Life {
  const life = new H1Life();
  life.begin(reading, writing);
  return life;
}

describe("every step from every pair of states", () => {
  test.each(steps.map((step) => [Step[step]!, step] as const))("%s", (_name, step) => {
    const row = STEPS[step];
    for (const [reading, writing] of JOINT_STATES) {
      const life = lifeIn(reading, writing);
      const to = [row.reading[reading], row.writing[writing]] as const;
      const isLegal = JOINT_STATES.some(([r, w]) => r === to[0] && w === to[1]);
      if (isLegal) {
        life.step(step);
        expect([life.reading, life.writing]).toEqual([to[0]!, to[1]!]);
      } else {
        expect(() => life.step(step)).toThrow(`no step ${Step[step]} from ${Reading[reading]}, ${Writing[writing]}`);
        expect([life.reading, life.writing]).toEqual([reading, writing]);
      }
    }
  });
});

test("every pair of states is reached from a connection's beginning, with and without a preface", () => {
  const reached = new Map<string, readonly [Reading, Writing]>();
  const visit = (reading: Reading, writing: Writing): void => {
    const name = `${Reading[reading]}, ${Writing[writing]}`;
    if (reached.has(name)) return;
    reached.set(name, [reading, writing]);
    for (const step of steps) {
      const life = lifeIn(reading, writing);
      try {
        life.step(step);
      } catch {
        continue;
      }
      visit(life.reading, life.writing);
    }
  };
  visit(Reading.Preface, Writing.Idle);
  expect([...reached.keys()].sort()).toEqual(JOINT_STATES.map(([r, w]) => `${Reading[r]}, ${Writing[w]}`).sort());
});

test("every pair of states can be left for the end, and the end for nothing else", () => {
  for (const [reading, writing] of JOINT_STATES) {
    const life = lifeIn(reading, writing);
    life.step(Step.Closed);
    expect(life.name).toBe("Ended, Closed");
    expect(life.isOpen).toBe(false);
  }
  for (const step of steps) {
    const life = lifeIn(Reading.Ended, Writing.Closed);
    if (step === Step.Closed) life.step(step);
    else expect(() => life.step(step)).toThrow();
  }
});

test("what can be waited for has a deadline: only two pairs are left within their event", () => {
  const passing = JOINT_STATES.filter(([, , wait]) => wait === Wait.Nothing).map(([r, w]) => [r, w]);
  expect(passing).toEqual([
    [Reading.Held, Writing.Idle],
    [Reading.Ended, Writing.Idle],
  ]);
});

test("a client that doesn't take what it has asked for is not read from, unless an application reads on", () => {
  for (const [reading, writing, , reads] of JOINT_STATES) {
    if (writing === Writing.Blocked) expect(reads).toBe(false);
    if (writing === Writing.Stalled) expect(reads).toBe(reading === Reading.Content);
  }
});

test("a pipelined pair answered at once, with a client that is slow for a moment", () => {
  const life = new H1Life();
  life.begin();
  expect(life.wait).toBe(Wait.FirstRequest);
  life.step(Step.Answered);
  life.step(Step.Answered);
  expect(life.wait).toBe(Wait.NextRequest);
  life.step(Step.Short);
  expect([life.wait, life.reads, life.isBlocked]).toEqual([Wait.Client, false, true]);
  life.step(Step.Taken);
  expect([life.wait, life.reads, life.isBlocked]).toEqual([Wait.NextRequest, true, false]);
});

test("content piped to an application that answers while it reads", () => {
  const life = new H1Life();
  life.begin();
  life.step(Step.HeadBegun);
  expect(life.wait).toBe(Wait.Head);
  life.step(Step.ContentBegun);
  life.step(Step.Handed);
  life.step(Step.Paused);
  expect([life.wait, life.reads]).toEqual([Wait.Application, false]);
  life.step(Step.Resumed);
  expect([life.wait, life.reads]).toEqual([Wait.Content, true]);
  life.step(Step.Short);
  expect([life.wait, life.reads, life.isOwed]).toEqual([Wait.Client, true, true]);
  life.step(Step.Whole);
  life.step(Step.Taken);
  expect(life.wait).toBe(Wait.Application);
  life.step(Step.Replied);
  expect(life.wait).toBe(Wait.NextRequest);
});

test("a state outside the tables doesn't pass for one", () => {
  const pairs = readings.flatMap((reading) => writings.map((writing) => [reading, writing] as const));
  const known = new Set(JOINT_STATES.map(([r, w]) => `${r} ${w}`));
  expect(known.size).toBe(JOINT_STATES.length);
  expect(pairs.length).toBeGreaterThan(known.size);
});
