import { describe, expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import { watchSignals } from "../../src/master/signals.ts";

function recorder() {
  const seen: string[] = [];
  const note = (name: string) => () => void seen.push(name);
  return {
    seen,
    handlers: {
      stop: note("stop"),
      stopNow: note("stopNow"),
      reload: note("reload"),
      logStatistics: note("logStatistics"),
      reopenLogs: note("reopenLogs"),
      upgrade: note("upgrade"),
    },
  };
}

describe("watchSignals", () => {
  test.each([
    [["SIGTERM"], ["stop"]],
    [["SIGINT"], ["stop"]],
    [["SIGURG"], ["upgrade"]],
    [
      ["SIGTERM", "SIGTERM"],
      ["stop", "stopNow"],
    ],
    [
      ["SIGINT", "SIGTERM", "SIGINT"],
      ["stop", "stopNow", "stopNow"],
    ],
    [
      ["SIGHUP", "SIGHUP"],
      ["reload", "reload"],
    ],
    [
      ["SIGUSR1", "SIGUSR2"],
      ["logStatistics", "reopenLogs"],
    ],
    [
      ["SIGHUP", "SIGTERM", "SIGHUP"],
      ["reload", "stop", "reload"],
    ],
    [["SIGWINCH"], []],
  ])("%j: %j", (signals, actions) => {
    for (const split of signals.keys()) {
      const source = new EventEmitter();
      const { seen, handlers } = recorder();
      using watch = watchSignals(source);
      signals.slice(0, split).forEach((signal) => source.emit(signal));
      expect(seen).toEqual([]);
      watch.deliver(handlers);
      signals.slice(split).forEach((signal) => source.emit(signal));
      expect(seen).toEqual(actions);
    }
  });

  test("gives the signals back", () => {
    const source = new EventEmitter();
    watchSignals(source)[Symbol.dispose]();
    expect(source.eventNames()).toEqual([]);
  });
});
