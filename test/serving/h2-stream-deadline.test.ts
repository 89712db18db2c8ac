import { describe, expect, test } from "bun:test";
import { H2StreamDeadline, StreamWait } from "../../src/serving/h2-stream-deadline.ts";
import { TimerWheel } from "../../src/socket/timer-wheel.ts";
import { Seconds } from "../../src/units.ts";

function scene(receiveRateMin = 1, sendRateMin = 0) {
  const wheel = new TimerWheel();
  const stream = {
    wait: StreamWait.None,
    octetsMoved: 0,
    late: (wait: StreamWait) => void lates.push(StreamWait[wait]!),
  };
  const lates: string[] = [];
  const deadline = new H2StreamDeadline(
    { wheel, timeouts: { contentSeconds: Seconds(10), receiveRateMin, sendRateMin } },
    stream,
  );
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second++) wheel.advance();
  };
  return { wheel, stream, lates, deadline, pass };
}

describe("a stream's deadline", () => {
  test("doesn't run while nothing is waited for", () => {
    const { deadline, lates, pass } = scene();
    deadline.settle();
    pass(100);
    expect(lates).toEqual([]);
  });

  test("runs from when the wait began, not from the last octet", () => {
    const { deadline, lates, pass, stream } = scene();
    stream.wait = StreamWait.Content;
    for (let second = 0; second < 11; second++) {
      deadline.settle();
      pass(1);
    }
    expect(lates).toEqual(["Content"]);
  });

  test("is put off by a whole period's rate", () => {
    const { deadline, lates, pass, stream } = scene(10);
    stream.wait = StreamWait.Content;
    deadline.settle();
    for (let period = 0; period < 3; period++) {
      pass(5);
      stream.octetsMoved += 100;
      pass(6);
    }
    expect(lates).toEqual([]);
    stream.octetsMoved += 99;
    pass(11);
    expect(lates).toEqual(["Content"]);
  });

  test("of another wait begins anew", () => {
    const { deadline, lates, pass, stream } = scene();
    stream.wait = StreamWait.Content;
    deadline.settle();
    pass(9);
    stream.wait = StreamWait.Window;
    deadline.settle();
    pass(9);
    expect(lates).toEqual([]);
    pass(3);
    expect(lates).toEqual(["Window"]);
  });

  test("ends with the wait, and with the stream", () => {
    const { deadline, lates, pass, stream } = scene();
    stream.wait = StreamWait.Window;
    deadline.settle();
    stream.wait = StreamWait.None;
    pass(20);
    stream.wait = StreamWait.Window;
    deadline.settle();
    deadline.end();
    pass(20);
    expect(lates).toEqual([]);
  });
});
