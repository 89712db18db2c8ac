import { describe, expect, test } from "bun:test";
import { octetsOf } from "../../src/http/octets.ts";
import { isIncremental, parsePriority, urgencyOf } from "../../src/http2/priority.ts";

function priorityText(value: string): string {
  const octets = octetsOf(`,u=7,${value}, i, u=0`);
  const priority = parsePriority(octets, 5, 5 + value.length);
  return `${urgencyOf(priority)}${isIncremental(priority) ? " i" : ""}`;
}

describe("a Priority field", () => {
  test.each([
    ["", "3"],
    ["u=0", "0"],
    ["u=7", "7"],
    ["i", "3 i"],
    ["i=?1", "3 i"],
    ["i=?0", "3"],
    ["u=5, i", "5 i"],
    ["u=5,i", "5 i"],
    ["u=5 , \t i", "5 i"],
    ["  u=5", "5"],
    ["u=1, u=2", "2"],
    ["i, i=?0", "3"],
    ["u=2;foo=bar;baz", "2"],
    ["i;a=1, u=4", "4 i"],
    ["i=?1;a", "3 i"],
    ["x=(1 2 3), u=1", "1"],
    ['x="a, u=5\\", b", u=1', "1"],
    ["*x_-.1=:AA==:, u=6", "6"],
    // Of another type or out of range: ignored (RFC 9218 §4).
    ["u=8", "3"],
    ["u=-1", "3"],
    ["u=10", "3"],
    ["u=1.0", "3"],
    ["u=?1", "3"],
    ['u="1"', "3"],
    ["u", "3"],
    ["u=, i", "3 i"],
    ["i=1", "3"],
    ["i=?2", "3"],
    // No Dictionary: nothing of it counts.
    ["u=1,", "3"],
    [",u=1", "3"],
    ["u=1 i", "3"],
    ["U=1", "3"],
    ["u=1, =2", "3"],
    ['u=1, x="', "3"],
    ["u=1, x=(1", "3"],
    ["u=1, x=1)", "3"],
  ])("%p", (value, expected) => {
    expect(priorityText(value)).toBe(expected);
  });
});
