import { describe, expect, test } from "bun:test";
import { Admission, type Task } from "../../src/serving/admission.ts";

function makeTasks(count: number) {
  const started: number[] = [];
  const tasks: Task[] = Array.from({ length: count }, (_, index) => ({ start: () => started.push(index) }));
  return { started, tasks };
}

describe("Admission", () => {
  test("starts as many as there are places, queues as many as the ring holds, and refuses the rest", () => {
    const { started, tasks } = makeTasks(6);
    const admission = new Admission(2, 3);
    expect(tasks.map((task) => admission.admit(task))).toEqual([true, true, true, true, true, false]);
    expect(started).toEqual([0, 1]);
    expect(admission.active).toBe(2);
    expect(admission.waiting).toBe(3);
  });

  test("first come, first served, however often the ring goes round", () => {
    const { started, tasks } = makeTasks(100);
    const admission = new Admission(1, 4);
    let next = 0;
    for (const task of tasks) {
      if (admission.waiting === 4) {
        admission.release();
        next++;
      }
      expect(admission.admit(task)).toBe(true);
    }
    while (next++ < 100) admission.release();
    expect(started).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(admission.active).toBe(0);
    expect(admission.waiting).toBe(0);
  });

  test("without a ring nothing waits", () => {
    const { tasks } = makeTasks(2);
    const admission = new Admission(1, 0);
    expect(tasks.map((task) => admission.admit(task))).toEqual([true, false]);
    admission.release();
    expect(admission.admit(tasks[1]!)).toBe(true);
  });
});
