import { afterEach, describe, expect, test } from "bun:test";
import { paint } from "../../src/cli/output.ts";

const { NO_COLOR, TERM } = process.env;
afterEach(() => {
  restore("NO_COLOR", NO_COLOR);
  restore("TERM", TERM);
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

describe("paint", () => {
  test.each<[string, boolean | undefined, string | undefined, string, boolean]>([
    ["a terminal", true, undefined, "xterm", true],
    ["a terminal with an empty NO_COLOR", true, "", "xterm", true],
    ["a terminal with NO_COLOR", true, "1", "xterm", false],
    ["a dumb terminal", true, undefined, "dumb", false],
    ["a file or pipe", undefined, undefined, "xterm", false],
    ["no terminal", false, undefined, "xterm", false],
  ])("%s", (_, isTTY, noColor, term, isPainted) => {
    restore("NO_COLOR", noColor);
    restore("TERM", term);
    expect(paint({ isTTY }, "a", "1")).toBe(isPainted ? "\u001b[1ma\u001b[0m" : "a");
  });
});
