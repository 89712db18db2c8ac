import { expect, test } from "bun:test";
import { headOf } from "./support/head-result.ts";

const persistent = (version: string, ...values: string[]) =>
  headOf(`GET / ${version}\r\nHost: a\r\n${values.map((value) => `Connection: ${value}\r\n`).join("")}\r\n`).persistent;

// What HTTP/1.1 and HTTP/1.0 make of the same lines (RFC 9112 §9.3).
test.each([
  ["nothing", [], true, false],
  ["an empty value", [""], true, false],
  ["keep-alive", ["keep-alive"], true, true],
  ["Keep-Alive", ["Keep-Alive"], true, true],
  ["close", ["close"], false, false],
  ["CLOSE", ["CLOSE"], false, false],
  ["close in a list", ["x, close ,y"], false, false],
  ["close last, after HTAB", ["x,\tclose"], false, false],
  ["close on another line", ["x", "close"], false, false],
  ["close after keep-alive", ["keep-alive, close"], false, false],
  ["close before keep-alive", ["close, keep-alive"], false, false],
  ["close and keep-alive on two lines", ["keep-alive", "close"], false, false],
  ["keep-alive in a list", ["Upgrade, keep-alive"], true, true],
  ["keep-alive on another line", ["x", "y, keep-alive"], true, true],
  ["empty elements", [", ,,close,"], false, false],
  ["upgrade", ["upgrade"], true, false],
  ["what begins with close", ["closed"], true, false],
  ["what ends with close", ["disclose"], true, false],
  ["what begins with keep-alive", ["keep-alive2"], true, false],
  ["close with a parameter", ["close;q=1"], true, false],
  ["close in quotation marks", ['"close"'], true, false],
  ["SP instead of a comma", ["keep-alive close"], true, false],
])("%s", (_what, values, in11, in10) => {
  expect([persistent("HTTP/1.1", ...values), persistent("HTTP/1.0", ...values)]).toEqual([in11, in10]);
});

test("Keep-Alive and Proxy-Connection are no Connection", () => {
  const head = headOf("GET / HTTP/1.0\r\nKeep-Alive: 300\r\nProxy-Connection: keep-alive\r\n\r\n");
  expect(head.persistent).toBe(false);
});
